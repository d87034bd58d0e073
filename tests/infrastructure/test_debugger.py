"""A candidate that SageMaker Debugger watches: its requests, and what becomes of its rules."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

import config
from tests.infrastructure.aws_requests import problems
from tests.infrastructure.synthesis import (
    ACCOUNT,
    REGION,
    Synthesis,
    evaluated,
    expressions,
    named,
    parsed,
    resolved,
    state,
    states,
    synthesize,
)
from tests.infrastructure.test_lifecycle_workflow import RUN, context

WATCHED = config.Debugger.model_validate(
    {
        "rules": {"Overfit": {"patience": 3, "ratio_threshold": 0.2}, "ClassImbalance": None},
        "on_issue": "stop",
        "profiler": True,
    }
)
STATUSES = [
    {
        "RuleConfigurationName": "Overfit",
        "RuleEvaluationStatus": "InProgress",
        "RuleEvaluationJobArn": "arn",
    },
    {
        "RuleConfigurationName": "ClassImbalance",
        "RuleEvaluationStatus": "IssuesFound",
        "StatusDetails": "the condition was met\n",
    },
]


def watched(lifecycle: config.Lifecycle, debugger: config.Debugger | None) -> config.Lifecycle:
    """The project with its first candidate watched so, and the others not."""
    first, *others = lifecycle.candidates
    entry = first.entry.model_copy(update={"debugger": debugger})
    first = first.model_copy(update={"entry": entry})
    return lifecycle.model_copy(update={"candidates": (first, *others)})


@pytest.fixture(scope="module")
def synthesis(lifecycle: config.Lifecycle, tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesize(watched(lifecycle, WATCHED), tmp_path_factory.mktemp("cdk.out"))


@pytest.fixture(scope="module")
def definition(synthesis: Synthesis) -> dict[str, Any]:
    return synthesis.definition("training")


@pytest.fixture
def fold(definition: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """The input of a fold's first state, of a candidate."""
    candidates = state(definition, "Plan")["Output"]["candidates"]
    return lambda index=0: {
        "run": RUN,
        "candidate": copy.deepcopy(candidates[index]),
        "fold": 3,
        "suffix": "f3",
        "shard": "fold-3",
        "manifest": "train-fold-3.json",
    }


def request(definition: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    arguments = state(definition, "TrainFold")["Arguments"]
    found: dict[str, Any] = named(evaluated(arguments, input=given, context=context(2)))
    return found


def test_sagemaker_takes_hook_rules_and_profiler(
    definition: dict[str, Any], fold: Callable[..., dict[str, Any]]
) -> None:
    found = request(definition, fold())
    assert problems("sagemaker", "CreateTrainingJob", found) == []
    image = f"929884845733.dkr.ecr.{REGION}.amazonaws.com/sagemaker-debugger-rules:latest"
    job = f"flights-{RUN}-xgboost-f3-2"
    assert found["TrainingJobName"] == job
    action = rf"{{\"name\": \"stoptraining\", \"training_job_prefix\": \"{job}\"}}"
    assert found["DebugHookConfig"] == {
        "S3OutputPath": "s3://model-bucket/debugger/",
        "CollectionConfigurations": [
            {"CollectionName": name, "CollectionParameters": {"save_interval": interval}}
            for name, interval in (("losses", "1"), ("labels", "10"), ("predictions", "10"))
        ],
    }
    assert found["DebugRuleConfigurations"] == [
        {
            "RuleConfigurationName": "Overfit",
            "RuleEvaluatorImage": image,
            "RuleParameters": {
                "rule_to_invoke": "Overfit",
                "patience": "3",
                "ratio_threshold": "0.2",
                "action_json": action,
            },
        },
        {
            "RuleConfigurationName": "ClassImbalance",
            "RuleEvaluatorImage": image,
            "RuleParameters": {"rule_to_invoke": "ClassImbalance", "action_json": action},
        },
    ]
    assert found["ProfilerConfig"] == {"S3OutputPath": "s3://model-bucket/debugger/"}
    # The action as the rules' image reads it: https://github.com/awslabs/sagemaker-debugger.
    assert json.loads(json.loads(f'"{action}"')) == {
        "name": "stoptraining",
        "training_job_prefix": job,
    }


def test_only_rules_that_are_to_stop_have_an_action(
    definition: dict[str, Any], fold: Callable[..., dict[str, Any]]
) -> None:
    given = fold()
    given["candidate"]["rules"] = "fail"
    rules = request(definition, given)["DebugRuleConfigurations"]
    assert [rule["RuleParameters"].get("action_json") for rule in rules] == [None, None]
    other = request(definition, fold(1))
    assert not {"DebugHookConfig", "DebugRuleConfigurations", "ProfilerConfig"} & other.keys()


def test_the_profiler_is_turned_off(lifecycle: config.Lifecycle) -> None:
    from stacks.constructs.debugger import debugger_members

    section = config.Debugger.model_validate({"rules": ["Overfit"]})
    members = debugger_members(section, region="cn-north-1", output="s3://b/")
    assert members["ProfilerConfig"] == {"DisableProfiler": True}
    (rule,) = members["DebugRuleConfigurations"]
    assert rule["RuleEvaluatorImage"] == (
        "618459771430.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-debugger-rules:latest"
    )


def test_rules_are_awaited_after_the_training(
    definition: dict[str, Any], fold: Callable[..., dict[str, Any]]
) -> None:
    for expression in expressions(definition):
        parsed(expression)
    asked = state(definition, state(definition, "TrainFold")["Next"])
    (choice,) = asked["Choices"]
    assert (choice["Next"], asked["Default"]) == ("ReadFoldRules", "CreateFoldModel")
    given = fold() | {"training_job": "job"}
    assert evaluated(choice["Condition"], input=given) is True
    assert evaluated(choice["Condition"], input=fold(1)) is False
    read = state(definition, "ReadFoldRules")
    assert evaluated(read["Arguments"], input=given) == {"TrainingJobName": "job"}
    output = evaluated(
        read["Output"], input=given, result={"DebugRuleEvaluationStatuses": STATUSES}
    )
    assert output["rules"] == [
        {"rule": "Overfit", "status": "InProgress", "details": ""},
        {
            "rule": "ClassImbalance",
            "status": "IssuesFound",
            "details": "the condition was met\n",
        },
    ]
    assert next_state(definition, output) == "AwaitFoldRules"
    assert state(definition, "AwaitFoldRules")["Next"] == "ReadFoldRules"
    for _ in range(39):
        output = evaluated(
            read["Output"], input=output, result={"DebugRuleEvaluationStatuses": STATUSES}
        )
    assert next_state(definition, output) == "FoldRuleFired"


@pytest.mark.parametrize(
    ("on_issue", "status", "expected"),
    [
        ("report", "IssuesFound", "CreateFoldModel"),
        ("fail", "IssuesFound", "FoldRuleFired"),
        ("stop", "IssuesFound", "FoldRuleFired"),
        ("fail", "NoIssuesFound", "CreateFoldModel"),
        ("stop", "Error", "CreateFoldModel"),
    ],
)
def test_what_a_rule_finds_is_obeyed(
    definition: dict[str, Any],
    fold: Callable[..., dict[str, Any]],
    on_issue: str,
    status: str,
    expected: str,
) -> None:
    given = fold() | {"rules": [{"rule": "Overfit", "status": status, "details": "why\n"}]}
    given |= {"rules_reads": 1}
    given["candidate"]["rules"] = on_issue
    assert next_state(definition, given) == expected
    if expected == "FoldRuleFired":
        fired = state(definition, "FoldRuleFired")
        assert fired["Next"] == "FoldFailed"
        reason = evaluated(fired["Output"], input=given)["reason"]
        assert reason == "SageMaker Debugger's Overfit found an issue: why"


def test_a_job_that_a_rule_has_stopped_says_so(
    definition: dict[str, Any], fold: Callable[..., dict[str, Any]]
) -> None:
    (catch,) = state(definition, "TrainFold")["Catch"]
    cause = {"TrainingJobStatus": "Stopped", "DebugRuleEvaluationStatuses": STATUSES}
    error = {"Error": "States.TaskFailed", "Cause": json.dumps(cause, separators=(",", ":"))}
    reason = evaluated(catch["Output"], input=fold(), errorOutput=error)["reason"]
    assert reason == "stopped by SageMaker Debugger: ClassImbalance found an issue"


def test_the_role_may_stop_the_projects_jobs_only(synthesis: Synthesis) -> None:
    allowed = {
        action: [resolved(resource) for resource in statement["Resource"]]
        for statement in synthesis.statements("training")
        for action in statement["Action"]
        if action in ("sagemaker:StopTrainingJob", "sagemaker:ListTrainingJobs")
    }
    assert allowed["sagemaker:ListTrainingJobs"] == ["*"]
    assert allowed["sagemaker:StopTrainingJob"] == [
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/flights-*"
    ]


def test_without_debugger_there_is_no_trace_of_it(
    lifecycle: config.Lifecycle, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = synthesize(watched(lifecycle, None), tmp_path_factory.mktemp("cdk.out"))
    machine = other.definition("training")
    assert "Rule" not in " ".join(name for name, _ in states(machine))
    assert state(machine, "TrainFold")["Next"] == "CreateFoldModel"
    assert "debugger" not in json.dumps(other.statements("training"))
    assert 'ListTrainingJobs"' not in json.dumps(other.statements("training"))


def next_state(definition: dict[str, Any], given: dict[str, Any]) -> str:
    judged = state(definition, "JudgeFoldRules")
    for choice in judged["Choices"]:
        if evaluated(choice["Condition"], input=given):
            return str(choice["Next"])
    return str(judged["Default"])
