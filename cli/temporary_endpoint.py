"""An endpoint that is there while a command runs, with its log."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli.errors import CommandError
from cli.job_log import JobLog
from cli.workflow_requests import Document, TrainedModel, WorkflowRequests

_LOG_GROUP = "/aws/sagemaker/Endpoints"
_POLL_SECONDS = 1.0
_PACKAGE_IN_WORK = ("Pending", "InProgress")

Say = Callable[[str], None]


@dataclass(frozen=True)
class TemporaryEndpoint:
    """What an endpoint is made of.

    Attributes:
        training_job: What made the model.
        requests: The workflow's, which say how the model is made.
        model: The model; endpoint, configuration and model have its name.
        variant: The only production variant.
        key: CreateEndpointConfig's KmsKeyId, where the instance takes one.
        row: A row of features to ask with.
    """

    training_job: str
    requests: WorkflowRequests
    model: TrainedModel
    variant: Document
    key: Document
    row: str

    def serve(self, say: Say) -> None:
        """Serve until an interruption; whatever ends it, nothing stays behind.

        Raises:
            CommandError: If the endpoint cannot start, with SageMaker's reason.
        """
        client: Any = boto3.client("sagemaker")
        name, accept = self.model.name, self.model.candidate["accept"]
        log = JobLog(f"{_LOG_GROUP}/{name}")
        with suppress(KeyboardInterrupt), self._made(client, say):
            say(f"Endpoint {name} starts with the model of {self.training_job}.")
            _wait(client, name, log, say)
            say(f"It answers. The first row of the holdout, {self.row}, gives {self._answer()}")
            say("Ask it from another shell; Ctrl-C here deletes it:")
            say(
                f"  aws sagemaker-runtime invoke-endpoint --endpoint-name {name} "
                f"--content-type text/csv --accept {accept} "
                f"--cli-binary-format raw-in-base64-out --body '{self.row}' /dev/stdout"
            )
            while True:
                _tell(log, say)
                time.sleep(_POLL_SECONDS)

    @contextmanager
    def _made(self, client: Any, say: Say) -> Iterator[None]:
        name = self.model.name
        package = None
        with ExitStack() as made:

            def clean_up(kind: str, delete: Callable[[], object]) -> None:
                made.callback(_delete, f"{kind} {name}", delete, say)

            request = self.requests.model_package(self.model)
            if request is not None:
                package = client.create_model_package(**request)["ModelPackageArn"]
                arn = {"ModelPackageName": package}
                clean_up("model package", lambda: client.delete_model_package(**arn))
                _wait_for_package(client, package)
            client.create_model(**self.requests.model(self.model, package))
            clean_up("model", lambda: client.delete_model(ModelName=name))
            client.create_endpoint_config(
                EndpointConfigName=name, ProductionVariants=[self.variant], **self.key
            )
            clean_up(
                "configuration", lambda: client.delete_endpoint_config(EndpointConfigName=name)
            )
            client.create_endpoint(EndpointName=name, EndpointConfigName=name)
            clean_up("endpoint", lambda: _delete_endpoint(client, name, say))
            yield

    def _answer(self) -> str:
        try:
            answer = boto3.client("sagemaker-runtime").invoke_endpoint(
                EndpointName=self.model.name,
                ContentType="text/csv",
                Accept=self.model.candidate["accept"],
                Body=self.row,
            )
        except ClientError as error:
            return f"an error: {error.response['Error']['Message']}"
        prediction: str = answer["Body"].read().decode().strip()
        return prediction


def _delete(what: str, delete: Callable[[], object], say: Say) -> None:
    try:
        delete()
    except ClientError as error:
        say(f"The {what} could not be deleted: {error}. Delete it yourself.")
    else:
        say(f"Deleted the {what}.")


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


def _wait_for_package(client: Any, package: str) -> None:
    while True:
        described = client.describe_model_package(ModelPackageName=package)
        if described["ModelPackageStatus"] == "Completed":
            return
        if described["ModelPackageStatus"] not in _PACKAGE_IN_WORK:
            details = described["ModelPackageStatusDetails"]
            reasons = [
                status["FailureReason"]
                for statuses in details.values()
                for status in statuses
                if "FailureReason" in status
            ]
            raise CommandError(f"Model package {package} failed: {'; '.join(reasons)}")
        time.sleep(_POLL_SECONDS)


def _tell(log: JobLog, say: Say) -> None:
    for line in log.new_lines():
        say(f"  {line}")
