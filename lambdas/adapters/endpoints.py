"""Endpoints that an execution left behind."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from adapters.aws_errors import domain_errors

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_POLL_SECONDS = 5.0
_ABSENT = ("ValidationException", "ResourceNotFound")


class Endpoints:
    """Deletes the endpoints of a run, with the configurations and models of the same names."""

    def __init__(self, client: "SageMakerClient | None" = None) -> None:
        self._client = client or boto3.client("sagemaker")

    def delete(self, project: str, run: str) -> list[str]:
        """Delete them, and return their names; one that is being created is waited for.

        Raises:
            EvaluationError: If one may not be deleted.
        """
        prefix = f"{project}-{run}-"
        with domain_errors(f"endpoints {prefix}*"):
            pages = self._client.get_paginator("list_endpoints").paginate(NameContains=prefix)
            names = [
                each["EndpointName"]
                for page in pages
                for each in page["Endpoints"]
                if each["EndpointName"].startswith(prefix)
            ]
        for name in names:
            self._delete(name)
        return names

    def _delete(self, name: str) -> None:
        with domain_errors(f"endpoint {name}"):
            while self._client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Creating":
                time.sleep(_POLL_SECONDS)
            self._client.delete_endpoint(EndpointName=name)
            self._delete_if_there(
                lambda: self._client.delete_endpoint_config(EndpointConfigName=name)
            )
            self._delete_if_there(lambda: self._client.delete_model(ModelName=name))

    def _delete_if_there(self, delete: Callable[[], object]) -> None:
        try:
            delete()
        except ClientError as error:
            if error.response["Error"].get("Code") not in _ABSENT:
                raise
