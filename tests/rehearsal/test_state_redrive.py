"""A redriven execution goes on from what failed, and runs nothing again that succeeded."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.conftest import ROLE, XGBOOST
from tests.rehearsal.machines import JSONATA, Machines, only


def create_models(name: str) -> dict[str, Any]:
    return only(
        {
            "Type": "Task",
            **JSONATA,
            "Resource": "arn:aws:states:::sagemaker:createModel",
            "Arguments": {
                "ModelName": f"{{% '{name}-' & $string($states.input) %}}",
                "ExecutionRoleArn": ROLE,
                "PrimaryContainer": {"Image": XGBOOST},
            },
            "Output": "{% $states.input %}",
            "End": True,
        }
    )


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
def test_only_the_failed_iterations_run_again(
    machines: Machines, sagemaker: Any, mode: str
) -> None:
    # An iteration that ran twice would find its own model's name taken.
    blocking = f"{machines.name}-1"
    sagemaker.create_model(
        ModelName=blocking, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
    )
    states = {
        "Only": {"Type": "Pass", **JSONATA, "Assign": {"seen": "yes"}, "Next": "Models"},
        "Models": {
            "Type": "Map",
            **JSONATA,
            "Items": "{% [0..2] %}",
            "MaxConcurrency": 1,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": mode, "ExecutionType": "STANDARD"},
                **create_models(machines.name),
            },
            "Output": {"models": "{% $states.result %}", "seen": "{% $seen %}"},
            "End": True,
        },
    }
    arn = machines.start({"StartAt": "Only", "States": states})
    ended = machines.wait(arn)
    assert (ended["status"], ended["redriveStatus"]) == ("FAILED", "REDRIVABLE")
    sagemaker.delete_model(ModelName=blocking)
    machines.client.redrive_execution(executionArn=arn)
    ended = machines.wait(arn)
    assert (ended["status"], ended["redriveCount"]) == ("SUCCEEDED", 1)
    assert json.loads(ended["output"]) == {"models": [0, 1, 2], "seen": "yes"}
    kinds = [event["type"] for event in machines.events(arn)]
    assert kinds.count("ExecutionRedriven") == 1
    assert kinds.count("PassStateEntered") == 1


def test_a_successful_execution_is_not_redrivable(machines: Machines) -> None:
    arn = machines.start(only({"Type": "Succeed"}))
    assert machines.wait(arn)["redriveStatus"] == "NOT_REDRIVABLE"
    with pytest.raises(ClientError, match="its status is SUCCEEDED"):
        machines.client.redrive_execution(executionArn=arn)


def create_model(name: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        **JSONATA,
        "Resource": "arn:aws:states:::sagemaker:createModel",
        "Arguments": {
            "ModelName": name,
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"Image": XGBOOST},
        },
        "Output": f"{{% '{name}' %}}",
        "End": True,
    }


def block(sagemaker: Any, name: str) -> None:
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
    )


def test_only_the_failed_branch_runs_again(machines: Machines, sagemaker: Any) -> None:
    good, bad = f"{machines.name}-good", f"{machines.name}-bad"
    block(sagemaker, bad)
    wait = {"Type": "Wait", "Seconds": 1, "Next": "Bad"}
    branches = [only(create_model(good)), only(wait, Bad=create_model(bad))]
    arn = machines.start(only({"Type": "Parallel", "Branches": branches, "End": True}))
    assert machines.wait(arn)["status"] == "FAILED"
    sagemaker.delete_model(ModelName=bad)
    machines.client.redrive_execution(executionArn=arn)
    ended = machines.wait(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert json.loads(ended["output"]) == [good, bad]
    kinds = [event["type"] for event in machines.events(arn)]
    assert (kinds.count("WaitStateEntered"), kinds.count("TaskSucceeded")) == (1, 2)


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
def test_in_maps_of_maps_only_what_failed_runs_again(
    machines: Machines, sagemaker: Any, mode: str
) -> None:
    blocking = f"{machines.name}-11"
    block(sagemaker, blocking)
    inner = {
        "Type": "Map",
        **JSONATA,
        "Items": "{% [$states.input * 10, $states.input * 10 + 1] %}",
        "MaxConcurrency": 1,
        "ItemProcessor": create_models(machines.name),
        "End": True,
    }
    outer = {
        "Type": "Map",
        **JSONATA,
        "Items": "{% [0..2] %}",
        "MaxConcurrency": 1,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": mode, "ExecutionType": "STANDARD"},
            **only(inner),
        },
        "End": True,
    }
    arn = machines.start(only(outer))
    assert machines.wait(arn)["status"] == "FAILED"
    # It fails again at the same place, and forgets nothing by that.
    machines.client.redrive_execution(executionArn=arn)
    assert machines.wait(arn)["status"] == "FAILED"
    sagemaker.delete_model(ModelName=blocking)
    machines.client.redrive_execution(executionArn=arn)
    ended = machines.wait(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert json.loads(ended["output"]) == [[0, 1], [10, 11], [20, 21]]
    assert ended["redriveCount"] == 2


def test_what_finished_is_kept_over_redrives_that_do_not_reach_it(
    machines: Machines, sagemaker: Any
) -> None:
    first, last = f"{machines.name}-first", f"{machines.name}-last"
    block(sagemaker, first)
    wait = {"Type": "Wait", "Seconds": 1, "Next": "First"}
    branches = [only(wait, First=create_model(first)), only(create_model(last))]
    arn = machines.start(only({"Type": "Parallel", "Branches": branches, "End": True}))
    assert machines.wait(arn)["status"] == "FAILED"
    for _ in range(2):
        machines.client.redrive_execution(executionArn=arn)
        assert machines.wait(arn)["error"] == "SageMaker.AmazonSageMakerException"
    sagemaker.delete_model(ModelName=first)
    machines.client.redrive_execution(executionArn=arn)
    ended = machines.wait(arn)
    assert json.loads(ended["output"]) == [first, last]


def test_a_stopped_execution_is_redriven_at_once_from_where_it_was(machines: Machines) -> None:
    states = only(
        {"Type": "Pass", "Next": "Pause"},
        Pause={"Type": "Wait", "Seconds": 2, "Next": "End"},
        End={"Type": "Succeed"},
    )
    arn = machines.start(states)
    while "WaitStateEntered" not in [event["type"] for event in machines.events(arn)]:
        pass
    machines.client.stop_execution(executionArn=arn)
    machines.client.redrive_execution(executionArn=arn)
    assert machines.wait(arn)["status"] == "SUCCEEDED"
    kinds = [event["type"] for event in machines.events(arn)]
    assert [kinds.count(f"{kind}StateEntered") for kind in ("Pass", "Wait", "Succeed")] == [1, 2, 1]


def test_a_state_that_is_entered_again_begins_anew(machines: Machines, sagemaker: Any) -> None:
    """A Map whose failure was caught is no part of a later redrive, when it is entered again."""
    blocking = f"{machines.name}-block"
    block(sagemaker, blocking)
    iteration = only(
        {"Type": "Pass", "Next": "Judge"},
        Judge={
            "Type": "Choice",
            **JSONATA,
            "Choices": [{"Condition": "{% $pass = 1 %}", "Next": "Fail"}],
            "Default": "Good",
        },
        Fail={"Type": "Fail", "Error": "First"},
        Good={"Type": "Succeed"},
    )
    states = only(
        {"Type": "Pass", **JSONATA, "Assign": {"pass": 1}, "Output": [1], "Next": "Map"},
        Map={
            "Type": "Map",
            **JSONATA,
            "ItemProcessor": iteration,
            "Catch": [{"ErrorEquals": ["First"], "Next": "Model", "Assign": {"pass": 2}}],
            "End": True,
        },
        Model={**create_model(blocking), "Output": [2], "Next": "Map"},
    )
    del states["States"]["Model"]["End"]
    arn = machines.start(states)
    assert machines.wait(arn)["status"] == "FAILED"
    sagemaker.delete_model(ModelName=blocking)
    machines.client.redrive_execution(executionArn=arn)
    ended = machines.wait(arn)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    assert json.loads(ended["output"]) == [2]


def test_an_execution_without_room_for_events_is_not_redrivable(machines: Machines) -> None:
    chain: dict[str, Any] = {
        f"S{index}": {"Type": "Pass", "Next": f"S{index + 1}"} for index in range(320)
    }
    chain["S320"] = {"Type": "Pass", "End": True}
    state = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": {"StartAt": "S0", "States": chain},
        "End": True,
    }
    ended = machines.run(only(state), {"items": list(range(40))})
    assert ended["redriveStatus"] == "NOT_REDRIVABLE"
    with pytest.raises(ClientError, match="24,999 events or more") as refused:
        machines.client.redrive_execution(executionArn=ended["executionArn"])
    assert refused.value.response["Error"]["Code"] == "ExecutionNotRedrivable"
