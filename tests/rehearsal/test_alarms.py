"""Alarms: of their own metric only, forgetful, told to the event bus, and read with permission."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal.hosting import wait_until
from tests.rehearsal.policies import AsUser, allow, refusal


@pytest.fixture
def cloudwatch(account: Account) -> Iterator[Any]:
    client = account.client("cloudwatch")
    yield client
    client.delete_alarms(AlarmNames=["one", "other"])


def dimensions(variant: str) -> list[dict[str, str]]:
    return [{"Name": "VariantName", "Value": variant}]


def put_alarm(cloudwatch: Any, name: str, missing: str, variant: str | None = None) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Tests",
        MetricName="Errors",
        Dimensions=dimensions(variant or name),
        Statistic="Average",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0.05,
        EvaluationPeriods=1,
        Period=60,
        TreatMissingData=missing,
    )


def put(cloudwatch: Any, variant: str, value: float, seconds_ago: int = 0) -> None:
    datum = {
        "MetricName": "Errors",
        "Dimensions": dimensions(variant),
        "Value": value,
        "Timestamp": datetime.now(UTC) - timedelta(seconds=seconds_ago),
    }
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[datum])


def states(cloudwatch: Any) -> dict[str, str]:
    found = cloudwatch.describe_alarms(AlarmNames=["one", "other"])["MetricAlarms"]
    return {each["AlarmName"]: each["StateValue"] for each in found}


def test_an_alarm_looks_at_its_own_metric_and_changes_are_on_the_event_bus(
    account: Account, cloudwatch: Any
) -> None:
    sqs, events = account.client("sqs"), account.client("events")
    url = sqs.create_queue(QueueName="alarms")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alarms", Targets=[{"Id": "queue", "Arn": queue["QueueArn"]}])
    for name in ("one", "other"):
        put_alarm(cloudwatch, name, "notBreaching")
    put(cloudwatch, "one", 1.0)
    put(cloudwatch, "other", 0.0)
    assert states(cloudwatch) == {"one": "ALARM", "other": "OK"}
    told: list[Any] = []

    def some() -> bool:
        told.extend(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []))
        return bool(told)

    wait_until(some)
    (event,) = (json.loads(each["Body"]) for each in told)
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["detail"]["alarmName"] == "one"
    assert event["detail"]["previousState"]["value"] == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    ("missing", "state"),
    [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA")],
)
def test_an_alarm_without_new_data_is_what_its_treatment_of_missing_data_says(
    cloudwatch: Any, missing: str, state: str
) -> None:
    put(cloudwatch, f"old-{missing}", 1.0, seconds_ago=600)
    put_alarm(cloudwatch, "one", missing, variant=f"old-{missing}")
    assert states(cloudwatch)["one"] == state


def test_a_state_that_was_set_stays_until_the_alarm_is_looked_at_again(cloudwatch: Any) -> None:
    put(cloudwatch, "old-set", 0.0, seconds_ago=600)
    put_alarm(cloudwatch, "one", "notBreaching", variant="old-set")
    cloudwatch.set_alarm_state(AlarmName="one", StateValue="ALARM", StateReason="a test")
    put(cloudwatch, "old-set", 0.0)
    assert states(cloudwatch)["one"] == "ALARM"


def test_reading_alarms_is_checked_on_all_of_them(cloudwatch: Any, as_user: AsUser) -> None:
    put_alarm(cloudwatch, "one", "missing", variant="unmeasured")
    every = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:*"
    reader = as_user("cloudwatch", allow("cloudwatch:DescribeAlarms", on=every))
    assert states(reader) == {"one": "INSUFFICIENT_DATA"}
    one = every.replace("*", "one")
    narrow = as_user("cloudwatch", allow("cloudwatch:DescribeAlarms", on=one))
    assert "DescribeAlarms" in refusal(lambda: states(narrow))
