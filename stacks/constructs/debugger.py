"""SageMaker Debugger in the requests of training jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-createtrainingjob-api.html
"""

import json
from typing import Any

from config import Debugger
from stacks.constructs.images import debugger_rules_image
from stacks.constructs.jsonata import Expression, concatenated

# The collections that rules look at; each step's losses are two or three numbers.
_INTERVALS = {"losses": 1}
_CLASS_INTERVALS = {"labels": 10, "predictions": 10}
_STOP = json.dumps({"name": "stoptraining", "training_job_prefix": "PREFIX"})


def debugger_members(debugger: Debugger, *, region: str, output: str) -> dict[str, Any]:
    """The members of CreateTrainingJob.

    Args:
        debugger: The candidate's section.
        region: Whose image the rules run in.
        output: The S3 URI below which each job's tensors and profile are kept.
    """
    image = debugger_rules_image(region)
    intervals = _INTERVALS | (_CLASS_INTERVALS if "ClassImbalance" in debugger.rules else {})
    return {
        "DebugHookConfig": {
            "S3OutputPath": output,
            "CollectionConfigurations": [
                {
                    "CollectionName": name,
                    "CollectionParameters": {"save_interval": str(interval)},
                }
                for name, interval in intervals.items()
            ],
        },
        "DebugRuleConfigurations": [
            {
                "RuleConfigurationName": name,
                "RuleEvaluatorImage": image,
                "RuleParameters": {
                    "rule_to_invoke": name,
                    **{key: str(value) for key, value in parameters.items()},
                },
            }
            for name, parameters in debugger.rules.items()
        ],
        "ProfilerConfig": {"S3OutputPath": output}
        if debugger.profiler
        else {"DisableProfiler": True},
    }


def stopping_rules(job_name: Expression) -> Expression:
    r"""The rules of a candidate whose `rules` are to stop the job, with the action that does it.

    The rules' image takes the action as JSON with escaped quotes, `{\"name\": ...}`, as the SDK
    writes it; a candidate without such rules changes nothing.
    """
    before, after = _STOP.replace('"', r"\"").split("PREFIX")
    action = concatenated(before, job_name, after)
    return Expression(
        '$states.input.candidate.rules = "stop" ? {"DebugRuleConfigurations": ['
        "$states.input.candidate.training.DebugRuleConfigurations.$merge([$, "
        f'{{"RuleParameters": $merge([RuleParameters, {{"action_json": {action.text}}}])}}])'
        "]} : {}"
    )
