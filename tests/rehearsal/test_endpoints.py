"""Endpoints answer by weight, and stay up when an update is broken."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from tests.rehearsal.conftest import BUCKET, ROLE, SCIKIT_LEARN, XGBOOST, Prepared
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import create_model, settled, within, words

REQUESTS = 300
NAME = "endpoints"
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 50,
    "DestinationS3Uri": f"s3://{BUCKET}/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


@pytest.fixture(scope="module")
def model(account: Account, s3: Any) -> str:
    return create_model(account, "endpoints-word", WORD="good")


@pytest.fixture(scope="module")
def endpoint(sagemaker: Any, model: str) -> Iterator[str]:
    configure(sagemaker, NAME, model)
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    assert settled(sagemaker, NAME)["EndpointStatus"] == "InService"
    yield NAME
    sagemaker.delete_endpoint(EndpointName=NAME)


@pytest.fixture(scope="module")
def runtime(account: Account) -> Any:
    return account.client("sagemaker-runtime")


def configure(sagemaker: Any, name: str, model: str, **others: Any) -> str:
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            variant("champion", model, InitialVariantWeight=9, InitialInstanceCount=2),
            variant("challenger", model, InitialVariantWeight=1),
        ],
        **others,
    )
    return name


def shift(sagemaker: Any, endpoint: str, **weights: float) -> None:
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[
            {"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()
        ],
    )
    settled(sagemaker, endpoint)


def described(sagemaker: Any, name: str) -> dict[str, tuple[float, int]]:
    variants = sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
    return {
        item["VariantName"]: (item["CurrentWeight"], item["CurrentInstanceCount"])
        for item in variants
    }


def test_traffic_follows_the_weights_before_and_after_a_shift(
    sagemaker: Any, endpoint: str, runtime: Any
) -> None:
    def challenged() -> int:
        answers = [runtime.invoke_endpoint(EndpointName=endpoint, Body=b"?") for _ in range(300)]
        names = [answer["InvokedProductionVariant"] for answer in answers]
        assert set(names) <= {"champion", "challenger"}
        return names.count("challenger")

    shift(sagemaker, endpoint, champion=9, challenger=1)
    assert within(challenged(), REQUESTS, 0.1)
    shift(sagemaker, endpoint, champion=1, challenger=1)
    assert within(challenged(), REQUESTS, 0.5)


def test_weights_may_be_as_large_as_numbers_are(
    sagemaker: Any, endpoint: str, runtime: Any
) -> None:
    shift(sagemaker, endpoint, champion=1e38, challenger=3e38)
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"?")
    assert answer["InvokedProductionVariant"] in ("champion", "challenger")


def test_a_target_variant_answers_whatever_its_weight(
    sagemaker: Any, endpoint: str, runtime: Any
) -> None:
    shift(sagemaker, endpoint, champion=1, challenger=0)
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=b"?", TargetVariant="challenger")
    assert answer["InvokedProductionVariant"] == "challenger"
    with pytest.raises(ClientError, match="Variant nobody"):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"?", TargetVariant="nobody")


def test_a_trained_model_predicts_and_refuses_in_its_own_words(
    sagemaker: Any, prepared: Prepared, artifact: str, runtime: Any, name: str
) -> None:
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": artifact},
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant("only", name)]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert settled(sagemaker, name)["EndpointStatus"] == "InService"
    label, _, features = prepared.shards[2][0].partition(",")
    request = {"EndpointName": name, "ContentType": "text/csv"}
    answer = runtime.invoke_endpoint(**request, Body=features)["Body"].read()
    assert round(float(answer)) == int(label)
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(**request, Body="not,a,number")
    assert caught.value.response["OriginalStatusCode"] in (400, 415)
    assert caught.value.response["OriginalMessage"]
    sagemaker.delete_endpoint(EndpointName=name)


def test_an_endpoint_is_described_with_its_images_weights_and_instances(
    sagemaker: Any, endpoint: str
) -> None:
    shift(sagemaker, endpoint, champion=9, challenger=1)
    answer = sagemaker.describe_endpoint(EndpointName=endpoint)
    champion = answer["ProductionVariants"][0]
    (image,) = champion.pop("DeployedImages")
    assert image["SpecifiedImage"] == SCIKIT_LEARN
    assert "@sha256:" in image["ResolvedImage"]
    assert champion == {
        "VariantName": "champion",
        "CurrentWeight": 9.0,
        "DesiredWeight": 9.0,
        "CurrentInstanceCount": 2,
        "DesiredInstanceCount": 2,
    }
    assert not answer.keys() & {"PendingDeploymentSummary", "FailureReason", "DataCaptureConfig"}
    listed = sagemaker.list_endpoints(NameContains=NAME, StatusEquals="InService")["Endpoints"]
    assert [item["EndpointName"] for item in listed] == [endpoint]


def test_capacities_change_only_of_variants_that_are_there(sagemaker: Any, endpoint: str) -> None:
    def change(**item: Any) -> None:
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=endpoint, DesiredWeightsAndCapacities=[item]
        )

    change(VariantName="challenger", DesiredInstanceCount=3)
    settled(sagemaker, endpoint)
    assert described(sagemaker, endpoint)["challenger"][1] == 3
    with pytest.raises(ClientError, match='production variant "nobody"'):
        change(VariantName="nobody", DesiredWeight=1)
    with pytest.raises(ClientError, match="must be at least 1"):
        change(VariantName="challenger", DesiredInstanceCount=0)


def test_an_update_keeps_or_resets_the_live_weights_and_counts_as_asked(
    sagemaker: Any, endpoint: str, model: str, runtime: Any
) -> None:
    """And no request fails meanwhile."""
    shift(sagemaker, endpoint, champion=9, challenger=4)
    updated = threading.Event()

    def keep_asking() -> int:
        answered = 0
        while not updated.is_set():
            answered += words(runtime, endpoint, 1)["good"]
        return answered

    with ThreadPoolExecutor(4) as clients:
        answers = [clients.submit(keep_asking) for _ in range(4)]
        try:
            second = configure(sagemaker, f"{NAME}-2", model)
            sagemaker.update_endpoint(
                EndpointName=endpoint,
                EndpointConfigName=second,
                RetainAllVariantProperties=True,
                ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredInstanceCount"}],
            )
            pending = sagemaker.describe_endpoint(EndpointName=endpoint)
            assert settled(sagemaker, endpoint)["EndpointConfigName"] == second
        finally:
            updated.set()
    assert all(answer.result() > 0 for answer in answers)
    assert pending["EndpointStatus"] == "Updating"
    assert pending["EndpointConfigName"] == NAME
    summary = pending["PendingDeploymentSummary"]
    assert summary["EndpointConfigName"] == second
    assert [item["VariantName"] for item in summary["ProductionVariants"]] == [
        "champion",
        "challenger",
    ]
    assert described(sagemaker, endpoint) == {"champion": (9, 2), "challenger": (4, 1)}
    third = configure(sagemaker, f"{NAME}-3", model, DataCaptureConfig=CAPTURE)
    sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=third, RetainAllVariantProperties=False
    )
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=third)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName=endpoint)
    capture = settled(sagemaker, endpoint)["DataCaptureConfig"]
    assert (capture["CaptureStatus"], capture["CurrentSamplingPercentage"]) == ("Started", 50)
    assert described(sagemaker, endpoint) == {"champion": (9, 2), "challenger": (1, 1)}


def test_a_broken_model_never_takes_a_serving_endpoint_down(
    account: Account, sagemaker: Any, s3: Any, endpoint: str, runtime: Any
) -> None:
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    s3.put_object(Bucket=BUCKET, Key="broken/model.tar.gz", Body=b"no archive")
    sagemaker.create_model(
        ModelName="broken-archive",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={
            "Image": SCIKIT_LEARN,
            "ModelDataUrl": f"s3://{BUCKET}/broken/model.tar.gz",
        },
    )
    for broken in ("broken-archive", create_model(account, "broken-program", BROKEN="yes")):
        configure(sagemaker, broken, broken)
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=broken)
        after = settled(sagemaker, endpoint)
        assert after["EndpointStatus"] == "InService"
        assert after["EndpointConfigName"] == before
        assert "production variant c" in after["FailureReason"]
        assert words(runtime, endpoint, 5) == {"good": 5}


def test_a_configuration_or_a_model_that_is_gone_changes_nothing(
    account: Account, sagemaker: Any, endpoint: str, model: str
) -> None:
    config = configure(sagemaker, "gone", create_model(account, "gone", WORD="gone"))
    sagemaker.delete_model(ModelName="gone")
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.create_endpoint(EndpointName="gone", EndpointConfigName=config)
    assert not sagemaker.list_endpoints(NameContains="gone")["Endpoints"]
    in_force = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    kept = sagemaker.describe_endpoint_config(EndpointConfigName=in_force)
    sagemaker.delete_endpoint_config(EndpointConfigName=in_force)
    configure(sagemaker, "next", model)
    with pytest.raises(ClientError, match=f"Could not find endpoint configuration .*{in_force}"):
        sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName="next")
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"] == "InService"
    sagemaker.create_endpoint_config(
        EndpointConfigName=in_force, ProductionVariants=kept["ProductionVariants"]
    )


def test_a_failed_endpoint_can_only_be_deleted(
    account: Account, sagemaker: Any, runtime: Any, name: str
) -> None:
    model = create_model(account, name, BROKEN="yes")
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant("only", model)]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    with pytest.raises(ClientError, match="Cannot create already existing endpoint"):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName=name)
    assert settled(sagemaker, name)["EndpointStatus"] == "Failed"
    with pytest.raises(ClientError):
        runtime.invoke_endpoint(EndpointName=name, Body=b"?")
    with pytest.raises(ClientError, match="it must be InService"):
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=name)
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
