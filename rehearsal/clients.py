"""boto3 clients of a rehearsal account."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

SECRET = "rehearsal"


@dataclass(frozen=True)
class Credentials:
    """What a client signs its requests with.

    Attributes:
        access_key: The account's id for its root user, else of a session.
        secret_key: The root user's may be anything.
        session_token: Empty for the root user.
    """

    access_key: str
    secret_key: str = SECRET
    session_token: str = ""

    def environment(self) -> dict[str, str]:
        """The variables in which AWS clients look for them."""
        variables = {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }
        return variables | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


def make_client(service: str, endpoint_url: str, region: str, credentials: Credentials) -> Any:
    """A client of one service of the account, which no proxy stands before."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the name is only known at run time
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.session_token or None,
        config=Config(max_pool_connections=32, proxies={}),
    )
