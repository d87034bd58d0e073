"""Serverless variants and slow ones, in an account with settings of its own."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config

from rehearsal.account import Account
from rehearsal.clients import SECRET
from rehearsal.server import ACCOUNT_ID
from rehearsal.settings import Fault, Settings
from tests.rehearsal import echo
from tests.rehearsal.conftest import BUCKET, running_account
from tests.rehearsal.containers import variant

SLOW_SECONDS = 0.5


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    settings = Settings(
        serverless_idle_seconds=0.5,
        faults=(Fault(kind="slow-variant", target="faulty/slow", seconds=SLOW_SECONDS),),
    )
    with running_account(tmp_path_factory.mktemp("own-account"), settings) as account:
        account.client("s3").create_bucket(Bucket=BUCKET)
        echo.create_model(account, "echo")
        yield account


@pytest.fixture
def runtime(account: Account) -> Any:
    return boto3.client(
        "sagemaker-runtime",
        endpoint_url=account.endpoint_url,
        region_name=account.region,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key=SECRET,
        config=Config(retries={"total_max_attempts": 1}),
    )


def servers(account: Account) -> int:
    """How many model servers run."""
    return sum(
        "rehearsal.programs.script_serve" in " ".join(child.cmdline())
        for child in psutil.Process(account.pid).children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
    )


def serverless(**config: int) -> dict[str, Any]:
    return {
        "VariantName": "only",
        "ModelName": "echo",
        "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1, **config},
    }


def test_a_serverless_variant_starts_with_a_request_and_ends_without_one(
    account: Account, runtime: Any
) -> None:
    echo.serve(account, "cold", ProductionVariants=[serverless()])
    assert servers(account) == 0
    for body in (b"first", b"second"):
        assert runtime.invoke_endpoint(EndpointName="cold", Body=body)["Body"].read() == body
        assert servers(account) == 1
        echo.eventually(lambda: servers(account) == 0)
    with ThreadPoolExecutor(2) as clients:
        slow = clients.submit(
            runtime.invoke_endpoint, EndpointName="cold", Body=b'{"sleep": 2, "text": "done"}'
        )
        echo.eventually(lambda: servers(account) == 1)
        with pytest.raises(runtime.exceptions.ClientError) as refused:
            runtime.invoke_endpoint(EndpointName="cold", Body=b"too many")
        assert refused.value.response["Error"]["Code"] == "ThrottlingException"
        assert slow.result()["Body"].read() == b"done"
    echo.eventually(
        lambda: account.client("cloudwatch").list_metrics(
            Namespace="AWS/SageMaker",
            MetricName="ModelSetupTime",
            Dimensions=[
                {"Name": "EndpointName", "Value": "cold"},
                {"Name": "VariantName", "Value": "only"},
            ],
        )["Metrics"]
    )
    with pytest.raises(runtime.exceptions.ValidationError, match="oversize body"):
        runtime.invoke_endpoint(EndpointName="cold", Body=bytes(4 * 1024 * 1024 + 1))
    account.client("sagemaker").delete_endpoint(EndpointName="cold")


def test_provisioned_concurrency_keeps_a_server(account: Account, runtime: Any) -> None:
    echo.serve(account, "warm", ProductionVariants=[serverless(ProvisionedConcurrency=1)])
    assert servers(account) == 1
    assert runtime.invoke_endpoint(EndpointName="warm", Body=b"x")["Body"].read() == b"x"
    account.client("sagemaker").delete_endpoint(EndpointName="warm")
    echo.eventually(lambda: servers(account) == 0)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"MemorySizeInMB": 1500}, "MemorySizeInMB of variant only is 1500"),
        ({"ProvisionedConcurrency": 2}, "must not be larger than its MaxConcurrency, 1"),
    ],
)
def test_a_serverless_configuration_that_cannot_be_is_refused(
    account: Account, config: dict[str, int], message: str
) -> None:
    sagemaker = account.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match=message):
        sagemaker.create_endpoint_config(
            EndpointConfigName="wrong", ProductionVariants=[serverless(**config)]
        )


def test_a_slow_variant_is_slow_and_the_other_is_not(account: Account, runtime: Any) -> None:
    echo.serve(
        account,
        "faulty",
        ProductionVariants=[variant("slow", "echo"), variant("fast", "echo")],
    )

    def quickest(variant: str) -> float:
        seconds = []
        for _ in range(4):
            started = time.perf_counter()
            runtime.invoke_endpoint(EndpointName="faulty", Body=b"x", TargetVariant=variant)
            seconds.append(time.perf_counter() - started)
        return min(seconds)

    assert quickest("slow") >= SLOW_SECONDS > quickest("fast")
