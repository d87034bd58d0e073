"""Temporary endpoints, configurations and models that an execution left behind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from adapters.aws_errors import domain_errors
from evaluation.errors import EvaluationError, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_POLL_SECONDS = 5.0
_Names = Iterator[tuple[str, str]]


class Endpoints:
    """Deletes what a run has made: endpoints first, then configurations and models."""

    def __init__(self, client: "SageMakerClient | None" = None) -> None:
        self._client = client or boto3.client("sagemaker")

    def delete(self, project: str, run: str) -> list[str]:
        """Delete them, and return their names; an endpoint that is being created is waited for.

        They are those whose names begin with project and run, and whose tag `run` is the run's:
        the names of a run `a-b` begin with those of `a`, too. What is gone meanwhile is no error.

        Raises:
            ServiceUnavailable: If AWS throttles.
            EvaluationError: If some may not be listed or deleted. The rest are.
        """
        prefix = f"{project}-{run}-"
        deleted, refused = [], []
        for kind, listed, delete in (
            ("endpoint", self._endpoints, self._delete_endpoint),
            ("endpoint configuration", self._configurations, self._delete_configuration),
            ("model", self._models, self._delete_model),
        ):
            with domain_errors(f"{kind}s {prefix}*"):
                found = [each for each in listed(prefix) if each[0].startswith(prefix)]
            for name, arn in found:
                try:
                    with domain_errors(f"{kind} {name}"), _absence_allowed():
                        if self._is_of_run(arn, run):
                            delete(name)
                            deleted.append(name)
                except ServiceUnavailable:
                    raise
                except EvaluationError as error:
                    refused.append(str(error))
        if refused:
            raise EvaluationError("; ".join(refused))
        return deleted

    def _is_of_run(self, arn: str, run: str) -> bool:
        tags = self._client.list_tags(ResourceArn=arn)["Tags"]
        return {"Key": "run", "Value": run} in tags

    def _endpoints(self, prefix: str) -> _Names:
        for page in self._client.get_paginator("list_endpoints").paginate(NameContains=prefix):
            yield from ((each["EndpointName"], each["EndpointArn"]) for each in page["Endpoints"])

    def _configurations(self, prefix: str) -> _Names:
        pages = self._client.get_paginator("list_endpoint_configs").paginate(NameContains=prefix)
        for page in pages:
            for each in page["EndpointConfigs"]:
                yield each["EndpointConfigName"], each["EndpointConfigArn"]

    def _models(self, prefix: str) -> _Names:
        for page in self._client.get_paginator("list_models").paginate(NameContains=prefix):
            yield from ((each["ModelName"], each["ModelArn"]) for each in page["Models"])

    def _delete_endpoint(self, name: str) -> None:
        while (status := self._status(name)) == "Creating":
            time.sleep(_POLL_SECONDS)
        if status != "Deleting":
            self._client.delete_endpoint(EndpointName=name)

    def _status(self, name: str) -> str:
        return self._client.describe_endpoint(EndpointName=name)["EndpointStatus"]

    def _delete_configuration(self, name: str) -> None:
        self._client.delete_endpoint_config(EndpointConfigName=name)

    def _delete_model(self, name: str) -> None:
        self._client.delete_model(ModelName=name)


@contextmanager
def _absence_allowed() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if "Could not find" not in error.response["Error"].get("Message", ""):
            raise
