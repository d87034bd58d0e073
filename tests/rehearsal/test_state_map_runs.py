"""A Distributed Map's run: its children, its tolerance and its end."""

import json
import time
from typing import Any

import pytest

from tests.rehearsal.machines import JSONATA, Machines, only

STANDARD = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
EXPRESS = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
ECHO = only({"Type": "Pass", "End": True})
WAIT = only({"Type": "Wait", "Seconds": 600, "End": True})
ODD_FAILS = only(
    {
        "Type": "Choice",
        **JSONATA,
        "Choices": [{"Condition": "{% $states.input % 2 = 1 %}", "Next": "Odd"}],
        "Default": "Even",
    },
    Odd={"Type": "Fail", "Error": "Odd", "Cause": "it is odd"},
    Even={"Type": "Succeed"},
)


def map_over(items: str, processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    config = fields.pop("ProcessorConfig", STANDARD)
    return {
        "Type": "Map",
        **JSONATA,
        "Items": f"{{% {items} %}}",
        "ItemProcessor": {"ProcessorConfig": config, **processor},
        "End": True,
        **fields,
    }


def map_runs(machines: Machines, execution: str) -> list[dict[str, Any]]:
    client = machines.client
    listed = client.list_map_runs(executionArn=execution)["mapRuns"]
    return [client.describe_map_run(mapRunArn=run["mapRunArn"]) for run in listed]


def children(machines: Machines, run: dict[str, Any]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = machines.client.list_executions(mapRunArn=run["mapRunArn"])[
        "executions"
    ]
    return listed


def wait_for_children(machines: Machines, execution: str, count: int) -> list[dict[str, Any]]:
    while True:
        found = [
            child for run in map_runs(machines, execution) for child in children(machines, run)
        ]
        if len(found) == count:
            return found
        time.sleep(0.02)


@pytest.mark.parametrize(("percentage", "status"), [(50, "SUCCEEDED"), (49, "FAILED")])
def test_as_many_percent_of_the_children_may_fail_as_are_tolerated(
    machines: Machines, percentage: int, status: str
) -> None:
    state = map_over("[1..4]", ODD_FAILS, ToleratedFailurePercentage=percentage)
    ended = machines.run(only(state))
    assert ended["status"] == status
    (run,) = map_runs(machines, ended["executionArn"])
    assert (run["status"], run["toleratedFailurePercentage"]) == (status, percentage)
    if status == "SUCCEEDED":
        assert json.loads(ended["output"]) == [2, 4]
    else:
        assert ended["error"] == "States.ExceedToleratedFailureThreshold"


@pytest.mark.parametrize("config", [STANDARD, EXPRESS, {"Mode": "INLINE"}])
def test_no_items_give_an_empty_array(machines: Machines, config: dict[str, str]) -> None:
    ended = machines.run(only(map_over("[]", ECHO, ProcessorConfig=config)))
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", [])


def test_stopping_the_execution_aborts_its_children(machines: Machines) -> None:
    arn = machines.start(only(map_over("[1..3]", WAIT)))
    wait_for_children(machines, arn, 3)
    machines.client.stop_execution(executionArn=arn)
    assert machines.wait(arn)["status"] == "ABORTED"
    while (run := map_runs(machines, arn)[0])["status"] == "RUNNING":
        time.sleep(0.02)
    assert (run["status"], run["executionCounts"]["aborted"]) == ("ABORTED", 3)
    assert {child["status"] for child in children(machines, run)} == {"ABORTED"}


def test_a_child_can_be_stopped_by_itself(machines: Machines) -> None:
    arn = machines.start(only(map_over("[1..2]", WAIT, ToleratedFailureCount=1)))
    first, second = wait_for_children(machines, arn, 2)
    machines.client.stop_execution(executionArn=first["executionArn"], error="Enough", cause="me")
    stopped = machines.wait(first["executionArn"])
    assert (stopped["status"], stopped["error"]) == ("ABORTED", "Enough")
    assert stopped["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    assert machines.client.describe_execution(executionArn=arn)["status"] == "RUNNING"
    machines.client.stop_execution(executionArn=second["executionArn"])
    assert machines.wait(arn)["error"] == "States.ExceedToleratedFailureThreshold"


def test_a_child_is_an_execution_of_its_own(machines: Machines) -> None:
    context = {
        "Type": "Pass",
        **JSONATA,
        "Output": {
            "id": "{% $states.context.Execution.Id %}",
            "input": "{% $states.context.Execution.Input %}",
            "sees": "{% $exists($secret) %}",
        },
        "End": True,
    }
    first = {"Type": "Pass", **JSONATA, "Assign": {"secret": 1}, "Next": "Map"}
    ended = machines.run(only(first, Map=map_over("[7]", only(context))))
    (output,) = json.loads(ended["output"])
    ((child,),) = [children(machines, run) for run in map_runs(machines, ended["executionArn"])]
    assert output == {"id": child["executionArn"], "input": 7, "sees": False}
    kinds = [event["type"] for event in machines.events(child["executionArn"])]
    assert (kinds[0], kinds[-1]) == ("ExecutionStarted", "ExecutionSucceeded")


def test_every_retry_of_the_state_is_a_map_run_of_its_own(machines: Machines) -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}
    ended = machines.run(only(map_over("[1]", ODD_FAILS, Retry=[retry])))
    runs = map_runs(machines, ended["executionArn"])
    assert [(run["status"], run["redriveCount"]) for run in runs] == [("FAILED", 0)] * 2


def test_items_are_counted_one_by_one_in_their_batches(machines: Machines) -> None:
    state = map_over("[1..5]", ECHO, ItemBatcher={"MaxItemsPerBatch": 2})
    ended = machines.run(only(state))
    (run,) = map_runs(machines, ended["executionArn"])
    assert (run["itemCounts"]["succeeded"], run["executionCounts"]["succeeded"]) == (5, 3)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"MaxConcurrency": "{% -1 %}"}, "MaxConcurrency must be 0 or more"),
        ({"ItemBatcher": {"MaxItemsPerBatch": 0}}, "MaxItemsPerBatch must be 1 or more"),
        ({"ToleratedFailurePercentage": 101}, "ToleratedFailurePercentage must be 0 to 100"),
    ],
)
def test_a_number_out_of_its_range_is_named(
    machines: Machines, fields: dict[str, Any], said: str
) -> None:
    ended = machines.run(only(map_over("[1, 2]", ECHO, **fields)))
    assert ended["status"] == "FAILED"
    assert said in ended["cause"]
