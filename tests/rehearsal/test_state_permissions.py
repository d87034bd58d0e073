"""A state machine does what its role may do, and no more."""

import json
import time
from typing import Any

from rehearsal.account import Account
from tests.rehearsal.conftest import ROLE, XGBOOST, make_role
from tests.rehearsal.machines import JSONATA, Machines, only
from tests.rehearsal.policies import AsUser, allow, pass_role, refusal

MODELS = "arn:aws:sagemaker:us-east-1:000000000000:model/*"


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


def test_who_may_not_pass_the_role_makes_no_state_machine(as_user: AsUser, name: str) -> None:
    client = as_user("stepfunctions", allow("states:CreateStateMachine", on="*"))
    succeed = json.dumps(only({"Type": "Succeed"}))
    said = refusal(lambda: client.create_state_machine(name=name, definition=succeed, roleArn=ROLE))
    assert f"iam:PassRole on resource: {ROLE}" in said


def test_a_role_may_be_held_to_the_machines_of_one_account(
    account: Account, machines: Machines, name: str
) -> None:
    iam = account.client("iam")

    def role(suffix: str, region: str) -> str:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"arn:aws:states:{region}:000000000000:stateMachine:*"}
            },
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        created = iam.create_role(RoleName=f"{name}-{suffix}", AssumeRolePolicyDocument=document)
        arn: str = created["Role"]["Arn"]
        return arn

    succeed = only({"Type": "Succeed"})
    elsewhere = role("elsewhere", "eu-west-1")
    assert "authorized to assume the provided role" in refusal(
        lambda: machines.create(succeed, elsewhere)
    )
    assert machines.run(succeed, role=role("here", "us-east-1"))["status"] == "SUCCEEDED"
