"""The custom resource: an emulated account, and a real server where CloudFormation would listen."""

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest

BUCKET = "flights-data"
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/flights-storage/1"
DESCRIBED = (
    "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
    "<StackName>flights-storage</StackName><StackStatus>{}</StackStatus>"
    "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
)
REFUSED = (
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no permission</Message></Error>"
    "</ErrorResponse>"
)


@dataclass
class CloudFormation:
    """A stack in one state (None: it may not be read), and what arrived at the ResponseURL."""

    address: str = ""
    status: str | None = "CREATE_IN_PROGRESS"
    answers: list[dict[str, Any]] = field(default_factory=list)
    content_types: list[str | None] = field(default_factory=list)


class Context:
    def __init__(self, milliseconds: int = 60_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


@pytest.fixture(autouse=True)
def _account(empty_account: None) -> None:
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:
    received = CloudFormation()

    class Answer(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.answers.append(json.loads(body))
            received.content_types.append(self.headers["Content-Type"])
            self.send_response(200)
            self.end_headers()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200 if received.status else 403)
            self.end_headers()
            body = DESCRIBED.format(received.status) if received.status else REFUSED
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{running.server_port}"
        received.address = f"{origin}/answer?signature=a%2Fb"
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", origin)
        yield received
        running.shutdown()


def fill(objects: int = 3) -> None:
    """Write objects of two versions each, and delete one of them, which leaves a marker."""
    client = boto3.client("s3")
    for i in range(objects):
        for body in (b"old", b"new"):
            client.put_object(Bucket=BUCKET, Key=f"raw/{i}.csv", Body=body)
    client.delete_object(Bucket=BUCKET, Key="raw/0.csv")


def versions() -> int:
    found = 0
    for page in boto3.client("s3").get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        found += len(page.get("Versions", [])) + len(page.get("DeleteMarkers", []))
    return found


def request(
    cloudformation: CloudFormation, request_type: str, bucket: str = BUCKET
) -> dict[str, Any]:
    return {
        "RequestType": request_type,
        "ResponseURL": cloudformation.address,
        "StackId": STACK,
        "RequestId": "request-1",
        "LogicalResourceId": "EmptyData",
        "ResourceProperties": {"BucketName": bucket},
    }


def handle(event: dict[str, Any], context: Context | None) -> None:
    """Send a request to a cold function."""
    sys.modules.pop("empty_bucket_handler", None)
    importlib.import_module("empty_bucket_handler").handler(event, context)


def answer_to(
    cloudformation: CloudFormation,
    request_type: str,
    status: str | None = "CREATE_IN_PROGRESS",
    *,
    bucket: str = BUCKET,
    milliseconds: int = 60_000,
) -> dict[str, Any]:
    """Send a request about a stack in this state, and return what CloudFormation hears."""
    cloudformation.status = status
    handle(request(cloudformation, request_type, bucket), Context(milliseconds))
    assert len(cloudformation.answers) == 1
    return cloudformation.answers[0]


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_delete_removes_all_versions_and_markers(
    cloudformation: CloudFormation, status: str
) -> None:
    fill()
    assert versions() == 7
    assert answer_to(cloudformation, "Delete", status) == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": f"objects-of-{BUCKET}",
        "StackId": STACK,
        "RequestId": "request-1",
        "LogicalResourceId": "EmptyData",
    }
    assert versions() == 0
    boto3.client("s3").delete_bucket(Bucket=BUCKET)


def test_the_answer_fits_a_presigned_url(cloudformation: CloudFormation) -> None:
    answer_to(cloudformation, "Create")
    assert cloudformation.content_types == [""]


def test_more_objects_than_one_page(cloudformation: CloudFormation) -> None:
    fill(501)
    assert versions() == 1003
    answer_to(cloudformation, "Delete", "DELETE_IN_PROGRESS")
    assert versions() == 0


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_IN_PROGRESS"])
def test_an_update_that_drops_the_resource_keeps_the_data(
    cloudformation: CloudFormation, status: str
) -> None:
    fill()
    assert answer_to(cloudformation, "Delete", status)["Status"] == "SUCCESS"
    assert versions() == 7


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_create_and_update_touch_nothing(cloudformation: CloudFormation, request_type: str) -> None:
    fill()
    answer = answer_to(cloudformation, request_type)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", f"objects-of-{BUCKET}")
    assert versions() == 7


def test_a_bucket_that_is_gone_is_empty(cloudformation: CloudFormation) -> None:
    answer = answer_to(cloudformation, "Delete", "DELETE_IN_PROGRESS", bucket="gone-already")
    assert (answer["Status"], answer["Reason"]) == ("SUCCESS", "")


def test_a_lack_of_time_is_told_and_not_waited_for(cloudformation: CloudFormation) -> None:
    fill()
    answer = answer_to(cloudformation, "Delete", "DELETE_IN_PROGRESS", milliseconds=9_000)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"s3://{BUCKET}: holds more objects than one function")


def test_a_refusal_reaches_the_stacks_events(cloudformation: CloudFormation) -> None:
    fill()
    answer = answer_to(cloudformation, "Delete", None)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == f"{STACK}: DescribeStacks: no permission (AccessDenied)"
    assert versions() == 7


def test_a_resource_without_a_bucket_name_is_answered_too(cloudformation: CloudFormation) -> None:
    answer = answer_to(cloudformation, "Create", bucket="")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("event.ResourceProperties.BucketName: got ''")
    assert answer["PhysicalResourceId"] == "EmptyData"


def test_a_bug_is_answered_before_it_is_raised(cloudformation: CloudFormation) -> None:
    cloudformation.status = "DELETE_IN_PROGRESS"
    with pytest.raises(AttributeError):
        handle(request(cloudformation, "Delete"), None)
    assert cloudformation.answers[0]["Status"] == "FAILED"
