"""Each feature of the states language that a workflow uses is obeyed, not ignored."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from tests.rehearsal.conftest import ROLE, XGBOOST, channel, training_request
from tests.rehearsal.machines import JSONATA, Machines, only


def model_task(model: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        **JSONATA,
        "Resource": "arn:aws:states:::sagemaker:createModel",
        "Arguments": {
            "ModelName": model,
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"Image": XGBOOST},
        },
        "End": True,
    }


def test_a_distributed_map_gives_each_child_its_item_and_the_context(
    machines: Machines, name: str
) -> None:
    child = {"Type": "Pass", **JSONATA, "Output": "{% $states.input %}", "End": True}
    ended = machines.run(
        only(
            {
                "Type": "Map",
                "ItemsPath": "$.candidates",
                "ItemSelector": {"run.$": "$$.Execution.Name", "candidate.$": "$$.Map.Item.Value"},
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    **only(child),
                },
                "ResultPath": "$.results",
                "End": True,
            }
        ),
        {"candidates": [{"name": "a"}, {"name": "b"}]},
    )
    output = json.loads(ended["output"])
    assert output["results"] == [
        {"run": name, "candidate": {"name": "a"}},
        {"run": name, "candidate": {"name": "b"}},
    ]
    assert output["candidates"] == [{"name": "a"}, {"name": "b"}]


def test_an_inline_map_iterates_over_what_jsonata_makes(machines: Machines) -> None:
    square = {
        "Type": "Pass",
        **JSONATA,
        "Output": "{% $states.input.fold * $states.input.fold %}",
        "End": True,
    }
    ended = machines.run(
        only(
            {
                "Type": "Map",
                **JSONATA,
                "Items": "{% [0..$states.input.folds - 1] %}",
                "ItemSelector": {"fold": "{% $states.context.Map.Item.Value %}"},
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **only(square)},
                "End": True,
            }
        ),
        {"folds": 4},
    )
    assert json.loads(ended["output"]) == [0, 1, 4, 9]


def test_a_refused_request_can_be_caught_by_its_name_and_told_in_a_cause(
    machines: Machines, sagemaker: Any, name: str
) -> None:
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
    )
    task = model_task(name) | {
        "Catch": [
            {
                "ErrorEquals": ["SageMaker.AmazonSageMakerException", "States.ALL"],
                "Output": "{% {'cause': $states.errorOutput.Cause} %}",
                "Next": "Failed",
            }
        ]
    }
    failed = {
        "Type": "Fail",
        **JSONATA,
        "Error": "FoldFailed",
        "Cause": "{% 'candidate x: ' & $states.input.cause %}",
    }
    ended = machines.run(only(task, Failed=failed))
    assert ended["status"] == "FAILED"
    assert ended["error"] == "FoldFailed"
    assert ended["cause"].startswith("candidate x: Cannot create already existing model")


def test_a_retry_sees_its_count_and_tries_again(
    machines: Machines, sagemaker: Any, name: str
) -> None:
    sagemaker.create_model(
        ModelName=f"{name}-0", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
    )
    task = model_task(f"{{% '{name}-' & $string($states.context.State.RetryCount) %}}") | {
        "Retry": [
            {
                "ErrorEquals": ["States.ALL"],
                "IntervalSeconds": 1,
                "MaxAttempts": 2,
                "BackoffRate": 2,
                "MaxDelaySeconds": 2,
                "JitterStrategy": "FULL",
            }
        ]
    }
    ended = machines.run(only(task))
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["ModelArn"].endswith(f"{name}-1")


def test_sync_waits_for_the_job_and_fails_with_its_description(
    machines: Machines, s3: Any, name: str
) -> None:
    request = training_request(name, channel("train", "s3://data/nothing/here/"))
    task = {
        "Type": "Task",
        **JSONATA,
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
        "Arguments": request,
        "Catch": [
            {
                "ErrorEquals": ["States.TaskFailed"],
                "Output": "{% $parse($states.errorOutput.Cause).FailureReason %}",
                "Next": "Told",
            }
        ],
        "End": True,
    }
    ended = machines.run(only(task, Told={"Type": "Pass", **JSONATA, "End": True}))
    assert "No S3 objects found" in json.loads(ended["output"])


def test_the_sdk_integration_reaches_operations_that_have_no_optimized_one(
    machines: Machines, sagemaker: Any, name: str
) -> None:
    sagemaker.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}
    )
    ended = machines.run(
        only(
            {
                "Type": "Task",
                **JSONATA,
                "Resource": "arn:aws:states:::aws-sdk:sagemaker:deleteModel",
                "Arguments": {"ModelName": name},
                "End": True,
            }
        )
    )
    assert ended["status"] == "SUCCEEDED"
    assert not sagemaker.list_models(NameContains=name)["Models"]


GATES = """
class GatesFailed(Exception):
    pass

def handler(event, context):
    raise GatesFailed("no finalist passed:\\ntest_roc_auc")
"""


def test_a_functions_exception_is_caught_by_its_own_name(
    machines: Machines, client: Callable[[str], Any], name: str
) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("gates.py", GATES)
    function = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.14",
        Role=ROLE,
        Handler="gates.handler",
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]
    task = {
        "Type": "Task",
        **JSONATA,
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": {}},
        "Catch": [
            {
                "ErrorEquals": ["GatesFailed"],
                "Output": "{% $parse($states.errorOutput.Cause).errorMessage %}",
                "Next": "Told",
            }
        ],
        "End": True,
    }
    ended = machines.run(only(task, Told={"Type": "Pass", **JSONATA, "End": True}))
    assert ended["status"] == "SUCCEEDED", ended["cause"]
    assert json.loads(ended["output"]) == "no finalist passed:\ntest_roc_auc"


def test_a_rule_of_a_jsonata_state_assigns_variables(machines: Machines) -> None:
    choice = {
        "Type": "Choice",
        **JSONATA,
        "Choices": [{"Condition": "{% true %}", "Assign": {"chosen": 1}, "Next": "Fail"}],
    }
    fail = {
        "Type": "Parallel",
        **JSONATA,
        "Branches": [only({"Type": "Fail", "Error": "Bad"})],
        "Catch": [{"ErrorEquals": ["Bad"], "Assign": {"caught": 2}, "Next": "Told"}],
        "End": True,
    }
    told = {"Type": "Pass", **JSONATA, "Output": "{% [$chosen, $caught] %}", "End": True}
    ended = machines.run(only(choice, Fail=fail, Told=told))
    assert json.loads(ended["output"]) == [1, 2], ended.get("cause")
