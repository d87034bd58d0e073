"""What a rule does when its condition is met: stop the training job, or send a message.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-action-on-rules.html and smdebug's
rules/action of https://github.com/awslabs/sagemaker-debugger.
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from rehearsal.sagemaker.roles import Role

_TOPIC = "SMDebugRules"
# The action's name, and the member that it needs.
_NEEDED = {"stoptraining": "training_job_prefix", "email": "endpoint", "sms": "endpoint"}


class Action(Protocol):
    """Something to do."""

    def invoke(self, role: Role, rule: str, details: str) -> None:
        """Do it as the job's role; the rule and its finding are for messages.

        Raises:
            botocore.exceptions.ClientError: If the role may not.
        """


@dataclass(frozen=True)
class StopTraining:
    """Stops the one training job in progress whose name begins so."""

    prefix: str

    def invoke(self, role: Role, rule: str, details: str) -> None:
        """Stop it; several such jobs, or none, are left alone."""
        sagemaker: Any = role.client("sagemaker")
        pages = sagemaker.get_paginator("list_training_jobs").paginate(
            NameContains=self.prefix, StatusEquals="InProgress"
        )
        names = [each["TrainingJobName"] for page in pages for each in page["TrainingJobSummaries"]]
        found = [name for name in names if name.startswith(self.prefix)]
        if len(found) == 1:
            sagemaker.stop_training_job(TrainingJobName=found[0])


@dataclass(frozen=True)
class Message:
    """Publishes to the topic SMDebugRules, to which the address is subscribed."""

    protocol: str
    endpoint: str

    def invoke(self, role: Role, rule: str, details: str) -> None:
        """Make topic and subscription if they are not there, and publish."""
        sns: Any = role.client("sns")
        topic = sns.create_topic(Name=_TOPIC)["TopicArn"]
        attribute = "phone_num" if self.protocol == "sms" else "email"
        sns.subscribe(
            TopicArn=topic,
            Protocol=self.protocol,
            Endpoint=self.endpoint,
            Attributes={"FilterPolicy": json.dumps({attribute: [self.endpoint]})},
        )
        sns.publish(
            TopicArn=topic,
            Subject=f"SMDebugRule:{rule} fired",
            Message=f"SMDebugRule:{rule} fired. {details}",
            MessageAttributes={attribute: {"DataType": "String", "StringValue": self.endpoint}},
        )


def read_actions(text: str) -> tuple[Action, ...]:
    r"""The actions of a rule's `action_json`, such as `{\"name\": \"stoptraining\", ...}`.

    AWS's image puts the text between quotes in a program, so those within it are escaped, as the
    SDK does it. It also puts all of it in lower case: a job's name with a capital is not found.

    Raises:
        ValueError: Naming what is wrong.
    """
    if not text.strip():
        return ()
    try:
        document = json.loads(json.loads(f'"{text.strip().lower()}"'))
    except ValueError as error:
        raise ValueError(
            rf"action_json is no JSON object or list with escaped quotes (\"): {text}"
        ) from error
    return tuple(_action(each) for each in (document if isinstance(document, list) else [document]))


def _action(document: Any) -> Action:
    name = document.get("name") if isinstance(document, dict) else None
    if name not in _NEEDED:
        raise ValueError(
            f"action_json has the action {name}; the actions are {', '.join(_NEEDED)}."
        )
    value = document.get(_NEEDED[name])
    if not isinstance(value, str) or not value:
        raise ValueError(f"action_json: the action {name} needs {_NEEDED[name]}.")
    return StopTraining(value) if name == "stoptraining" else Message(name, value)
