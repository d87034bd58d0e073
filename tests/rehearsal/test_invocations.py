"""InvokeEndpoint: what goes in, what comes out, what is captured, counted and logged."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from tests.rehearsal import echo
from tests.rehearsal.conftest import BUCKET
from tests.rehearsal.containers import variant

LIMIT = 6 * 1024 * 1024
NAME = "echo"


@pytest.fixture(scope="module")
def endpoint(account: Account, s3: Any) -> Iterator[str]:
    """One production variant with data capture, and a shadow that gets every request."""
    model = echo.create_model(account, "echo")
    yield echo.serve(
        account,
        NAME,
        ProductionVariants=[variant("live", model)],
        ShadowProductionVariants=[variant("shadow", model)],
        DataCaptureConfig={
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/captured/",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {
                "CsvContentTypes": ["text/csv"],
                "JsonContentTypes": ["application/json"],
            },
        },
    )
    account.client("sagemaker").delete_endpoint(EndpointName=NAME)


@pytest.fixture(scope="module")
def runtime(account: Account) -> Any:
    return account.client("sagemaker-runtime")


def test_headers_reach_the_container_and_its_own_come_back(endpoint: str, runtime: Any) -> None:
    answer = runtime.invoke_endpoint(
        EndpointName=endpoint,
        Body=b'{"tell": "headers"}',
        ContentType="application/json; charset=utf-8",
        Accept="application/json",
        CustomAttributes="trace=1",
        TargetVariant="live",
    )
    headers = json.loads(answer["Body"].read())
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["accept"] == "application/json"
    assert headers["x-amzn-sagemaker-custom-attributes"] == "trace=1"
    assert answer["ContentType"] == "application/json"
    assert answer["CustomAttributes"] == "seen trace=1"
    assert answer["InvokedProductionVariant"] == "live"


def test_a_binary_body_of_6_mb_goes_through_and_a_larger_one_does_not(
    endpoint: str, runtime: Any
) -> None:
    body = bytes(range(256)) * (LIMIT // 256)
    answer = runtime.invoke_endpoint(EndpointName=endpoint, Body=body)
    assert answer["Body"].read() == body
    assert answer["ContentType"] == "application/octet-stream"
    assert "CustomAttributes" not in answer
    with pytest.raises(ClientError, match="HTTP content length exceeded") as refused:
        runtime.invoke_endpoint(EndpointName=endpoint, Body=body + b"x")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


@pytest.mark.parametrize(("status", "side"), [(400, "client"), (503, "server")])
def test_an_error_of_the_container_is_a_model_error_with_its_status_and_body(
    endpoint: str, runtime: Any, status: int, side: str
) -> None:
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(
            EndpointName=endpoint, Body=json.dumps({"status": status, "text": "no, thanks"})
        )
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == status
    assert response["OriginalMessage"] == "no, thanks"
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    assert response["LogStreamArn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    assert response["Error"]["Message"] == (
        f'Received {side} error ({status}) from primary with message "no, thanks". See '
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        f"#logEventViewer:group={group} in account 000000000000 for more information."
    )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("EnableExplanations", "`true`"),
        ("InferenceComponentName", "component"),
        ("SessionId", "NEW_SESSION"),
        ("TargetContainerHostname", "first"),
        ("TargetModel", "model.tar.gz"),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    endpoint: str, runtime: Any, member: str, value: str
) -> None:
    with pytest.raises(
        runtime.exceptions.ValidationError, match=f"{member} is not available in the rehearsal"
    ):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x", **{member: value})


def test_requests_that_no_endpoint_can_answer_are_validation_errors(
    endpoint: str, runtime: Any
) -> None:
    invalid = runtime.exceptions.ValidationError
    with pytest.raises(invalid, match="Endpoint nowhere of account 000000000000 not found"):
        runtime.invoke_endpoint(EndpointName="nowhere", Body=b"x")
    with pytest.raises(invalid, match="Variant other not found"):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x", TargetVariant="other")
    with pytest.raises(invalid, match="'inferenceId' failed to satisfy constraint"):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x", InferenceId="x" * 65)
    with pytest.raises(invalid, match="not configured for asynchronous inference"):
        runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation="s3://data/x")
    with pytest.raises(invalid, match="InvokeEndpointWithResponseStream is not available"):
        runtime.invoke_endpoint_with_response_stream(EndpointName=endpoint, Body=b"x")


def captured(account: Account, variant: str, inference_id: str) -> list[tuple[str, Any]]:
    return [
        (key, document)
        for key, body in echo.objects(account, f"captured/{NAME}/{variant}/").items()
        for document in map(json.loads, body.decode().splitlines())
        if document["eventMetadata"].get("inferenceId") == inference_id
    ]


def test_requests_and_answers_are_captured_under_awss_keys_for_production_and_shadow(
    account: Account, endpoint: str, runtime: Any
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    runtime.invoke_endpoint(
        EndpointName=endpoint,
        Body="1,2\n3,é",
        ContentType="text/csv",
        InferenceId="row-1",
        CustomAttributes="trace=2",
    )
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b"\x00\xff", InferenceId="row-2")
    ((key, line),) = echo.eventually(lambda: captured(account, "live", "row-1"))
    stamp = r"\d{4}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{3}-[0-9a-f-]{36}\.jsonl"
    assert re.fullmatch(rf"captured/{endpoint}/live/{stamp}", key)
    data = {"observedContentType": "text/csv", "data": "1,2\n3,é", "encoding": "CSV"}
    assert line["captureData"] == {
        "endpointInput": {**data, "mode": "INPUT"},
        "endpointOutput": {**data, "mode": "OUTPUT"},
    }
    assert line["eventVersion"] == "0"
    assert line["eventMetadata"]["customAttributes"] == ["trace=2"]
    time = datetime.fromisoformat(line["eventMetadata"]["inferenceTime"])
    assert before <= time <= datetime.now(UTC)
    ((_, binary),) = echo.eventually(lambda: captured(account, "live", "row-2"))
    assert binary["eventMetadata"]["eventId"] != line["eventMetadata"]["eventId"]
    assert binary["captureData"]["endpointOutput"] == {
        "observedContentType": "application/octet-stream",
        "mode": "OUTPUT",
        "data": base64.b64encode(b"\x00\xff").decode(),
        "encoding": "BASE64",
    }
    ((_, copy),) = echo.eventually(lambda: captured(account, "shadow", "row-1"))
    assert copy["captureData"] == line["captureData"]


def statistics(account: Account, variant: str, metric: str) -> dict[str, float]:
    end = datetime.now(UTC) + timedelta(minutes=1)
    points = account.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[
            {"Name": "EndpointName", "Value": "counted"},
            {"Name": "VariantName", "Value": variant},
        ],
        StartTime=end - timedelta(hours=1),
        EndTime=end,
        Period=3600,
        Statistics=["Sum", "SampleCount", "Minimum", "Maximum"],
    )["Datapoints"]
    return {
        "Sum": sum(point["Sum"] for point in points),
        "SampleCount": sum(point["SampleCount"] for point in points),
        "Maximum": max((point["Maximum"] for point in points), default=0.0),
    }


def test_each_variants_requests_latencies_and_errors_are_metrics(
    account: Account, endpoint: str, runtime: Any
) -> None:
    echo.serve(
        account,
        "counted",
        ProductionVariants=[variant("live", "echo", InitialInstanceCount=2)],
        ShadowProductionVariants=[variant("shadow", "echo", InitialVariantWeight=0)],
    )
    for body in (b"x", b"x", b'{"sleep": 0.2}'):
        runtime.invoke_endpoint(EndpointName="counted", Body=body)
    for status in (404, 500):
        with pytest.raises(runtime.exceptions.ModelError):
            runtime.invoke_endpoint(
                EndpointName="counted", Body=json.dumps({"status": status, "text": ""})
            )
    account.client("sagemaker").delete_endpoint(EndpointName="counted")

    def all_of(metric: str) -> dict[str, float]:
        found = statistics(account, "live", metric)
        return found if found["SampleCount"] == 5 else {}

    found = {
        metric: echo.eventually(partial(all_of, metric))
        for metric in (
            "Invocations",
            "InvocationsPerInstance",
            "ModelLatency",
            "OverheadLatency",
            "Invocation4XXErrors",
            "Invocation5XXErrors",
            "InvocationModelErrors",
        )
    }
    assert found["Invocations"]["Sum"] == 5
    assert found["InvocationsPerInstance"]["Sum"] == 2.5
    assert found["Invocation4XXErrors"]["Sum"] == 1
    assert found["Invocation5XXErrors"]["Sum"] == 1
    assert found["InvocationModelErrors"]["Sum"] == 2
    assert 200_000 <= found["ModelLatency"]["Maximum"] < 60_000_000
    assert found["OverheadLatency"]["Sum"] > 0
    assert statistics(account, "shadow", "Invocations")["SampleCount"] == 0  # by its weight


def test_the_containers_output_is_in_a_stream_of_the_variants_instance(
    account: Account, endpoint: str, runtime: Any
) -> None:
    runtime.invoke_endpoint(EndpointName=endpoint, Body=b'{"text": "for the log"}')
    logs = account.client("logs")
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    names = sorted(stream["logStreamName"] for stream in streams)
    assert [name.partition("/i-")[0] for name in names] == ["live", "shadow"]

    def logged(stream: str) -> bool:
        events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
        lines = [event["message"] for event in events]
        return "container is up" in lines and "asked for {'text': 'for the log'}" in lines

    assert all(echo.eventually(partial(logged, name)) for name in names)
