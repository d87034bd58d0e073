"""Training jobs with SageMaker Debugger: what they save, and what the rules find."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from tests.rehearsal.conftest import BUCKET, Prepared, channel, make_role, train, training_request
from tests.rehearsal.scripts import ended, script_request

RULE_IMAGE = "503895931360.dkr.ecr.us-east-1.amazonaws.com/sagemaker-debugger-rules:latest"
HOOK = {
    "S3OutputPath": f"s3://{BUCKET}/debugger/",
    "CollectionConfigurations": [
        {"CollectionName": "losses", "CollectionParameters": {"save_interval": "1"}},
        {"CollectionName": "predictions", "CollectionParameters": {"save_interval": "5"}},
        {"CollectionName": "labels", "CollectionParameters": {"save_interval": "5"}},
    ],
}
LOSS = {"Name": "train:loss", "Regex": r"loss=(\S+)"}
# Prints losses that do not fall, and ends on SIGTERM only.
STUCK = """
import itertools, time
for step in itertools.count():
    print("loss=1.0", flush=True)
    time.sleep(0.02)
"""


def rule(name: str, **parameters: str) -> dict[str, Any]:
    return {
        "RuleConfigurationName": name,
        "RuleEvaluatorImage": RULE_IMAGE,
        "RuleParameters": {"rule_to_invoke": name, **parameters},
    }


def debugged(*rules: dict[str, Any], **hook: Any) -> dict[str, Any]:
    return {"DebugHookConfig": {**HOOK, **hook}, "DebugRuleConfigurations": list(rules)}


def stop(prefix: str) -> str:
    return rf"{{\"name\": \"stoptraining\", \"training_job_prefix\": \"{prefix}\"}}"


def statuses(job: dict[str, Any]) -> dict[str, str]:
    return {
        status["RuleConfigurationName"]: status["RuleEvaluationStatus"]
        for status in job["DebugRuleEvaluationStatuses"]
    }


@pytest.fixture(scope="module")
def xgboost_job(sagemaker: Any, prepared: Prepared) -> dict[str, Any]:
    """Too many rounds without any bound: the training loss falls, the validation loss does not."""
    return train(
        sagemaker,
        training_request(
            "debugger-xgboost",
            channel("train", prepared.uri(0)),
            channel("validation", prepared.uri(1)),
            HyperParameters={
                "num_round": "40",
                "objective": "binary:logistic",
                "eval_metric": "logloss,auc",
            },
            **debugged(
                rule("Overfit", patience="3"),
                rule("LossNotDecreasing", tensor_regex="train-logloss", diff_percent="0.01"),
                rule("ClassImbalance", samples="100"),
            ),
        ),
    )


def test_xgboost_saves_what_the_hook_says(xgboost_job: dict[str, Any], s3: Any) -> None:
    assert xgboost_job["TrainingJobStatus"] == "Completed", xgboost_job.get("FailureReason")
    prefix = "debugger/debugger-xgboost/debug-output/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    keys = {item["Key"].removeprefix(prefix) for page in pages for item in page["Contents"]}
    assert {
        "collections/000000000/worker_0_collections.json",
        "index/000000000/000000000000_worker_0.json",
        "events/000000000039/000000000039_worker_0.tfevents",
    } <= keys


def test_rules_say_what_they_find(xgboost_job: dict[str, Any]) -> None:
    found = {
        each["RuleConfigurationName"]: each for each in xgboost_job["DebugRuleEvaluationStatuses"]
    }
    overfit = found["Overfit"]
    assert overfit["RuleEvaluationStatus"] == "IssuesFound"
    assert "Evaluation of the rule Overfit at step" in overfit["StatusDetails"]
    assert ":processing-job/debugger-xgboost-overfit-" in overfit["RuleEvaluationJobArn"]
    assert found["ClassImbalance"]["RuleEvaluationStatus"] == "NoIssuesFound"


def test_printed_metrics_are_watched_too(sagemaker: Any, s3: Any, name: str) -> None:
    program = """
    for step in range(30):
        print(f"loss={1 / (step + 1)}", flush=True)
    """
    request = script_request(
        s3,
        name,
        program,
        specification={"MetricDefinitions": [LOSS]},
        **debugged(rule("LossNotDecreasing"), rule("Overfit")),
    )
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert statuses(job) == {"LossNotDecreasing": "NoIssuesFound", "Overfit": "NoIssuesFound"}
    _, overfit = job["DebugRuleEvaluationStatuses"]
    assert overfit["StatusDetails"] == "The training job saved nothing that the rule looks at."


def test_a_rule_stops_the_job(sagemaker: Any, s3: Any, name: str) -> None:
    request = script_request(
        s3,
        name,
        STUCK,
        specification={"MetricDefinitions": [LOSS]},
        **debugged(
            rule("LossNotDecreasing", action_json=stop(name)),
            rule("Overtraining", patience_train="9999999"),
        ),
    )
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert statuses(job) == {"LossNotDecreasing": "IssuesFound", "Overtraining": "Stopped"}


def test_a_job_that_saves_nothing_gives_its_rules_an_error(
    sagemaker: Any, s3: Any, name: str
) -> None:
    request = script_request(s3, name, "print('done')", **debugged(rule("Overfit")))
    sagemaker.create_training_job(**request)
    (status,) = ended(sagemaker, name)["DebugRuleEvaluationStatuses"]
    assert status["RuleEvaluationStatus"] == "Error"
    assert "No debugging data was saved by the training job" in status["StatusDetails"]


def test_the_role_must_be_allowed_to_save(
    sagemaker: Any, s3: Any, account: Account, name: str
) -> None:
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {
        "Effect": "Deny",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/debugger/*",
    }
    role = make_role(account, name, allowed, denied)
    request = script_request(s3, name, "", RoleArn=role, **debugged(rule("Overfit")))
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert "s3:PutObject" in job["FailureReason"]
    assert f"{BUCKET}/debugger/" in job["FailureReason"]


def test_an_action_that_the_role_may_not_do_is_told(
    sagemaker: Any, s3: Any, account: Account, name: str
) -> None:
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": "sagemaker:StopTrainingJob", "Resource": "*"}
    role = make_role(account, name, allowed, denied)
    program = "for step in range(30): print('loss=1.0', flush=True)"
    request = script_request(
        s3,
        name,
        program,
        RoleArn=role,
        specification={"MetricDefinitions": [LOSS]},
        **debugged(rule("LossNotDecreasing", action_json=stop(name))),
    )
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed"
    (status,) = job["DebugRuleEvaluationStatuses"]
    assert status["RuleEvaluationStatus"] == "IssuesFound"
    assert "Its action failed" in status["StatusDetails"]


def test_a_message_is_sent(
    sagemaker: Any, s3: Any, client: Callable[[str], Any], name: str
) -> None:
    action = r"[{\"name\": \"email\", \"endpoint\": \"who@example.com\"}]"
    request = script_request(
        s3,
        name,
        "for step in range(30): print('loss=1.0', flush=True)",
        specification={"MetricDefinitions": [LOSS]},
        **debugged(rule("LossNotDecreasing", action_json=action)),
    )
    sagemaker.create_training_job(**request)
    (status,) = ended(sagemaker, name)["DebugRuleEvaluationStatuses"]
    assert "failed" not in status["StatusDetails"]
    subscriptions = client("sns").list_subscriptions()["Subscriptions"]
    assert [(each["Protocol"], each["Endpoint"]) for each in subscriptions] == [
        ("email", "who@example.com")
    ]


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (
            debugged(rule("VanishingGradient")),
            "the rules of the rehearsal are ClassImbalance, Loss",
        ),
        (debugged(rule("Overfit", patients="1")), "Rule Overfit has no parameter patients"),
        (debugged(rule("Overfit"), rule("Overfit")), "two rules with the RuleConfigurationName"),
        (
            debugged(rule("Overfit", action_json='{"name": "stoptraining"}')),
            "action_json is no JSON object or list with escaped quotes",
        ),
        (
            debugged(rule("Overfit", action_json=r"{\"name\": \"reboot\"}")),
            "the actions are stoptraining, email, sms",
        ),
        (
            debugged({**rule("Overfit"), "RuleEvaluatorImage": "my/rules:1"}),
            "the image my/rules:1 has no rules in the rehearsal",
        ),
        ({"DebugRuleConfigurations": [rule("Overfit")]}, "need a DebugHookConfig"),
        (debugged(S3OutputPath="https://bucket/key"), "DebugHookConfig.S3OutputPath"),
        (debugged(LocalPath="/tmp/tensors"), "DebugHookConfig.LocalPath /tmp/tensors"),
        (
            {"ProfilerRuleConfigurations": [rule("ProfilerReport")]},
            "ProfilerReport (ProfilerReport) is not available in the rehearsal",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    sagemaker: Any, s3: Any, name: str, members: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**script_request(s3, name, "", **members))
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert told in refused.value.response["Error"]["Message"]
