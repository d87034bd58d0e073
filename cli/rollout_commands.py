"""The commands of a rollout: `lifecycle rollout start`, `status`, `stop`, `resume`, `abort`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

import config
from cli import rollout
from cli.console import console
from cli.deployment import Deployment
from cli.options import LifecycleFile

_HELP = {
    "start": "Give the challenger traffic step by step, as long as it is not worse.",
    "stop": "Stop the rollout; the weights stay as they are.",
    "resume": "Go on with a rollout that was stopped, or has failed, at its step.",
    "abort": "End the rollout, and give all of the traffic back to the champion.",
}


def add_to(app: typer.Typer) -> None:
    """Make them commands of an application."""
    group = typer.Typer(no_args_is_help=True, help="Roll the challenger out, step by step.")
    for action, help_ in _HELP.items():
        group.command(action, help=help_)(_asking(action))
    group.command()(status)
    app.add_typer(group, name="rollout")


def status(
    name: Annotated[
        str | None, typer.Argument(help="A rollout's name; the newest if left out.")
    ] = None,
    file: LifecycleFile = Path("lifecycle.yaml"),
) -> None:
    """Show every step of a rollout, and what it waits for."""
    deployment = _deployment(file)
    events = rollout.history(deployment, name)
    console.print(rollout.table(events))
    for sentence in rollout.state(deployment, events):
        console.print(sentence, soft_wrap=True, markup=False)


def _asking(action: str) -> Callable[..., None]:
    def ask(file: LifecycleFile = Path("lifecycle.yaml")) -> None:
        console.print(rollout.ask(_deployment(file), action), soft_wrap=True, markup=False)

    return ask


def _deployment(file: Path) -> Deployment:
    return Deployment.find(config.load(file).project.name)
