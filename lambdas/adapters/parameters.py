"""SSM parameters that say which model is the champion, which the challenger."""

from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Parameters:
    """Reads and writes parameters under one prefix, such as `/flights/models/`."""

    def __init__(self, prefix: str, client: "SSMClient | None" = None) -> None:
        self._prefix = prefix
        self._client = client or boto3.client("ssm")

    def read(self, name: str) -> str:
        """Return a parameter's value."""
        with domain_errors(f"SSM parameter {self._prefix}{name}"):
            return self._client.get_parameter(Name=self._prefix + name)["Parameter"]["Value"]

    def write(self, name: str, value: str) -> None:
        """Set a parameter, in place of its former value."""
        with domain_errors(f"SSM parameter {self._prefix}{name}"):
            self._client.put_parameter(
                Name=self._prefix + name, Value=value, Type="String", Overwrite=True
            )
