"""InvokeEndpointAsync: a queue, and answers in S3."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal import echo
from tests.rehearsal.conftest import BUCKET
from tests.rehearsal.containers import variant

NAME = "queue"


@pytest.fixture(scope="module")
def queue_url(account: Account) -> str:
    url: str = account.client("sqs").create_queue(QueueName="inferences")["QueueUrl"]
    return url


@pytest.fixture(scope="module")
def endpoint(account: Account, s3: Any, queue_url: str) -> Iterator[str]:
    topic = account.client("sns").create_topic(Name="inferences")["TopicArn"]
    sqs = account.client("sqs")
    queue = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue["QueueArn"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})
    account.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    for key, body in {
        "one": b"1,2",
        "slow": b'{"sleep": 5}',
        "bad": b'{"status": 400, "text": "no, thanks"}',
    }.items():
        s3.put_object(Bucket=BUCKET, Key=f"inputs/{key}", Body=body)
    yield echo.serve(
        account,
        NAME,
        ProductionVariants=[variant("live", echo.create_model(account, "queued"))],
        AsyncInferenceConfig={
            "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2},
            "OutputConfig": {
                "S3OutputPath": f"s3://{BUCKET}/answers",
                "S3FailurePath": f"s3://{BUCKET}/failures",
                "NotificationConfig": {"SuccessTopic": topic, "ErrorTopic": topic},
            },
        },
    )
    account.client("sagemaker").delete_endpoint(EndpointName=NAME)


@pytest.fixture
def runtime(account: Account) -> Any:
    return account.client("sagemaker-runtime")


@pytest.fixture
def notices(account: Account, queue_url: str) -> Any:
    """The notifications so far, by InferenceId."""
    sqs = account.client("sqs")
    found: dict[str, Any] = {}

    def receive(inference_id: str) -> Any:
        messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        for message in messages.get("Messages", []):
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            found[body["inferenceId"]] = body
        return found.get(inference_id)

    return lambda inference_id: echo.eventually(lambda: receive(inference_id))


def body_of(account: Account, uri: str) -> bytes:
    key = uri.removeprefix(f"s3://{BUCKET}/")
    return echo.eventually(lambda: echo.objects(account, key))[key]


def test_an_answer_is_written_where_the_call_said_and_announced(
    account: Account, endpoint: str, runtime: Any, notices: Any
) -> None:
    asked = runtime.invoke_endpoint_async(
        EndpointName=endpoint,
        InputLocation=f"s3://{BUCKET}/inputs/one",
        ContentType="text/csv",
        InferenceId="first",
    )
    assert asked["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert asked["InferenceId"] == "first"
    assert asked["OutputLocation"] == f"s3://{BUCKET}/answers/first.out"
    assert asked["FailureLocation"] == f"s3://{BUCKET}/failures/first-error.out"
    assert body_of(account, asked["OutputLocation"]) == b"1,2"
    notice = notices("first")
    assert notice["invocationStatus"] == "Completed"
    assert notice["responseParameters"] == {
        "contentType": "text/csv",
        "outputLocation": asked["OutputLocation"],
    }
    assert notice["requestParameters"]["endpointName"] == endpoint


def test_a_body_may_come_inline_and_its_answer_get_a_name_of_its_own(
    account: Account, endpoint: str, runtime: Any
) -> None:
    asked = runtime.invoke_endpoint_async(
        EndpointName=endpoint, Body=b"inline", S3OutputPathExtension="team/a", Filename="b.csv"
    )
    assert asked["OutputLocation"] == f"s3://{BUCKET}/answers/team/a/b.csv"
    assert body_of(account, asked["OutputLocation"]) == b"inline"


def test_failures_go_to_the_failure_location_with_their_reason(
    account: Account, endpoint: str, runtime: Any, notices: Any
) -> None:
    ask = runtime.invoke_endpoint_async
    refused = ask(EndpointName=endpoint, InputLocation=f"s3://{BUCKET}/inputs/bad")
    missing = ask(EndpointName=endpoint, InputLocation=f"s3://{BUCKET}/inputs/none")
    late = ask(
        EndpointName=endpoint,
        InputLocation=f"s3://{BUCKET}/inputs/slow",
        InvocationTimeoutSeconds=1,
    )
    assert body_of(account, refused["FailureLocation"]) == b"no, thanks"
    assert b"NoSuchKey" in body_of(account, missing["FailureLocation"])
    assert b"Your invocation timed out" in body_of(account, late["FailureLocation"])
    notice = notices(refused["InferenceId"])
    assert notice["invocationStatus"] == "Failed"
    assert "Received client error (400) from primary" in notice["failureReason"]
    assert not echo.objects(account, f"answers/{refused['InferenceId']}")


def test_requests_wait_for_an_endpoint_without_instances(
    account: Account, endpoint: str, runtime: Any
) -> None:
    sagemaker = account.client("sagemaker")

    def scale(instances: int) -> None:
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=endpoint,
            DesiredWeightsAndCapacities=[
                {"VariantName": "live", "DesiredInstanceCount": instances}
            ],
        )
        sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName=endpoint, WaiterConfig={"Delay": 0.1, "MaxAttempts": 400}
        )

    def without_capacity() -> bool:
        now = datetime.now(UTC)
        points = account.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="HasBacklogWithoutCapacity",
            Dimensions=[{"Name": "EndpointName", "Value": endpoint}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=7200,
            Statistics=["Maximum"],
        )["Datapoints"]
        return any(point["Maximum"] == 1 for point in points)

    scale(0)
    asked = runtime.invoke_endpoint_async(EndpointName=endpoint, Body=b"patience")
    echo.eventually(without_capacity)
    assert not echo.objects(account, f"answers/{asked['InferenceId']}")
    scale(1)
    assert body_of(account, asked["OutputLocation"]) == b"patience"


def test_what_an_asynchronous_endpoint_does_not_take_is_refused(
    endpoint: str, runtime: Any
) -> None:
    invalid = runtime.exceptions.ValidationError
    with pytest.raises(invalid, match="is configured for asynchronous inference"):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"x")
    with pytest.raises(invalid, match="this request has neither"):
        runtime.invoke_endpoint_async(EndpointName=endpoint)
    with pytest.raises(invalid, match="has 128001 bytes"):
        runtime.invoke_endpoint_async(EndpointName=endpoint, Body=bytes(128_001))
    for location, reason in {
        "https://host/inputs": "only s3:// URIs",
        f"s3://{BUCKET}": "names a bucket, but no object",
        f"s3://{BUCKET}/": "names a bucket, but no object",
        "s3://no bucket/x": "is not an S3 URI",
    }.items():
        with pytest.raises(invalid, match=reason):
            runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation=location)
    with pytest.raises(invalid, match="'invocationTimeoutSeconds' failed to satisfy constraint"):
        runtime.invoke_endpoint_async(
            EndpointName=endpoint,
            InputLocation=f"s3://{BUCKET}/inputs/one",
            InvocationTimeoutSeconds=3601,
        )


def test_responses_cannot_be_included_in_notifications(account: Account, endpoint: str) -> None:
    sagemaker = account.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="not available in the rehearsal"):
        sagemaker.create_endpoint_config(
            EndpointConfigName="included",
            ProductionVariants=[variant("live", "queued")],
            AsyncInferenceConfig={
                "OutputConfig": {
                    "S3OutputPath": f"s3://{BUCKET}/answers",
                    "NotificationConfig": {
                        "IncludeInferenceResponseIn": ["SUCCESS_NOTIFICATION_TOPIC"]
                    },
                }
            },
        )
