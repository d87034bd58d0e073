"""A temporary endpoint for the model of a candidate's newest training job, with its log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli import execution
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.job_log import JobLog
from cli.prepared_data import sample_row
from cli.workflow_requests import Document, WorkflowRequests

_LOG_GROUP = "/aws/sagemaker/Endpoints"
_POLL_SECONDS = 1.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Served:
    """What an endpoint is made of.

    Attributes:
        name: Of the model, the endpoint configuration and the endpoint.
        training_job: What made the model.
        model: CreateModel's arguments.
        variant: The only production variant.
        key: CreateEndpointConfig's KmsKeyId, where the instance takes one.
        accept: The MIME type of the answers.
        row: A row of features to ask with.
    """

    name: str
    training_job: str
    model: Document
    variant: Document
    key: Document
    accept: str
    row: str


def served(deployment: Deployment, candidate: str, instance_type: str | None) -> Served:
    """What serves the model of a candidate's newest training job that completed.

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
    request = requests.model(
        specification,
        run=run,
        name=name,
        model_data=job["ModelArtifacts"]["S3ModelArtifacts"],
    )
    key = resources.get("VolumeKmsKeyId") if instance_type is None else None
    return Served(
        name=name,
        training_job=job["TrainingJobName"],
        model=request,
        variant={
            "VariantName": "only",
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": instance_type or resources["InstanceType"],
        },
        key={"KmsKeyId": key} if key else {},
        accept=specification["accept"],
        row=sample_row(deployment, run),
    )


def serve(model: Served, say: Say) -> None:
    """Serve until an interruption; whatever ends it, nothing stays behind.

    Raises:
        CommandError: If the endpoint cannot start, with SageMaker's reason.
    """
    client = boto3.client("sagemaker")
    log = JobLog(f"{_LOG_GROUP}/{model.name}")
    with suppress(KeyboardInterrupt), _endpoint(client, model, say):
        say(f"Endpoint {model.name} starts with the model of {model.training_job}.")
        _wait(client, model.name, log, say)
        say(f"It answers. The first row of the holdout, {model.row}, gives {_answer(model)}")
        say("Ask it from another shell; Ctrl-C here deletes it:")
        say(
            f"  aws sagemaker-runtime invoke-endpoint --endpoint-name {model.name} "
            f"--content-type text/csv --accept {model.accept} "
            f"--cli-binary-format raw-in-base64-out --body '{model.row}' /dev/stdout"
        )
        while True:
            _tell(log, say)
            time.sleep(_POLL_SECONDS)


@contextmanager
def _endpoint(client: Any, model: Served, say: Say) -> Iterator[None]:
    name = model.name
    made: list[tuple[str, Callable[[], object]]] = []
    try:
        client.create_model(**model.model)
        made.append(("model", lambda: client.delete_model(ModelName=name)))
        client.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[model.variant], **model.key
        )
        made.append(
            ("configuration", lambda: client.delete_endpoint_config(EndpointConfigName=name))
        )
        client.create_endpoint(EndpointName=name, EndpointConfigName=name)
        made.append(("endpoint", lambda: _delete_endpoint(client, name, say)))
        yield
    finally:
        for kind, delete in reversed(made):
            try:
                delete()
            except ClientError as error:
                say(f"The {kind} {name} could not be deleted: {error}. Delete it yourself.")
            else:
                say(f"Deleted the {kind} {name}.")


def _delete_endpoint(client: Any, name: str, say: Say) -> None:
    # SageMaker refuses while the endpoint is being made.
    told = False
    while client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Creating":
        if not told:
            say(f"Endpoint {name} is still being made; it is deleted as soon as it can be.")
            told = True
        time.sleep(_POLL_SECONDS)
    client.delete_endpoint(EndpointName=name)


def _wait(client: Any, name: str, log: JobLog, say: Say) -> None:
    while True:
        described = client.describe_endpoint(EndpointName=name)
        _tell(log, say)
        if described["EndpointStatus"] == "InService":
            return
        if described["EndpointStatus"] != "Creating":
            reason = described.get("FailureReason", described["EndpointStatus"])
            raise CommandError(f"Endpoint {name} failed: {reason}")
        time.sleep(_POLL_SECONDS)


def _tell(log: JobLog, say: Say) -> None:
    for line in log.new_lines():
        say(f"  {line}")


def _answer(model: Served) -> str:
    try:
        answer = boto3.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=model.name,
            ContentType="text/csv",
            Accept=model.accept,
            Body=model.row,
        )
    except ClientError as error:
        message = error.response["Error"]["Message"]
        return f"an error: {message}"
    prediction: str = answer["Body"].read().decode().strip()
    return prediction


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
