"""The commands about which models serve: deploy, approve, promote, rollback and roles."""

from pathlib import Path
from typing import Annotated

import typer

import config
from cli import deploy, roles
from cli.cdk import Cdk, resource_event
from cli.console import console
from cli.deployment import Deployment
from cli.options import ACCOUNT_DIRECTORY, Directory, LifecycleFile

_FILE = Path("lifecycle.yaml")


def add_to(app: typer.Typer) -> None:
    """Make them commands of an application."""
    app.command("deploy")(deploy_endpoint)
    app.command()(approve)
    app.command()(promote)
    app.command()(rollback)
    app.command("roles")(show_roles)


def deploy_endpoint(file: LifecycleFile = _FILE, directory: Directory = ACCOUNT_DIRECTORY) -> None:
    """Deploy the endpoint with the models that have a role, and confirm that it runs them."""
    _deploy(file, directory)


def approve(
    package: Annotated[
        str | None,
        typer.Argument(help="A model package's ARN or version; the one that waits if left out."),
    ] = None,
    comment: Annotated[str, typer.Option(help="Kept with the approval.")] = "",
    file: LifecycleFile = _FILE,
) -> None:
    """Approve a registered model, which makes it the challenger, or the first champion."""
    with console.status("waiting for its role"):
        said = roles.approve(_deployment(file), package, comment)
    _say(said)
    _say("Serve it: lifecycle deploy")


def promote(file: LifecycleFile = _FILE, directory: Directory = ACCOUNT_DIRECTORY) -> None:
    """Make the challenger the champion, and deploy that; the former champion challenges it."""
    _say(roles.change(_deployment(file), "promote"))
    _deploy(file, directory, changed_champion=True)


def rollback(file: LifecycleFile = _FILE, directory: Directory = ACCOUNT_DIRECTORY) -> None:
    """Make the former champion the champion again, and deploy that."""
    _say(roles.change(_deployment(file), "rollback"))
    _deploy(file, directory, changed_champion=True)


def show_roles(file: LifecycleFile = _FILE) -> None:
    """Show champion and challenger, what waits for approval, and every change so far."""
    deployment = _deployment(file)
    for role, package in roles.current_roles(deployment).items():
        _say(f"{role:12} {package}")
    for package, description in roles.pending(deployment).items():
        _say(f"{'waits':12} {package} ({description})")
    console.print(roles.history(deployment))


def _deploy(file: Path, directory: Path, *, changed_champion: bool = False) -> None:
    cdk = Cdk(file.resolve(), directory.resolve())
    with console.status("cdk deploy") as status:

        def show(line: str) -> None:
            event = resource_event(line)
            if event:
                status.update(event)

        lifecycle = config.load(file)
        for sentence in deploy.deploy(cdk, lifecycle, show, changed_champion=changed_champion):
            _say(sentence)


def _deployment(file: Path) -> Deployment:
    return Deployment.find(config.load(file).project.name)


def _say(line: str) -> None:
    console.print(line, soft_wrap=True, markup=False)
