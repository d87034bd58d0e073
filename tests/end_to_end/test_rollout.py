"""A rollout with live traffic: of a challenger that is as good, of one that is worse, stopped."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml

from cli.s3 import split_uri
from tests.end_to_end.conftest import Rehearsal
from tests.end_to_end.test_rehearsal import Client, body, keys

_LONGEST_SECONDS = 90.0
_REQUESTS = 150

Label = Callable[[str, float], int]


@pytest.fixture(scope="module", autouse=True)
def deployed(rehearsal: Rehearsal, client: Client) -> None:
    """The endpoint with the file's weights, which other tests of this rehearsal have shifted."""
    client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="flights",
        DesiredWeightsAndCapacities=[{"VariantName": "challenger", "DesiredWeight": 5}],
    )
    document = yaml.safe_load(rehearsal.file.read_text())
    document["hosting"]["weights"] = "from_file"
    file = rehearsal.file.with_name("from-file.yaml")
    file.write_text(yaml.safe_dump(document))
    said = replace(rehearsal, file=file).lifecycle("deploy")
    assert "champion with weight 9, challenger with weight 1" in said


class Application:
    """Sends requests to the endpoint, and tells the labels afterwards."""

    def __init__(self, rehearsal: Rehearsal, client: Client) -> None:
        batch = body(client, keys(client, rehearsal.summary["batch"]["output"])[0])
        self._rows = [line.rpartition(",")[0] for line in batch.splitlines()]
        self._endpoint = rehearsal.summary["endpoint"]["name"]
        self._runtime, self._s3 = client("sagemaker-runtime"), client("s3")
        stacks = client("cloudformation").describe_stacks(StackName="flights-storage")["Stacks"]
        self._bucket = next(
            each["OutputValue"]
            for each in stacks[0]["Outputs"]
            if each["OutputKey"] == "DataBucketName"
        )

    def send(self, label: Label) -> None:
        """Some requests; their labels are what `label` says of a variant and its score."""
        labels = {}
        for row in self._rows[:_REQUESTS]:
            identity = f"rollout-{time.monotonic_ns()}"
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint,
                ContentType="text/csv",
                Accept="text/csv",
                Body=row,
                InferenceId=identity,
            )
            score = float(answer["Body"].read())
            labels[identity] = label(answer["InvokedProductionVariant"], score)
        lines = (
            json.dumps(
                {
                    "groundTruthData": {"data": str(each), "encoding": "CSV"},
                    "eventMetadata": {"eventId": identity},
                    "eventVersion": "0",
                }
            )
            for identity, each in labels.items()
        )
        key = f"ground-truth/rollout-{time.monotonic_ns()}.jsonl"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body="\n".join(lines))

    def send_until_ended(self, label: Label, told: Callable[[], list[dict[str, Any]]]) -> None:
        deadline = time.monotonic() + _LONGEST_SECONDS
        while told()[-1]["what"] not in ("completed", "rolled back"):
            assert time.monotonic() < deadline, told()
            self.send(label)


@pytest.fixture(scope="module")
def application(rehearsal: Rehearsal, client: Client) -> Application:
    return Application(rehearsal, client)


@pytest.fixture(scope="module")
def told(rehearsal: Rehearsal, client: Client) -> Callable[[], list[dict[str, Any]]]:
    """The events of the newest rollout."""
    bucket, _ = split_uri(rehearsal.summary["batch"]["output"])

    def events() -> list[dict[str, Any]]:
        found = keys(client, f"s3://{bucket}/rollouts/events/")
        newest = max((uri.split("/")[-2] for uri in found), default="")
        return [json.loads(body(client, uri)) for uri in found if f"/{newest}/" in uri]

    return events


def wait_for(told: Callable[[], list[dict[str, Any]]], what: str) -> dict[str, Any]:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while True:
        events = told()
        if events and events[-1]["what"] == what:
            return events[-1]
        assert time.monotonic() < deadline, events
        time.sleep(0.2)


def weights(client: Client) -> dict[str, float]:
    described = client("sagemaker").describe_endpoint(EndpointName="flights")
    return {each["VariantName"]: each["CurrentWeight"] for each in described["ProductionVariants"]}


def likely(_variant: str, score: float) -> int:
    return int(score >= 0.5)


def test_a_challenger_that_is_worse_gives_the_traffic_back(
    rehearsal: Rehearsal, client: Client, application: Application, told: Any
) -> None:
    def wrong(variant: str, score: float) -> int:
        return 1 - likely(variant, score) if variant == "challenger" else likely(variant, score)

    assert "is started" in rehearsal.lifecycle("rollout", "start")
    wait_for(told, "shifted")
    application.send_until_ended(wrong, told)
    *_, last = told()
    assert (last["what"], last["reason"]) == ("rolled back", "the challenger's loss is higher")
    assert weights(client) == {"champion": 100, "challenger": 0}
    assert "rolled back" in rehearsal.lifecycle("rollout", "status")


def test_a_challenger_that_is_not_worse_gets_all_of_the_traffic_and_is_promoted(
    rehearsal: Rehearsal, client: Client, application: Application, told: Any
) -> None:
    rehearsal.lifecycle("rollout", "start")
    wait_for(told, "shifted")
    application.send_until_ended(likely, told)
    events = told()
    assert [each["percentage"] for each in events] == [0, 20, 50, 100, 100]
    assert events[-1]["what"] == "completed"
    assert weights(client) == {"champion": 0, "challenger": 100}
    before = client("ssm").get_parameter(Name="/flights/models/challenger")["Parameter"]["Value"]
    promoted = rehearsal.lifecycle("promote")
    assert "the file's weights count" in promoted
    assert "is in service" in promoted
    after = client("ssm").get_parameter(Name="/flights/models/champion")["Parameter"]["Value"]
    assert after == before
    assert weights(client) == {"champion": 9, "challenger": 1}


def test_a_rollout_is_stopped_resumed_and_aborted_at_any_moment(
    rehearsal: Rehearsal, client: Client, told: Any
) -> None:
    rehearsal.lifecycle("rollout", "start")
    with pytest.raises(AssertionError, match="is under way"):
        rehearsal.lifecycle("rollout", "start")
    wait_for(told, "shifted")
    assert "the challenger keeps 20 %" in rehearsal.lifecycle("rollout", "stop")
    assert weights(client) == {"champion": 80, "challenger": 20}
    with pytest.raises(AssertionError, match="is stopped at 20 %; resume or abort it"):
        rehearsal.lifecycle("rollout", "start")
    assert "resumed at step 1" in rehearsal.lifecycle("rollout", "resume")
    wait_for(told, "shifted")
    assert "the champion has all" in rehearsal.lifecycle("rollout", "abort")
    assert weights(client) == {"champion": 100, "challenger": 0}
    assert "root" in told()[-1]["by"]
    with pytest.raises(AssertionError, match="there is no rollout to abort"):
        rehearsal.lifecycle("rollout", "abort")


def test_an_alarm_ends_a_rollout_at_once(rehearsal: Rehearsal, client: Client, told: Any) -> None:
    cloudwatch = client("cloudwatch")
    (alarm,) = (
        each["AlarmName"]
        for each in cloudwatch.describe_alarms()["MetricAlarms"]
        if each.get("Dimensions") and each["Dimensions"][-1]["Value"] == "challenger"
    )
    rehearsal.lifecycle("rollout", "start")
    wait_for(told, "shifted")
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
    assert wait_for(told, "aborted")["by"] == f"alarm {alarm}"
    assert weights(client) == {"champion": 100, "challenger": 0}
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test")


def test_a_rollout_that_fails_leaves_the_weights_and_an_alarm_and_goes_on(
    rehearsal: Rehearsal, client: Client, told: Any
) -> None:
    rehearsal.lifecycle("rollout", "start")
    wait_for(told, "shifted")
    client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="flights",
        DesiredWeightsAndCapacities=[{"VariantName": "challenger", "DesiredWeight": 60}],
    )
    machine = told()[-1]["execution"]
    deadline = time.monotonic() + _LONGEST_SECONDS
    states = client("stepfunctions")
    while states.describe_execution(executionArn=machine)["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert weights(client) == {"champion": 80, "challenger": 60}
    shown = rehearsal.lifecycle("rollout", "status")
    assert "was given other weights during the rollout" in " ".join(shown.split())
    alarms = client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert [each["MetricName"] for each in alarms] == ["ExecutionsFailed"]
    before = told()
    assert "resumed at step 1" in rehearsal.lifecycle("rollout", "resume")
    wait_for(lambda: told()[len(before) :], "shifted")
    assert weights(client) == {"champion": 80, "challenger": 20}
    rehearsal.lifecycle("rollout", "abort")
