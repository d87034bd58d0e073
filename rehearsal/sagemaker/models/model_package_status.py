"""How a model package without a group comes to its last status.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageStatusDetails.html
"""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.jobs.s3_data import split_uri

BEGUN = ("Pending", "InProgress")


def final_status(s3: Any, record: Record) -> Record:
    """The members of a package that say whether the data of its model is there.

    AWS scans the images too; in the rehearsal an image is a local program.
    """
    problem = ""
    for container in record["InferenceSpecification"].get("Containers", []):
        uri = container.get("ModelDataUrl", "")
        if uri.startswith("s3://") and not problem:
            problem = _problem(s3, uri)
    status = "Failed" if problem else "Completed"
    item = {"Name": record["Name"], "Status": status}
    if problem:
        item["FailureReason"] = problem
    return {
        "ModelPackageStatus": status,
        "ModelPackageStatusDetails": {"ValidationStatuses": [item], "ImageScanStatuses": []},
    }


def _problem(s3: Any, uri: str) -> str:
    bucket, key = split_uri(uri)
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except (ClientError, BotoCoreError):
        return f"Could not find model data at {uri}."
    return ""
