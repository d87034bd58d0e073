"""What a Distributed Map reads from S3 and writes there, with the permissions of its role."""

import json
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal.conftest import BUCKET, make_role
from tests.rehearsal.machines import Machines, only
from tests.rehearsal.test_state_map_runs import ECHO, children, map_over, map_runs


def allow(*actions: str, on: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on}


READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "Arguments": {"Bucket": BUCKET, "Key": "items.json"},
    "ReaderConfig": {"InputType": "JSON"},
}
LISTING = {
    "Resource": "arn:aws:states:::s3:listObjectsV2",
    "Arguments": {"Bucket": BUCKET, "Prefix": "items"},
}


@pytest.mark.parametrize(
    ("reader", "lacking"),
    [
        (READER, "perform: s3:GetObject"),
        (LISTING, "perform: s3:ListBucket"),
    ],
)
def test_items_are_read_with_the_permissions_of_the_role(
    account: Account, machines: Machines, s3: Any, reader: dict[str, Any], lacking: str
) -> None:
    s3.put_object(Bucket=BUCKET, Key="items.json", Body=b"[1, 2]")
    role = make_role(account, machines.name, allow("s3:PutObject", on="*"))
    state = map_over("[]", ECHO, ItemReader=reader)
    del state["Items"]
    ended = machines.run(only(state), role=role)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.ItemReaderFailed")
    assert f"assumed-role/{machines.name}/StepFunctions is not authorized" in ended["cause"]
    assert lacking in ended["cause"]
    granted = {"Version": "2012-10-17", "Statement": [allow("s3:*", on="*")]}
    account.client("iam").put_role_policy(
        RoleName=machines.name, PolicyName="more", PolicyDocument=json.dumps(granted)
    )
    machines.client.redrive_execution(executionArn=ended["executionArn"])
    ended = machines.wait(ended["executionArn"])
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    items = json.loads(ended["output"])
    if reader is READER:
        assert items == [1, 2]
    else:
        assert [(item["Key"], item["Size"]) for item in items] == [("items.json", 6)]


@pytest.mark.parametrize(
    ("body", "config", "said"),
    [
        (b'{"a": 1}', {"InputType": "JSON"}, "must hold an array"),
        (b"[1", {"InputType": "JSON"}, "delimiter"),
        (b"\xff", {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "utf-8"),
        (b"", {"InputType": "MANIFEST"}, "MANIFEST is not available in the rehearsal"),
    ],
)
def test_an_object_without_items_is_told(
    machines: Machines, s3: Any, body: bytes, config: dict[str, Any], said: str
) -> None:
    s3.put_object(Bucket=BUCKET, Key=machines.name, Body=body)
    arguments = {"Bucket": BUCKET, "Key": machines.name}
    reader = {**READER, "Arguments": arguments, "ReaderConfig": config}
    state = map_over("[]", ECHO, ItemReader=reader)
    del state["Items"]
    ended = machines.run(only(state))
    assert ended["error"] == "States.ItemReaderFailed"
    assert said in ended["cause"]


def test_results_are_written_with_the_permissions_of_the_role(
    account: Account, machines: Machines, s3: Any
) -> None:
    role = make_role(account, machines.name, allow("s3:GetObject", on="*"))
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Arguments": {"Bucket": BUCKET, "Prefix": machines.name},
    }
    ended = machines.run(only(map_over("[1, 2]", ECHO, ResultWriter=writer)), role=role)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.ResultWriterFailed")
    assert f"assumed-role/{machines.name}/StepFunctions is not authorized" in ended["cause"]
    assert "perform: s3:PutObject" in ended["cause"]
    granted = {"Version": "2012-10-17", "Statement": [allow("s3:PutObject", on="*")]}
    account.client("iam").put_role_policy(
        RoleName=machines.name, PolicyName="more", PolicyDocument=json.dumps(granted)
    )
    # No child runs again: only their results are written.
    arn = ended["executionArn"]
    machines.client.redrive_execution(executionArn=arn)
    assert machines.wait(arn)["status"] == "SUCCEEDED"
    (run,) = map_runs(machines, arn)
    assert (run["redriveCount"], run["itemCounts"]["resultsWritten"]) == (1, 2)
    assert len(children(machines, run)) == 2
    assert {
        machines.client.describe_execution(executionArn=child["executionArn"])["redriveCount"]
        for child in children(machines, run)
    } == {0}
