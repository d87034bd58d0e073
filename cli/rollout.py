"""Rollouts: asking for one, stopping it, and what has come of it."""

from collections.abc import Iterator
from typing import Any

import boto3
from rich.table import Table

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.functions import caller, invoke
from cli.s3 import objects, read_json

Document = dict[str, Any]

_EVENTS, _LOOKS = "rollouts/events/", "rollouts/looks/"


def ask(deployment: Deployment, action: str) -> str:
    """Ask for `start`, `stop`, `resume` or `abort`; return in a sentence what was done.

    Raises:
        CommandError: If it is not possible, with the reason.
    """
    event = {"action": action, "by": caller()}
    told = invoke(deployment.output("RolloutFunctionName"), f"rollout {action}", event)
    said: str = told["said"]
    return said


def history(deployment: Deployment, rollout: str | None = None) -> list[Document]:
    """The events of a rollout, oldest first; of the newest, if none is named.

    Raises:
        CommandError: If there is no such rollout.
    """
    bucket = deployment.output("ResultsBucketName")
    uris = sorted(uri for uri, _ in objects(f"s3://{bucket}/{_EVENTS}"))
    names = [uri.split("/")[-2] for uri in uris]
    if not names or (rollout and rollout not in names):
        named = f"no rollout {rollout}; there are {', '.join(dict.fromkeys(names))}"
        raise CommandError(
            f"There is {named}." if names else "There is no rollout yet: lifecycle rollout start"
        )
    wanted = rollout or names[-1]
    return [read_json(uri) for uri, name in zip(uris, names, strict=True) if name == wanted]


def table(events: list[Document]) -> Table:
    """Every event of a rollout: when, what, the challenger's share, why and by whom."""
    shown = Table(title=f"Rollout {events[0]['rollout']}", title_justify="left")
    for heading in ("when (UTC)", "what", "challenger", "why", "by"):
        shown.add_column(heading, overflow="fold")
    for each in events:
        shown.add_row(
            each["at"].partition(".")[0].replace("T", " "),
            each["what"],
            f"{each['percentage']:g} %",
            each["reason"],
            each["by"].rpartition(":")[2],
        )
    return shown


def state(deployment: Deployment, events: list[Document]) -> Iterator[str]:
    """What a rollout does now: the newest look at its step, and whether it runs."""
    newest = events[-1]
    if newest["what"] in ("rolled back", "completed", "aborted"):
        return
    execution = boto3.client("stepfunctions").describe_execution(executionArn=newest["execution"])
    status = execution["status"]
    if status == "RUNNING":
        look = _look(deployment, newest)
        yield f"Under way: {look['reason']}" if look else "Under way: no look at this step yet"
    elif newest["what"] == "stopped":
        yield "Stopped: lifecycle rollout resume, or abort"
    else:
        yield (
            f"The state machine {status.lower().replace('_', ' ')}, and the weights are as they "
            f"were: {execution.get('error', '')}: {execution.get('cause', 'it gives no cause')}"
        )


def _look(deployment: Deployment, newest: Document) -> Document | None:
    uri = f"s3://{deployment.output('ResultsBucketName')}/{_LOOKS}{newest['rollout']}.json"
    if not any(found == uri for found, _ in objects(uri)):
        return None
    look: Document = read_json(uri)
    return look if look["step"] == newest["step"] and look["at"] > newest["at"] else None
