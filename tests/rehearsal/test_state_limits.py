"""A workflow that would break on AWS's quotas breaks here, in the same way."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.machines import JSONATA, Machines, only

LARGE = {"Type": "Pass", **JSONATA, "Output": "{% $pad('', 300000, 'x') %}", "End": True}


def test_more_than_256_kib_between_states_end_the_execution(machines: Machines) -> None:
    caught = {
        "Type": "Parallel",
        **JSONATA,
        "Branches": [only(LARGE)],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        "End": True,
    }
    ended = machines.run(only(caught, Caught={"Type": "Succeed"}))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")
    assert "'Only'" in ended["cause"]


def test_an_input_of_more_than_256_kib_is_refused(machines: Machines) -> None:
    with pytest.raises(ClientError, match="less than or equal to 262144"):
        machines.run(only({"Type": "Succeed"}), {"text": "x" * 262144})


def test_the_25000th_event_ends_the_execution(machines: Machines) -> None:
    # 40 items x 320 states x 2 events, and those of the iterations.
    chain: dict[str, Any] = {
        f"S{index}": {"Type": "Pass", "Next": f"S{index + 1}"} for index in range(320)
    }
    chain["S320"] = {"Type": "Pass", "End": True}
    definition = only(
        {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "S0", "States": chain},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "End": True,
        },
        Caught={"Type": "Succeed"},
    )
    arn = machines.start(definition, {"items": list(range(40))})
    ended = machines.wait(arn)
    assert ended["status"] == "FAILED"
    assert "maximum number of history events (25000)" in ended["cause"]
    last = machines.client.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)[
        "events"
    ][0]
    assert (last["id"], last["type"]) == (25000, "ExecutionFailed")


def test_a_machines_timeout_ends_what_it_waits_for(machines: Machines) -> None:
    wait = {"Type": "Wait", "Seconds": 600, "End": True}
    ended = machines.run({**only(wait), "TimeoutSeconds": 1})
    assert ended["status"] == "TIMED_OUT"


def test_the_output_of_a_state_is_whole_up_to_the_limit(machines: Machines) -> None:
    state = {**LARGE, "Output": "{% $pad('', 262000, 'x') %}"}
    ended = machines.run(only(state))
    assert len(json.loads(ended["output"])) == 262000
