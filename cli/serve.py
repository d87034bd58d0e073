"""What `lifecycle serve` serves: the model of a candidate's newest training job."""

from typing import Any

import boto3

from cli import execution
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.prepared_data import sample_row
from cli.temporary_endpoint import TemporaryEndpoint
from cli.workflow_requests import Document, TrainedModel, WorkflowRequests


def endpoint(
    deployment: Deployment, candidate: str, instance_type: str | None
) -> TemporaryEndpoint:
    """The endpoint of a candidate's newest training job that completed; it is not made yet.

    Args:
        deployment: Where the workflow is.
        candidate: The candidate's name.
        instance_type: What it runs on; the type of the candidate's transform jobs if None.

    Raises:
        CommandError: If there is no such candidate, or it was never trained.
    """
    requests = WorkflowRequests.read(deployment)
    specification = requests.candidate(candidate)
    job, run = _newest(deployment, candidate)
    name = f"{deployment.project}-{candidate}-{execution.new_name()}"
    resources = specification["transform"]["TransformResources"]
    model_data = job["ModelArtifacts"]["S3ModelArtifacts"]
    key = resources.get("VolumeKmsKeyId") if instance_type is None else None
    return TemporaryEndpoint(
        training_job=job["TrainingJobName"],
        requests=requests,
        model=TrainedModel(candidate=specification, run=run, name=name, model_data=model_data),
        variant={
            "VariantName": "only",
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": instance_type or resources["InstanceType"],
        },
        key={"KmsKeyId": key} if key else {},
        row=sample_row(deployment, run),
    )


def _newest(deployment: Deployment, candidate: str) -> tuple[Document, str]:
    client: Any = boto3.client("sagemaker")
    pages = client.get_paginator("list_training_jobs").paginate(
        NameContains=f"-{candidate}-",
        StatusEquals="Completed",
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    for listing in pages:
        for summary in listing["TrainingJobSummaries"]:
            tags = {
                tag["Key"]: tag["Value"]
                for tag in client.list_tags(ResourceArn=summary["TrainingJobArn"])["Tags"]
            }
            # Names are not enough: another candidate's may contain this one's.
            if (tags.get("project"), tags.get("candidate")) == (deployment.project, candidate):
                name = summary["TrainingJobName"]
                return client.describe_training_job(TrainingJobName=name), tags["run"]
    raise CommandError(
        f"No training job of candidate {candidate!r} has completed. "
        f"Start one: `lifecycle train {candidate}`."
    )
