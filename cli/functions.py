"""Invoking the project's Lambda functions, and whose request it is."""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from cli.errors import CommandError


def invoke(name: str, subject: str, event: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The answer of a function.

    Args:
        name: The function's name.
        subject: What is asked, with which an error begins.
        event: What it is asked; nothing if left out.

    Raises:
        CommandError: If it fails, with its reason.
    """
    answer = boto3.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}))
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise CommandError(f"{subject}: {said.get('errorMessage', said)}")
    return said


def caller() -> str:
    """The ARN of the identity that asks."""
    arn: str = boto3.client("sts").get_caller_identity()["Arn"]
    return arn
