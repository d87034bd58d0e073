"""Endpoints answer by weight, and stay up when an update is broken."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from scipy.stats import binom

from tests.rehearsal.conftest import BUCKET, ROLE, XGBOOST, Prepared

REQUESTS = 300


def settled(sagemaker: Any, name: str) -> dict[str, Any]:
    while True:
        endpoint: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        if endpoint["EndpointStatus"] not in ("Creating", "Updating"):
            return endpoint
        time.sleep(0.1)


def configure(sagemaker: Any, name: str, model: str, **weights: float) -> str:
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": variant,
                "ModelName": model,
                "InitialVariantWeight": weight,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
            for variant, weight in weights.items()
        ],
    )
    return name


@pytest.fixture
def endpoint(sagemaker: Any, model: str, name: str) -> Any:
    configure(sagemaker, name, model, champion=9, challenger=1)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert settled(sagemaker, name)["EndpointStatus"] == "InService"
    yield name
    sagemaker.delete_endpoint(EndpointName=name)


@pytest.fixture
def ask(client: Callable[[str], Any], prepared: Prepared) -> Callable[..., Any]:
    runtime = client("sagemaker-runtime")
    row = prepared.shards[2][0].partition(",")[2]

    def invoke(endpoint: str, body: str = row, **options: str) -> Any:
        return runtime.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body=body, **options
        )

    return invoke


def shares(ask: Callable[..., Any], endpoint: str) -> Counter[str]:
    return Counter(ask(endpoint)["InvokedProductionVariant"] for _ in range(REQUESTS))


def within(count: int, weight: float) -> bool:
    low, high = binom.interval(1 - 1e-6, REQUESTS, weight)
    return bool(low <= count <= high)


def weights(sagemaker: Any, name: str) -> dict[str, float]:
    described = sagemaker.describe_endpoint(EndpointName=name)
    return {item["VariantName"]: item["CurrentWeight"] for item in described["ProductionVariants"]}


def test_traffic_follows_the_weights_before_and_after_a_shift(
    sagemaker: Any, endpoint: str, ask: Callable[..., Any]
) -> None:
    assert within(shares(ask, endpoint)["challenger"], 0.1)
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[
            {"VariantName": "champion", "DesiredWeight": 1},
            {"VariantName": "challenger", "DesiredWeight": 1},
        ],
    )
    settled(sagemaker, endpoint)
    assert within(shares(ask, endpoint)["challenger"], 0.5)


def test_a_target_variant_answers_whatever_its_weight(
    endpoint: str, ask: Callable[..., Any]
) -> None:
    answer = ask(endpoint, TargetVariant="challenger")
    assert answer["InvokedProductionVariant"] == "challenger"
    assert 0 <= float(answer["Body"].read()) <= 1


def test_what_the_model_refuses_is_a_model_error_in_its_words(
    endpoint: str, ask: Callable[..., Any], client: Callable[[str], Any]
) -> None:
    with pytest.raises(client("sagemaker-runtime").exceptions.ModelError) as caught:
        ask(endpoint, "not,a,number")
    assert caught.value.response["OriginalStatusCode"] in (400, 415)
    assert caught.value.response["OriginalMessage"]


def test_an_update_keeps_or_resets_the_live_weights_as_asked(
    sagemaker: Any, endpoint: str, model: str
) -> None:
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[{"VariantName": "challenger", "DesiredWeight": 4}],
    )
    settled(sagemaker, endpoint)
    second = configure(sagemaker, f"{endpoint}-2", model, champion=9, challenger=1)
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=second, RetainAllVariantProperties=True
    )
    assert settled(sagemaker, endpoint)["EndpointConfigName"] == second
    assert weights(sagemaker, endpoint) == {"champion": 9, "challenger": 4}
    third = configure(sagemaker, f"{endpoint}-3", model, champion=9, challenger=1)
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=third, RetainAllVariantProperties=False
    )
    settled(sagemaker, endpoint)
    assert weights(sagemaker, endpoint) == {"champion": 9, "challenger": 1}


def test_no_request_fails_while_the_endpoint_is_updated(
    sagemaker: Any, endpoint: str, model: str, ask: Callable[..., Any]
) -> None:
    updated = threading.Event()

    def keep_asking() -> int:
        answered = 0
        while not updated.is_set():
            assert 0 <= float(ask(endpoint)["Body"].read()) <= 1
            answered += 1
        return answered

    with ThreadPoolExecutor(8) as clients:
        answers = [clients.submit(keep_asking) for _ in range(8)]
        try:
            second = configure(sagemaker, f"{endpoint}-2", model, champion=1, challenger=1)
            sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=second)
            assert settled(sagemaker, endpoint)["EndpointConfigName"] == second
        finally:
            updated.set()
    assert all(answer.result() > 0 for answer in answers)


def test_a_broken_model_never_takes_a_serving_endpoint_down(
    sagemaker: Any, s3: Any, endpoint: str, name: str, ask: Callable[..., Any]
) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{name}/model.tar.gz", Body=b"no archive")
    sagemaker.create_model(
        ModelName=f"{name}-broken",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": XGBOOST,
            "ModelDataUrl": f"s3://{BUCKET}/{name}/model.tar.gz",
        },
    )
    broken = configure(sagemaker, f"{name}-broken", f"{name}-broken", champion=1)
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=broken)
    after = settled(sagemaker, endpoint)
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == endpoint
    assert "production variant champion" in after["FailureReason"]
    assert 0 <= float(ask(endpoint)["Body"].read()) <= 1


def test_a_configuration_whose_model_is_gone_changes_nothing(
    sagemaker: Any, artifact: str, endpoint: str, name: str
) -> None:
    sagemaker.create_model(
        ModelName=f"{name}-gone",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": artifact},
    )
    config = configure(sagemaker, f"{name}-gone", f"{name}-gone", champion=1)
    sagemaker.delete_model(ModelName=f"{name}-gone")
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find model"):
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find model"):
        sagemaker.create_endpoint(EndpointName=f"{name}-new", EndpointConfigName=config)
    assert not sagemaker.list_endpoints(NameContains=f"{name}-new")["Endpoints"]
