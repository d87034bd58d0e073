"""What an endpoint's role may not do is left out; the endpoint answers all the same."""

from pathlib import Path
from typing import Any

from rehearsal.account import Account
from tests.rehearsal import echo
from tests.rehearsal.conftest import BUCKET, make_role
from tests.rehearsal.containers import variant

NAME = "restricted"


def test_captures_and_logs_that_the_role_may_not_write_are_lost(account: Account, s3: Any) -> None:
    reads = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    role = make_role(account, "reads-only", reads)
    echo.serve(
        account,
        NAME,
        ProductionVariants=[variant("live", echo.create_model(account, NAME, role))],
        DataCaptureConfig={
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/captured",
            "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
        },
    )
    runtime = account.client("sagemaker-runtime")
    assert runtime.invoke_endpoint(EndpointName=NAME, Body=b"x")["Body"].read() == b"x"
    log = Path(account.directory) / "account.log"
    lost = f"Data capture of {NAME}/live was lost: "
    echo.eventually(lambda: lost in log.read_text())
    assert "s3:PutObject" in log.read_text().partition(lost)[2].partition("\n")[0]
    assert not echo.objects(account, f"captured/{NAME}/")
    groups = account.client("logs").describe_log_groups(
        logGroupNamePrefix=f"/aws/sagemaker/Endpoints/{NAME}"
    )
    assert not groups["logGroups"]
    account.client("sagemaker").delete_endpoint(EndpointName=NAME)
