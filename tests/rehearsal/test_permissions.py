"""A missing permission fails as on AWS, naming who lacks what; a granted one is enough."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from tests.rehearsal.conftest import (
    BUCKET,
    ROLE,
    XGBOOST,
    channel,
    make_role,
    train,
    training_request,
)
from tests.rehearsal.policies import AsUser, allow, pass_role, refusal

MODELS = "arn:aws:sagemaker:us-east-1:000000000000:model/*"


def create_model(client: Any, name: str, **more: Any) -> None:
    client.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}, **more
    )


def test_a_missing_action_is_named_with_the_user_and_the_resource(
    as_user: AsUser, name: str
) -> None:
    client = as_user("sagemaker", allow("sagemaker:DescribeModel", on=MODELS))
    said = refusal(lambda: create_model(client, name))
    assert f"User: arn:aws:iam::000000000000:user/{name} is not authorized to perform:" in said
    assert f"sagemaker:CreateModel on resource: {MODELS[:-1]}{name} because no identity" in said


def test_a_role_can_only_be_passed_to_the_service_that_the_policy_names(
    as_user: AsUser, name: str
) -> None:
    creation = allow("sagemaker:CreateModel", on=MODELS)
    client = as_user("sagemaker", creation)
    assert f"iam:PassRole on resource: {ROLE}" in refusal(lambda: create_model(client, name))
    client = as_user("sagemaker", creation, pass_role("lambda.amazonaws.com"))
    assert "iam:PassRole" in refusal(lambda: create_model(client, name))
    create_model(as_user("sagemaker", creation, pass_role("sagemaker.amazonaws.com")), name)


def test_tags_at_creation_need_their_own_permission(as_user: AsUser, name: str) -> None:
    granted = [allow("sagemaker:CreateModel", on=MODELS), pass_role("sagemaker.amazonaws.com")]
    tags = [{"Key": "team", "Value": "ml"}]
    client = as_user("sagemaker", *granted)
    assert "sagemaker:AddTags" in refusal(lambda: create_model(client, name, Tags=tags))
    client = as_user("sagemaker", *granted, allow("sagemaker:AddTags", on=MODELS))
    create_model(client, name, Tags=tags)


def test_a_role_that_does_not_trust_sagemaker_is_refused(
    account: Account, sagemaker: Any, name: str
) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
    role = account.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(document)
    )["Role"]["Arn"]
    with pytest.raises(ClientError, match=f"Could not assume role {role}"):
        sagemaker.create_model(
            ModelName=name, ExecutionRoleArn=role, PrimaryContainer={"Image": XGBOOST}
        )


def test_an_endpoint_is_invoked_only_by_who_may(as_user: AsUser, name: str) -> None:
    client = as_user("sagemaker-runtime", allow("sagemaker:DescribeEndpoint", on="*"))
    said = refusal(lambda: client.invoke_endpoint(EndpointName=name, Body=b"1"))
    endpoint = f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{name}"
    assert f"sagemaker:InvokeEndpoint on resource: {endpoint}" in said


@pytest.fixture
def encrypted(account: Account, s3: Any, name: str) -> str:
    """The ARN of the key of a new bucket of that name, with a file of data in it."""
    key: str = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=name)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        },
    )
    s3.put_object(Bucket=name, Key="data/rows.csv", Body=b"1,2\n0,1\n" * 20)
    return key


def test_data_under_a_key_needs_the_key(
    account: Account, sagemaker: Any, encrypted: str, name: str
) -> None:
    storage = allow(
        "s3:*", on=[f"arn:aws:s3:::{each}{end}" for each in (name, BUCKET) for end in ("", "/*")]
    )

    def end_of(job: str, *statements: dict[str, Any]) -> dict[str, Any]:
        role = make_role(account, job, storage, *statements)
        request = training_request(
            job,
            channel("train", f"s3://{name}/data/"),
            RoleArn=role,
            OutputDataConfig={"S3OutputPath": f"s3://{name}/models"},
        )
        return train(sagemaker, request)

    described = end_of(f"{name}-none")
    assert described["TrainingJobStatus"] == "Failed"
    assert f"kms:Decrypt on resource: {encrypted}" in described["FailureReason"]
    described = end_of(f"{name}-read", allow("kms:Decrypt", on=encrypted))
    assert f"kms:GenerateDataKey on resource: {encrypted}" in described["FailureReason"]
    granted = allow("kms:Decrypt", "kms:GenerateDataKey", on=encrypted)
    described = end_of(f"{name}-both", granted)
    assert described["TrainingJobStatus"] == "Completed", described["FailureReason"]


def test_a_stream_of_a_log_is_read_by_its_own_name(
    account: Account, as_user: AsUser, name: str
) -> None:
    logs, group = account.client("logs"), f"/group/{name}"
    logs.create_log_group(logGroupName=group)
    for stream in ("mine-1", "other-1"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:log-stream:"
    reader = as_user("logs", allow("logs:GetLogEvents", on=f"{arn}mine-*"))
    assert reader.get_log_events(logGroupName=group, logStreamName="mine-1")["events"] == []
    said = refusal(lambda: reader.get_log_events(logGroupName=group, logStreamName="other-1"))
    assert f"logs:GetLogEvents on resource: {arn}other-1" in said


def test_metrics_are_written_in_the_namespace_of_the_condition_only(as_user: AsUser) -> None:
    allowed = allow("cloudwatch:PutMetricData", on="*") | {
        "Condition": {"StringEquals": {"cloudwatch:namespace": "Mine"}}
    }
    cloudwatch = as_user("cloudwatch", allowed)
    metrics = [{"MetricName": "m", "Value": 1.0}]
    cloudwatch.put_metric_data(Namespace="Mine", MetricData=metrics)
    with pytest.raises(ClientError, match="not authorized"):
        cloudwatch.put_metric_data(Namespace="Others", MetricData=metrics)
