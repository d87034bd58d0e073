"""boto3 clients of a rehearsal account."""

from typing import Any

import boto3
from botocore.config import Config

SECRET = "rehearsal"


def make_client(service: str, endpoint_url: str, region: str, account_id: str) -> Any:
    """A client of one service; the account takes any secret, and its id for an access key."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the name is only known at run time
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=account_id,
        aws_secret_access_key=SECRET,
        config=Config(max_pool_connections=32),
    )
