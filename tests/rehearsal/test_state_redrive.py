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
