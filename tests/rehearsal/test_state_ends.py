"""A stop, a time limit or the end of an outer execution ends what runs inside; errors are told."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from rehearsal.account import Account
from rehearsal.server import ACCOUNT_ID
from tests.rehearsal.conftest import ROLE, make_role
from tests.rehearsal.machines import Machines, only

NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
PASS = {"Type": "Pass", "End": True}

SLEEP = """
import time

def handler(event, context):
    time.sleep(event["seconds"])
"""


@pytest.fixture(scope="module")
def sleeping(client: Callable[[str], Any]) -> str:
    """The ARN of a function that sleeps for so many `seconds`."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("work.py", SLEEP)
    arn: str = client("lambda").create_function(
        FunctionName="sleeping",
        Runtime="python3.14",
        Role=ROLE,
        Handler="work.handler",
        Timeout=60,
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]
    return arn


def wait_for_event(machines: Machines, arn: str, kind: str) -> None:
    while kind not in [event["type"] for event in machines.events(arn)]:
        time.sleep(0.02)


def invoke(function: str, seconds: float, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {"seconds": seconds}},
        "End": True,
        **fields,
    }


def test_what_was_stopped_stays_so_when_its_function_returns(
    machines: Machines, sleeping: str
) -> None:
    arn = machines.start(only(invoke(sleeping, 1)))
    wait_for_event(machines, arn, "TaskStarted")
    machines.client.stop_execution(executionArn=arn)
    time.sleep(1.5)
    assert machines.client.describe_execution(executionArn=arn)["status"] == "ABORTED"
    assert machines.events(arn)[-1]["type"] == "ExecutionAborted"


@pytest.mark.parametrize("limited", ["state", "machine"])
def test_a_time_limit_does_not_wait_for_a_function(
    machines: Machines, sleeping: str, limited: str
) -> None:
    limit = {"TimeoutSeconds": 1}
    task = invoke(sleeping, 30, **(limit if limited == "state" else {}))
    ended = machines.run({**only(task), **(limit if limited == "machine" else {})})
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() < 30
    assert ended["status"] == ("FAILED" if limited == "state" else "TIMED_OUT")
    assert ended["error"] == "States.Timeout"


def test_a_token_that_never_comes_back_holds_up_no_stop(machines: Machines, sleeping: str) -> None:
    task = invoke(sleeping, 0, Resource="arn:aws:states:::lambda:invoke.waitForTaskToken")
    parallel = {"Type": "Parallel", "Branches": [only(task)], "End": True}
    arn = machines.start(only(parallel))
    wait_for_event(machines, arn, "TaskScheduled")
    machines.client.stop_execution(executionArn=arn)
    machines.client.redrive_execution(executionArn=arn)
    while [event["type"] for event in machines.events(arn)].count("TaskScheduled") < 2:
        time.sleep(0.02)
    machines.client.stop_execution(executionArn=arn)
    assert machines.wait(arn)["status"] == "ABORTED"


def nested(machine: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": machine, "Input": {}},
        "End": True,
    }


def machine(machines: Machines, name: str, definition: dict[str, Any], role: str = ROLE) -> str:
    arn: str = machines.client.create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role
    )["stateMachineArn"]
    return arn


def test_a_nested_execution_has_its_own_role_and_its_parent_keeps_its_own(
    account: Account, machines: Machines, sleeping: str, name: str
) -> None:
    none = make_role(account, name, NOTHING)
    inner = machine(machines, f"{name}-inner", only(PASS), none)
    start = {**nested(inner), "Next": "Invoke"}
    del start["End"]
    ended = machines.run(only(start, Invoke=invoke(sleeping, 0)))
    assert ended["status"] == "SUCCEEDED", ended.get("cause")


def test_a_nested_failure_is_a_failed_task_that_describes_it(machines: Machines) -> None:
    fail = only({"Type": "Fail", "Error": "Gate", "Cause": "too low"})
    inner = machine(machines, f"{machines.name}-inner", fail)
    ended = machines.run(only(nested(inner)))
    assert ended["error"] == "States.TaskFailed"
    told = json.loads(ended["cause"])
    assert (told["Status"], told["Error"], told["Cause"]) == ("FAILED", "Gate", "too low")


@pytest.mark.parametrize("deleted", [False, True])
def test_a_nested_execution_ends_with_its_parent(machines: Machines, deleted: bool) -> None:
    wait = only({"Type": "Wait", "Seconds": 600, "End": True})
    inner = machine(machines, f"{machines.name}-inner", wait)
    arn = machines.start(only(nested(inner)))
    while not (listed := machines.client.list_executions(stateMachineArn=inner)["executions"]):
        time.sleep(0.02)
    if deleted:
        outer = machines.client.describe_execution(executionArn=arn)["stateMachineArn"]
        machines.client.delete_state_machine(stateMachineArn=outer)
    else:
        machines.client.stop_execution(executionArn=arn)
    assert machines.wait(listed[0]["executionArn"])["status"] == "ABORTED"


def test_a_runtime_error_is_caught_by_nobody(machines: Machines) -> None:
    state = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": only(PASS),
        "Retry": [{"ErrorEquals": ["States.ALL"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "End": True,
    }
    ended = machines.run(only(state, Caught={"Type": "Succeed"}), {"items": 7})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "must be an array" in ended["cause"]


def test_a_parameter_is_read_with_the_permissions_of_the_role(
    account: Account, machines: Machines, name: str
) -> None:
    account.client("ssm").put_parameter(Name=f"/{name}", Value="7", Type="String")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:ssm:getParameter",
        "Parameters": {"Name": f"/{name}"},
        "End": True,
    }
    parameter = f"arn:aws:ssm:us-east-1:{ACCOUNT_ID}:parameter/{name}"
    statement = {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": f"{parameter}-other"}
    ended = machines.run(only(task), role=make_role(account, name, statement))
    assert ended["error"] == "Ssm.SsmException"
    assert f"ssm:GetParameter on resource: {parameter}" in ended["cause"]
    granted = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": parameter}]}
    account.client("iam").put_role_policy(
        RoleName=name, PolicyName="more", PolicyDocument=json.dumps(granted)
    )
    machines.client.redrive_execution(executionArn=ended["executionArn"])
    ended = machines.wait(ended["executionArn"])
    assert json.loads(ended["output"])["Parameter"]["Value"] == "7", ended.get("cause")
