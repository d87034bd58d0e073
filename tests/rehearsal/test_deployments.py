"""Guarded updates of an endpoint: traffic shifts step by step, and alarms roll it back."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.account import Account
from rehearsal.sagemaker.hosting.traffic import steps
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import (
    alarm_on_errors,
    create_model,
    settled,
    wait_until,
    within,
    words,
)

REQUESTS = 200
NAME = "guarded"
PERCENT = "CAPACITY_PERCENT"


@pytest.fixture(scope="module")
def runtime(account: Account) -> Any:
    return account.client("sagemaker-runtime")


@pytest.fixture(scope="module")
def endpoint(account: Account, sagemaker: Any, s3: Any) -> Iterator[str]:
    """Four instances of a variant that answers `old`; the configuration `NAME-new` has another."""
    for word in ("old", "new"):
        create_model(account, f"{NAME}-{word}", WORD=word)
        configure(sagemaker, f"{NAME}-{word}", variant("only", f"{NAME}-{word}"))
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=f"{NAME}-old")
    assert settled(sagemaker, NAME)["EndpointStatus"] == "InService"
    yield NAME
    sagemaker.delete_endpoint(EndpointName=NAME)


@pytest.fixture
def alarm(account: Account) -> Iterator[str]:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=NAME,
        Namespace="Tests",
        MetricName="never-there",
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1,
        EvaluationPeriods=1,
        Period=60,
    )
    yield NAME
    cloudwatch.delete_alarms(AlarmNames=[NAME])


def configure(sagemaker: Any, name: str, *variants: dict[str, Any]) -> None:
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[{**item, "InitialInstanceCount": 4} for item in variants],
    )


def trip(account: Account, alarm: str) -> None:
    account.client("cloudwatch").set_alarm_state(
        AlarmName=alarm, StateValue="ALARM", StateReason="a test"
    )


def blue_green(kind: str, wait: int = 0, alarm: str = "", **sizes: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}} | watching(alarm)


def watching(alarm: str) -> dict[str, Any]:
    return {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]}} if alarm else {}


def update(sagemaker: Any, deployment: dict[str, Any], word: str = "new", **others: Any) -> None:
    sagemaker.update_endpoint(
        EndpointName=NAME,
        EndpointConfigName=f"{NAME}-{word}",
        DeploymentConfig=deployment,
        **others,
    )


def stage(sagemaker: Any) -> str:
    """The status of the new variant, while an update is under way."""
    endpoint = sagemaker.describe_endpoint(EndpointName=NAME)
    assert endpoint["EndpointStatus"] == "Updating", endpoint.get("FailureReason")
    (pending,) = endpoint["PendingDeploymentSummary"]["ProductionVariants"]
    status: str = pending["VariantStatus"][0]["Status"]
    return status


def test_an_alarm_during_a_canary_gives_the_traffic_back_to_the_old_fleet(
    account: Account, sagemaker: Any, runtime: Any, endpoint: str, alarm: str
) -> None:
    canary = {"Type": "INSTANCE_COUNT", "Value": 1}
    update(sagemaker, blue_green("CANARY", 3600, alarm, CanarySize=canary))
    wait_until(lambda: stage(sagemaker) == "Baking")
    during = words(runtime, endpoint, REQUESTS)
    assert within(during["new"], REQUESTS, 0.25)
    assert during["old"] + during["new"] == REQUESTS
    pending = sagemaker.describe_endpoint(EndpointName=endpoint)["PendingDeploymentSummary"]
    assert pending["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    trip(account, alarm)
    after = settled(sagemaker, endpoint)
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == f"{NAME}-old"
    assert alarm in after["FailureReason"]
    assert "PendingDeploymentSummary" not in after
    assert words(runtime, endpoint, 20) == {"old": 20}


def test_an_alarm_after_the_whole_shift_rolls_a_rolling_update_back_in_batches(
    account: Account, sagemaker: Any, runtime: Any, endpoint: str, alarm: str
) -> None:
    half = {"Type": PERCENT, "Value": 50}
    rolling = {
        "MaximumBatchSize": half,
        "WaitIntervalInSeconds": 3600,
        "RollbackMaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
    }
    update(sagemaker, {"RollingUpdatePolicy": rolling} | watching(alarm))
    wait_until(lambda: stage(sagemaker) == "Baking")
    assert within(words(runtime, endpoint, REQUESTS)["new"], REQUESTS, 0.5)
    trip(account, alarm)
    after = settled(sagemaker, endpoint)
    assert after["EndpointConfigName"] == f"{NAME}-old"
    assert words(runtime, endpoint, 20) == {"old": 20}


def test_a_model_that_fails_its_requests_is_rolled_back_by_the_alarm_on_its_metrics(
    account: Account, sagemaker: Any, runtime: Any, endpoint: str, alarm: str
) -> None:
    alarm_on_errors(account, alarm, endpoint)
    failing = create_model(account, f"{NAME}-failing", WORD="sorry", FAILING="yes")
    configure(sagemaker, f"{NAME}-failing", variant("only", failing))
    half = {"Type": PERCENT, "Value": 50}
    update(sagemaker, blue_green("CANARY", 3600, alarm, CanarySize=half), word="failing")
    answers: set[str] = set()
    while sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "Updating":
        try:
            answers |= words(runtime, endpoint, 1).keys()
        except runtime.exceptions.ModelError as error:
            answers.add(error.response["OriginalMessage"])
    assert answers == {"old", "sorry"}
    after = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert after["EndpointConfigName"] == f"{NAME}-old"
    assert alarm in after["FailureReason"]
    assert words(runtime, endpoint, 20) == {"old": 20}


def test_an_alarm_that_was_on_already_keeps_the_new_fleet_out(
    account: Account, sagemaker: Any, runtime: Any, endpoint: str, alarm: str
) -> None:
    trip(account, alarm)
    update(sagemaker, blue_green("ALL_AT_ONCE", alarm=alarm))
    assert alarm in settled(sagemaker, endpoint)["FailureReason"]
    assert words(runtime, endpoint, 20) == {"old": 20}


def test_a_quiet_deployment_ends_in_service_and_can_be_repeated(
    sagemaker: Any, runtime: Any, endpoint: str, alarm: str
) -> None:
    third = {"Type": PERCENT, "Value": 34}
    deployment = blue_green("LINEAR", 0, alarm, LinearStepSize=third)
    deployment["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] = 1
    update(sagemaker, deployment)
    assert "FailureReason" not in settled(sagemaker, endpoint)
    assert words(runtime, endpoint, 20) == {"new": 20}
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=f"{NAME}-old", RetainDeploymentConfig=True
    )
    after = settled(sagemaker, endpoint)
    assert after["LastDeploymentConfig"] == deployment
    assert words(runtime, endpoint, 20) == {"old": 20}


@pytest.mark.parametrize(
    ("deployment", "reason"),
    [
        (blue_green("CANARY"), "CANARY requires CanarySize"),
        (blue_green("CANARY", CanarySize={"Type": PERCENT, "Value": 60}), "between 0% and 50%"),
        (
            blue_green("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 3}),
            "INSTANCE_COUNT 3 is 75%",
        ),
        (blue_green("LINEAR", LinearStepSize={"Type": PERCENT, "Value": 5}), "10% and 50%"),
        (blue_green("ALL_AT_ONCE", CanarySize={"Type": PERCENT, "Value": 5}), "does not take"),
        (blue_green("ALL_AT_ONCE", alarm="nobody's"), "Could not find CloudWatch alarms: nobody's"),
        (
            blue_green("ALL_AT_ONCE") | {"AutoRollbackConfiguration": {"Alarms": [{}]}},
            "each must have an AlarmName",
        ),
        (
            blue_green("ALL_AT_ONCE")
            | {
                "RollingUpdatePolicy": {
                    "MaximumBatchSize": {"Type": PERCENT, "Value": 50},
                    "WaitIntervalInSeconds": 0,
                }
            },
            "Only one update policy",
        ),
        (
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "ALL_AT_ONCE",
                        "WaitIntervalInSeconds": 0,
                    },
                    "TerminationWaitInSeconds": 700,
                    "MaximumExecutionTimeoutInSeconds": 600,
                }
            },
            "larger than the total waiting time",
        ),
    ],
)
def test_a_deployment_that_cannot_be_is_refused(
    sagemaker: Any, endpoint: str, deployment: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        update(sagemaker, deployment)
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"


def test_a_guarded_deployment_keeps_the_names_of_the_variants(
    sagemaker: Any, endpoint: str, name: str
) -> None:
    configure(sagemaker, f"{NAME}-{name}", variant("other", f"{NAME}-new"))
    with pytest.raises(ClientError, match="same production variant names"):
        update(sagemaker, blue_green("ALL_AT_ONCE"), word=name)


@given(st.integers(5, 100))
def test_steps_grow_by_their_size_up_to_all_of_the_traffic(percent: int) -> None:
    shares = steps(percent / 100)
    assert shares[-1] == 1
    grown = [after - before for before, after in zip((0.0, *shares), shares, strict=False)]
    assert all(0 < step <= percent / 100 + 1e-9 for step in grown)
    assert len(shares) == -(-100 // percent)
