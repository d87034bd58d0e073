"""Batch transform when the account has too few instances, and when its model server is killed."""

from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.account import Account
from rehearsal.settings import Fault, Settings
from tests.rehearsal.conftest import BUCKET, running_account
from tests.rehearsal.transforms import create_probe, outputs, put, request, transform, wait

SETTINGS = Settings(
    quotas={"ml.m5.large for transform job usage": 1},
    faults=(Fault(kind="kill-job", target="killed", seconds=0.5),),
)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with running_account(tmp_path_factory.mktemp("faults"), SETTINGS) as account:
        account.client("s3").create_bucket(Bucket=BUCKET)
        yield account


def test_a_killed_model_server_fails_its_job_and_frees_its_instance(account: Account) -> None:
    sagemaker: Any = account.client("sagemaker")
    s3 = account.client("s3")
    probe = create_probe(sagemaker, s3)
    for name in ("killed", "refused", "next"):
        put(s3, name, {"rows.csv": b"1\n"})
    sagemaker.create_transform_job(**request("killed", probe, Environment={"MODE": "sleep"}))
    with pytest.raises(sagemaker.exceptions.ResourceLimitExceeded, match="transform job usage"):
        sagemaker.create_transform_job(**request("refused", probe))
    job = wait(sagemaker, "killed")
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].endswith("rows.csv: Unable to get response from algorithm")
    job = transform(sagemaker, "next", probe, Environment={"MODE": "echo"})
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert outputs(s3, "next") == {"rows.csv.out": b"1\n"}
