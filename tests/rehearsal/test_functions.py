"""Functions are held to Lambda's quotas, and fail in its words."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.conftest import ROLE

CODE = """
import time

def handler(event, context):
    if event["do"] == "hold":
        held = b"x" * (event["megabytes"] * 1024 * 1024)
        time.sleep(event["seconds"])
        return len(held)
    if event["do"] == "return":
        return "x" * event["bytes"]
    time.sleep(event["seconds"])
"""


@pytest.fixture
def invoke(client: Callable[[str], Any], name: str) -> Callable[[Any], tuple[str, Any]]:
    """Invokes a function of 128 MB and 2 s: the error's type ("" for none) and the answer."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("work.py", CODE)
    functions = client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.14",
        Role=ROLE,
        Handler="work.handler",
        MemorySize=128,
        Timeout=2,
        Code={"ZipFile": code.getvalue()},
    )

    def call(event: Any) -> tuple[str, Any]:
        answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        return (payload["errorType"], payload) if "FunctionError" in answer else ("", payload)

    return call


def test_memory_is_the_functions_own(invoke: Callable[[Any], tuple[str, Any]]) -> None:
    error, said = invoke({"do": "hold", "megabytes": 400, "seconds": 1.5})
    assert error == "Runtime.ExitError"
    assert "signal: killed" in said["errorMessage"]
    assert invoke({"do": "hold", "megabytes": 1, "seconds": 0}) == ("", 1024 * 1024)


def test_an_answer_of_more_than_6_mb_is_an_error(
    invoke: Callable[[Any], tuple[str, Any]],
) -> None:
    assert invoke({"do": "return", "bytes": 6 * 1024 * 1024})[0] == ""
    assert invoke({"do": "return", "bytes": 7 * 1024 * 1024})[0] == "Function.ResponseSizeTooLarge"


def test_a_request_of_more_than_6_mb_is_refused(invoke: Callable[[Any], tuple[str, Any]]) -> None:
    with pytest.raises(ClientError) as refused:
        invoke({"do": "return", "bytes": 0, "more": "x" * 6 * 1024 * 1024})
    assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"


def test_a_function_that_takes_too_long_is_ended(
    invoke: Callable[[Any], tuple[str, Any]],
) -> None:
    error, said = invoke({"do": "sleep", "seconds": 30})
    assert error == "Sandbox.Timedout"
    assert "Task timed out after 2" in said["errorMessage"]


def test_code_of_more_than_250_mb_is_refused(client: Callable[[str], Any], name: str) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("work.py", CODE)
        archive.writestr("weights", bytes(251 * 1024 * 1024))
    with pytest.raises(ClientError, match="Unzipped size must be smaller than 262144000 bytes"):
        client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.14",
            Role=ROLE,
            Handler="work.handler",
            Code={"ZipFile": code.getvalue()},
        )
