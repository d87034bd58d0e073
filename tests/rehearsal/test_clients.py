"""Clients that know nothing of the rehearsal: boto3's helpers, the AWS CLI, the SageMaker SDK."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal.conftest import (
    BUCKET,
    INSTANCE,
    ROLE,
    SCIKIT_LEARN,
    Prepared,
)

SOON = {"Delay": 1, "MaxAttempts": 120}
TRANSFORM = {
    "TransformInput": {
        "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/unlabelled/"}
        },
        "ContentType": "text/csv",
        "SplitType": "Line",
    },
    "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/scored", "AssembleWith": "Line"},
    "TransformResources": INSTANCE,
}


def upload_inputs(s3: Any, prepared: Prepared) -> str:
    """What the jobs of these tests read. Returns the only row of the transform job's."""
    row = prepared.shards[2][0].partition(",")[2]
    s3.put_object(Bucket=BUCKET, Key="unlabelled/rows.csv", Body=f"{row}\n")
    s3.put_object(Bucket=BUCKET, Key="program/hello.py", Body="print('hello')\n")
    return row


@pytest.fixture(scope="module")
def row(s3: Any, prepared: Prepared) -> str:
    return upload_inputs(s3, prepared)


@pytest.fixture(scope="module")
def served(sagemaker: Any, model: str) -> Iterator[str]:
    """An endpoint that boto3's waiter saw come into service, and sees go away."""
    variant = {"VariantName": "one", "ModelName": model, "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName="clients",
        ProductionVariants=[{**variant, "InstanceType": INSTANCE["InstanceType"]}],
    )
    tags = [{"Key": "team", "Value": "flights"}]
    arn = sagemaker.create_endpoint(
        EndpointName="clients", EndpointConfigName="clients", Tags=tags
    )["EndpointArn"]
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="clients", WaiterConfig=SOON)
    yield "clients"
    sagemaker.delete_endpoint(EndpointName="clients")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="clients", WaiterConfig=SOON)
    assert not sagemaker.list_endpoints(NameContains="clients")["Endpoints"]


def test_boto3_waits_for_every_kind_of_job_and_pages_through_each(
    sagemaker: Any, artifact: str, model: str, name: str, row: str
) -> None:
    sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=ROLE,
        AppSpecification={
            "ImageUri": SCIKIT_LEARN,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/program/hello.py"],
        },
        ProcessingResources={"ClusterConfig": {**INSTANCE, "VolumeSizeInGB": 10}},
        ProcessingInputs=[
            {
                "InputName": "program",
                "S3Input": {
                    "S3Uri": f"s3://{BUCKET}/program/",
                    "LocalPath": "/opt/ml/processing/input/program",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
    )
    sagemaker.create_transform_job(TransformJobName=name, ModelName=model, **TRANSFORM)
    jobs = (("training", "artifact"), ("processing", name), ("transform", name))
    for kind, job in jobs:
        members = {f"{kind.capitalize()}JobName": job}
        waiter = sagemaker.get_waiter(f"{kind}_job_completed_or_stopped")
        waiter.wait(**members, WaiterConfig=SOON)
        described = getattr(sagemaker, f"describe_{kind}_job")(**members)
        assert described[f"{kind.capitalize()}JobStatus"] == "Completed", described
        pages = sagemaker.get_paginator(f"list_{kind}_jobs").paginate(
            NameContains=job, PaginationConfig={"PageSize": 1}
        )
        found = list(pages.search(f"{kind.capitalize()}JobSummaries[]"))
        assert [summary[f"{kind.capitalize()}JobName"] for summary in found] == [job]


Aws = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def aws(account: Account) -> Aws:
    """Runs the AWS CLI on the account, as a shell after `lifecycle env` would."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "awscli", *arguments],
            env={**variables, **account.environment(), "AWS_PAGER": ""},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def said(process: subprocess.CompletedProcess[str]) -> Any:
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout) if process.stdout else None


def test_the_aws_cli_makes_lists_waits_and_invokes(
    aws: Aws, artifact: str, served: str, name: str, row: str, tmp_path: Path
) -> None:
    create = ("create-model-package-group", f"--model-package-group-name={name}")
    made = said(aws("sagemaker", *create, "--tags", "Key=team,Value=flights"))
    tags = said(aws("sagemaker", "list-tags", "--resource-arn", made["ModelPackageGroupArn"]))
    assert tags == {"Tags": [{"Key": "team", "Value": "flights"}]}
    wait = ("wait", "training-job-completed-or-stopped", "--training-job-name", "artifact")
    said(aws("sagemaker", *wait))
    query = ("--name-contains", "artifact", "--query", "TrainingJobSummaries[].TrainingJobStatus")
    assert said(aws("sagemaker", "list-training-jobs", "--page-size", "1", *query)) == ["Completed"]
    body, answer = tmp_path / "row.csv", tmp_path / "answer"
    body.write_text(row)
    metadata = said(
        aws(
            "sagemaker-runtime",
            "invoke-endpoint",
            f"--endpoint-name={served}",
            "--content-type=text/csv",
            f"--body=fileb://{body}",
            str(answer),
        )
    )
    assert metadata["InvokedProductionVariant"] == "one"
    assert 0 <= float(answer.read_text()) <= 1


def test_the_aws_cli_says_what_is_not_available(aws: Aws) -> None:
    process = aws("sagemaker", "list-labeling-jobs")
    assert process.returncode != 0
    assert "UnknownOperationException" in process.stderr
    assert "ListLabelingJobs is not available in the rehearsal" in process.stderr
