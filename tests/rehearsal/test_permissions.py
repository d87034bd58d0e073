"""A missing permission fails as on AWS, naming who lacks what; a granted one is enough."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from rehearsal.clients import Credentials, make_client
from tests.rehearsal.conftest import BUCKET, ROLE, XGBOOST, channel, make_role, train
from tests.rehearsal.conftest import training_request as request_of
from tests.rehearsal.machines import JSONATA, Machines, only

MODELS = "arn:aws:sagemaker:us-east-1:000000000000:model/*"


def allow(*actions: str, on: str | list[str], **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**statement, "Condition": condition} if condition else statement


def pass_role(service: str) -> dict[str, Any]:
    return allow("iam:PassRole", on=ROLE, StringEquals={"iam:PassedToService": service})


@pytest.fixture
def as_user(account: Account, name: str) -> Iterator[Callable[..., Any]]:
    """Makes clients of a user that may do what the statements say."""
    iam = account.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def client(service: str, *statements: dict[str, Any]) -> Any:
        iam.put_user_policy(
            UserName=name,
            PolicyName="permissions",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
        )
        return make_client(service, account.endpoint_url, account.region, credentials)

    yield client
    iam.delete_user_policy(UserName=name, PolicyName="permissions")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)


def create_model(client: Any, name: str, **more: Any) -> None:
    client.create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": XGBOOST}, **more
    )


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    return str(refused.value)


def test_a_missing_action_is_named_with_the_user_and_the_resource(
    as_user: Callable[..., Any], name: str
) -> None:
    client = as_user("sagemaker", allow("sagemaker:DescribeModel", on=MODELS))
    said = refusal(lambda: create_model(client, name))
    assert f"User: arn:aws:iam::000000000000:user/{name} is not authorized to perform:" in said
    assert f"sagemaker:CreateModel on resource: {MODELS[:-1]}{name} because no identity" in said


def test_a_role_can_only_be_passed_to_the_service_that_the_policy_names(
    as_user: Callable[..., Any], name: str
) -> None:
    creation = allow("sagemaker:CreateModel", on=MODELS)
    client = as_user("sagemaker", creation)
    assert f"iam:PassRole on resource: {ROLE}" in refusal(lambda: create_model(client, name))
    client = as_user("sagemaker", creation, pass_role("lambda.amazonaws.com"))
    assert "iam:PassRole" in refusal(lambda: create_model(client, name))
    create_model(as_user("sagemaker", creation, pass_role("sagemaker.amazonaws.com")), name)


def test_tags_at_creation_need_their_own_permission(as_user: Callable[..., Any], name: str) -> None:
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


def test_an_endpoint_is_invoked_only_by_who_may(as_user: Callable[..., Any], name: str) -> None:
    client = as_user("sagemaker-runtime", allow("sagemaker:DescribeEndpoint", on="*"))
    said = refusal(lambda: client.invoke_endpoint(EndpointName=name, Body=b"1"))
    endpoint = f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{name}"
    assert f"sagemaker:InvokeEndpoint on resource: {endpoint}" in said


def model_task(name: str) -> dict[str, Any]:
    return only(
        {
            "Type": "Task",
            **JSONATA,
            "Resource": "arn:aws:states:::sagemaker:createModel",
            "Arguments": {
                "ModelName": name,
                "ExecutionRoleArn": ROLE,
                "PrimaryContainer": {"Image": XGBOOST},
            },
            "End": True,
        }
    )


def test_a_task_is_done_with_the_permissions_of_the_machines_role(
    account: Account, machines: Machines, name: str
) -> None:
    role = make_role(account, name, pass_role("sagemaker.amazonaws.com"))
    ended = machines.run(model_task(name), role=role)
    assert ended["error"] == "SageMaker.AmazonSageMakerException"
    assert f"assumed-role/{name}/StepFunctions is not authorized" in ended["cause"]
    assert f"sagemaker:CreateModel on resource: {MODELS[:-1]}{name}" in ended["cause"]
    # A policy that is mended is in force at once, and the redrive goes through.
    account.client("iam").put_role_policy(
        RoleName=name,
        PolicyName="more",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [allow("sagemaker:CreateModel", on=f"{MODELS[:-1]}{name}")],
            }
        ),
    )
    machines.client.redrive_execution(executionArn=ended["executionArn"])
    assert machines.wait(ended["executionArn"])["status"] == "SUCCEEDED"


def test_a_function_is_invoked_with_the_permissions_of_the_machines_role(
    account: Account, machines: Machines, name: str
) -> None:
    function = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {}},
        "End": True,
    }
    role = make_role(account, name, allow("lambda:InvokeFunction", on=f"{function}-other"))
    ended = machines.run(only(task), role=role)
    assert ended["error"] == "Lambda.AWSLambdaException"
    assert f"lambda:InvokeFunction on resource: {function}" in ended["cause"]


SYNC = only(
    {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
        "Parameters": {},
        "End": True,
    }
)
RULE = (
    "arn:aws:events:us-east-1:000000000000:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"
)


def test_sync_needs_the_permissions_on_its_managed_rule(
    account: Account, machines: Machines, name: str
) -> None:
    role = make_role(account, name, allow("events:PutTargets", "events:PutRule", on=RULE))
    assert f"'{role}' is not authorized to create managed-rule." in refusal(
        lambda: machines.create(SYNC, role)
    )
    rule = allow("events:PutTargets", "events:PutRule", "events:DescribeRule", on=RULE)
    machines.create(SYNC, make_role(account, f"{name}-mended", rule))


def test_a_stack_with_such_a_machine_rolls_back_and_says_why(account: Account, name: str) -> None:
    role = make_role(account, name, allow("events:PutRule", on=RULE))
    template = {
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"RoleArn": role, "DefinitionString": json.dumps(SYNC)},
            }
        }
    }
    client = account.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    while True:
        status = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        if not status.endswith("_IN_PROGRESS"):
            break
        time.sleep(0.05)
    assert status == "ROLLBACK_COMPLETE"
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any("is not authorized to create managed-rule" in reason for reason in reasons)


def test_who_may_not_pass_the_role_makes_no_state_machine(
    as_user: Callable[..., Any], name: str
) -> None:
    client = as_user("stepfunctions", allow("states:CreateStateMachine", on="*"))
    succeed = json.dumps(only({"Type": "Succeed"}))
    said = refusal(lambda: client.create_state_machine(name=name, definition=succeed, roleArn=ROLE))
    assert f"iam:PassRole on resource: {ROLE}" in said


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
        request = request_of(
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
