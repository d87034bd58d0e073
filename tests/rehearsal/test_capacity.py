"""What happens to endpoints when there are no more instances to have."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from rehearsal.sagemaker.faults import Faults
from rehearsal.settings import Fault, Settings
from tests.rehearsal.conftest import BUCKET, running_account
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import create_model, settled, words

NO_CAPACITY = "Unable to provision requested ML compute capacity"

# Whether each endpoint is refused capacity the first time that it asks, the second, ...
REFUSALS = {
    "refused": [True],
    "grows": [False, True],
    "mixed": [False, False, True, True, False],
}


def chosen() -> Settings:
    """Settings with a seed that refuses just so."""
    quotas = {"ml.m5.large for endpoint usage": 6}
    for seed in count():
        fault = Fault(kind="refuse-capacity", share=0.5)
        settings = Settings(quotas=quotas, faults=(fault,), seed=seed)
        faults = Faults(settings)
        if all(
            [bool(faults.strike("refuse-capacity", name)) for _ in wanted] == wanted
            for name, wanted in REFUSALS.items()
        ):
            return settings
    raise AssertionError


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account that is short of instances."""
    with running_account(tmp_path_factory.mktemp("short"), chosen()) as account:
        account.client("s3").create_bucket(Bucket=BUCKET)
        for word in ("old", "new"):
            create_model(account, word, WORD=word)
            for instances in (1, 2, 7):
                account.client("sagemaker").create_endpoint_config(
                    EndpointConfigName=f"{word}-{instances}",
                    ProductionVariants=[variant("only", word, InitialInstanceCount=instances)],
                )
        yield account


@pytest.fixture(scope="module")
def sagemaker(short: Account) -> Any:
    return short.client("sagemaker")


def test_an_endpoint_beyond_the_quota_is_not_made(sagemaker: Any) -> None:
    with pytest.raises(ClientError, match="request delta of 7 Instances") as caught:
        sagemaker.create_endpoint(EndpointName="many", EndpointConfigName="old-7")
    assert caught.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    assert not sagemaker.list_endpoints(NameContains="many")["Endpoints"]


def test_an_endpoint_without_capacity_fails(sagemaker: Any) -> None:
    sagemaker.create_endpoint(EndpointName="refused", EndpointConfigName="old-2")
    failed = settled(sagemaker, "refused")
    assert failed["EndpointStatus"] == "Failed"
    assert NO_CAPACITY in failed["FailureReason"]


def test_an_endpoint_that_cannot_grow_stays_as_it_was(sagemaker: Any) -> None:
    def grow(instances: int) -> None:
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="grows",
            DesiredWeightsAndCapacities=[
                {"VariantName": "only", "DesiredInstanceCount": instances, "DesiredWeight": 7}
            ],
        )

    sagemaker.create_endpoint(EndpointName="grows", EndpointConfigName="old-1")
    assert settled(sagemaker, "grows")["EndpointStatus"] == "InService"
    with pytest.raises(ClientError, match="is 6 Instances, with current utilization of 1"):
        grow(7)
    grow(6)
    after = settled(sagemaker, "grows")
    assert after["EndpointStatus"] == "InService"
    assert NO_CAPACITY in after["FailureReason"]
    (only,) = after["ProductionVariants"]
    assert (only["CurrentInstanceCount"], only["CurrentWeight"]) == (1, 1.0)


def test_a_rolling_update_whose_roll_back_fails_leaves_a_mix_that_can_be_updated(
    short: Account, sagemaker: Any
) -> None:
    sagemaker.create_endpoint(EndpointName="mixed", EndpointConfigName="old-2")
    settled(sagemaker, "mixed")
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    sagemaker.update_endpoint(
        EndpointName="mixed",
        EndpointConfigName="new-2",
        DeploymentConfig={
            "RollingUpdatePolicy": {"MaximumBatchSize": half, "WaitIntervalInSeconds": 0}
        },
    )
    failed = settled(sagemaker, "mixed")
    assert failed["EndpointStatus"] == "UpdateRollbackFailed"
    assert failed["EndpointConfigName"] == "old-2"
    assert NO_CAPACITY in failed["FailureReason"]
    runtime = short.client("sagemaker-runtime")
    assert words(runtime, "mixed", 50).keys() == {"old", "new"}
    sagemaker.update_endpoint(EndpointName="mixed", EndpointConfigName="new-1")
    repaired = settled(sagemaker, "mixed")
    assert repaired["EndpointStatus"] == "InService"
    assert "FailureReason" not in repaired
    assert words(runtime, "mixed", 20) == {"new": 20}
