"""What the roles may do: the project's own jobs and models, its own buckets, no more."""

from typing import Any

import pytest

from tests.infrastructure.synthesis import ACCOUNT, REGION, STACKS, Synthesis, resolved


def allowing(synthesis: Synthesis, stack: str, action: str) -> list[dict[str, Any]]:
    return [each for each in synthesis.statements(stack) if action in each["Action"]]


@pytest.mark.parametrize("stack", STACKS)
def test_no_action_has_a_wildcard(synthesis: Synthesis, from_file: Synthesis, stack: str) -> None:
    for each in (synthesis, from_file):
        for statement in each.statements(stack):
            assert not [action for action in statement["Action"] if "*" in action]


@pytest.mark.parametrize("stack", STACKS)
def test_no_role_has_a_managed_policy(synthesis: Synthesis, stack: str) -> None:
    for role in synthesis.properties(stack, "AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role


@pytest.mark.parametrize("stack", ["training", "batch"])
def test_sagemaker_alone_is_handed_its_role(synthesis: Synthesis, stack: str) -> None:
    (statement,) = allowing(synthesis, stack, "iam:PassRole")
    assert statement["Condition"] == {
        "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
    }
    (role,) = statement["Resource"]
    assert "ExecutionRole" in resolved(role)
    assert resolved(role).rstrip("0123456789ABCDEF").endswith("Arn")


@pytest.mark.parametrize(
    ("stack", "kind", "resource"),
    [
        ("training", "TrainingJob", "training-job"),
        ("training", "ProcessingJob", "processing-job"),
        ("training", "TransformJob", "transform-job"),
        ("batch", "TransformJob", "transform-job"),
    ],
)
def test_a_workflow_runs_and_stops_the_projects_jobs(
    synthesis: Synthesis, stack: str, kind: str, resource: str
) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}/flights-*"
    for action in (f"Create{kind}", f"Describe{kind}", f"Stop{kind}", "AddTags", "ListTags"):
        assert arn in [
            resolved(resource)
            for statement in allowing(synthesis, stack, f"sagemaker:{action}")
            for resource in statement["Resource"]
        ]
    rules = [
        resolved(rule)
        for statement in allowing(synthesis, stack, "events:PutRule")
        for rule in statement["Resource"]
    ]
    name = f"StepFunctionsGetEventsForSageMaker{kind}sRule"
    assert f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}" in rules


@pytest.mark.parametrize("stack", ["training", "batch"])
def test_sagemaker_actions_are_held_to_the_project(synthesis: Synthesis, stack: str) -> None:
    for statement in synthesis.statements(stack):
        if any(action.startswith("sagemaker:") for action in statement["Action"]):
            for resource in statement["Resource"]:
                arn = resolved(resource)
                assert arn.startswith(f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:")
                assert "flights-" in arn


def test_only_what_has_no_resource_level_is_allowed_on_all(synthesis: Synthesis) -> None:
    actions = {
        action
        for stack in STACKS
        for statement in synthesis.statements(stack)
        if "*" in statement["Resource"]
        for action in statement["Action"]
    }
    services = {action.split(":")[0] for action in actions}
    assert services == {"cloudwatch", "ecr", "logs", "xray"}
    assert {action for action in actions if action.startswith("ecr")} == {
        "ecr:GetAuthorizationToken"
    }


def test_metrics_are_held_to_sagemakers_namespaces(synthesis: Synthesis) -> None:
    (statement,) = allowing(synthesis, "training", "cloudwatch:PutMetricData")
    assert statement["Condition"] == {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}


@pytest.mark.parametrize("action", ["ecr:GetDownloadUrlForLayer", "ecr:DescribeImages"])
def test_images_are_pulled_and_registered_from_their_own_repositories(
    synthesis: Synthesis, action: str
) -> None:
    (statement,) = allowing(synthesis, "training", action)
    assert "ecr:BatchGetImage" in statement["Action"]
    rules = {"sagemaker-debugger-rules"} if action == "ecr:GetDownloadUrlForLayer" else set()
    assert {resource.split("/")[1] for resource in statement["Resource"]} == rules | {
        "sagemaker-xgboost",
        "sagemaker-scikit-learn",
    }


def test_batch_makes_models_of_the_projects_packages(synthesis: Synthesis) -> None:
    arns = {
        resolved(resource)
        for statement in allowing(synthesis, "batch", "sagemaker:CreateModel")
        for resource in statement["Resource"]
    }
    prefix = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"
    assert arns == {f"{prefix}model/flights-*", f"{prefix}model-package/flights-*"}


def test_sagemakers_role_is_for_this_account(synthesis: Synthesis) -> None:
    (role,) = [
        role
        for role in synthesis.properties("training", "AWS::IAM::Role")
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    ]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }


def test_batch_reads_the_champions_parameters_only(synthesis: Synthesis) -> None:
    read = [
        resolved(resource)
        for statement in allowing(synthesis, "batch", "ssm:GetParameter")
        for resource in statement["Resource"]
    ]
    assert len(read) == 2
    assert all("Champion" in name for name in read)


def test_the_report_reads_the_logs_of_the_projects_training_jobs(synthesis: Synthesis) -> None:
    (statement,) = allowing(synthesis, "training", "logs:GetLogEvents")
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/TrainingJobs"
    assert [resolved(resource) for resource in statement["Resource"]] == [
        f"{group}:log-stream:flights-*"
    ]


def test_every_function_runs_the_latest_python_with_its_own_role(synthesis: Synthesis) -> None:
    functions = synthesis.properties("training", "AWS::Lambda::Function")
    assert {function["Handler"] for function in functions} == {
        "shard_handler.handler",
        "kfold_handler.handler",
        "leaderboard_handler.handler",
        "compare_handler.handler",
        "report_handler.handler",
        "holdout_handler.handler",
        "register_handler.handler",
        "roles_handler.handler",
    }
    assert len({resolved(function["Role"]) for function in functions}) == len(functions)
    for function in functions:
        assert function["Runtime"].startswith("python3.")
        assert "RESULTS_BUCKET" in function["Environment"]["Variables"]
        assert function["Environment"]["Variables"]["PARAMETER_PREFIX"] == "/flights/models/"
