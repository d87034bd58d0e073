"""Policies of roles and users, and what is said to those that lack one."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.conftest import ROLE

AsUser = Callable[..., Any]


def allow(*actions: str, on: str | list[str], **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**statement, "Condition": condition} if condition else statement


def pass_role(service: str) -> dict[str, Any]:
    return allow("iam:PassRole", on=ROLE, StringEquals={"iam:PassedToService": service})


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    return str(refused.value)
