"""The IAM roles that jobs, models and endpoints work under.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from rehearsal.clients import Credentials, make_client


class Authorizer(Protocol):
    """What the account's IAM answers."""

    def assume(self, role_arn: str, service: str, source_arn: str) -> Credentials:
        """Credentials of a role's session, for the resource of an ARN.

        Raises:
            PermissionError: If the role does not exist, or does not trust the service.
        """

    def caller(self, headers: Mapping[str, str]) -> str:
        """The access key that signed a request."""

    def denial(
        self, access_key: str, action: str, resource: str, context: Mapping[str, str]
    ) -> str:
        """Why a caller may not do an action on a resource, in AWS's words; empty if it may."""


@dataclass(frozen=True)
class Role:
    """A session of an execution role.

    Attributes:
        arn: Of the role.
        credentials: Of the session.
        endpoint_url: Where the account answers.
        region: Of the account.
        authorizer: The account's IAM.
    """

    arn: str
    credentials: Credentials
    endpoint_url: str
    region: str
    authorizer: Authorizer

    def client(self, service: str) -> Any:
        """A boto3 client that may do what the role may do."""
        return make_client(service, self.endpoint_url, self.region, self.credentials)

    @cached_property
    def s3(self) -> Any:
        """Amazon S3, as the role."""
        return self.client("s3")

    @cached_property
    def logs(self) -> Any:
        """Amazon CloudWatch Logs, as the role."""
        return self.client("logs")

    @cached_property
    def cloudwatch(self) -> Any:
        """Amazon CloudWatch, as the role."""
        return self.client("cloudwatch")

    def environment(self) -> dict[str, str]:
        """The variables that give a container's programs the role's permissions."""
        return self.credentials.environment()

    def may(self, action: str, resource: str, **context: str) -> bool:
        """Whether the role may do an action, such as `ecr:BatchGetImage`, on a resource.

        `context` holds the request's condition keys, with `_` for `:`, like `kms_ViaService`.
        """
        keys = {key.replace("_", ":"): value for key, value in context.items()}
        return not self.authorizer.denial(self.credentials.access_key, action, resource, keys)
