"""The `lifecycle` command: every command's name, options and help."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

import config
from cli import (
    account_status,
    batch,
    example_data,
    execution,
    live,
    rehearse,
    report,
    results,
    role_commands,
    rollout_commands,
    serve,
    traffic,
    train,
)
from cli.console import console
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.interruption import interrupt_on_signals
from cli.options import ACCOUNT_DIRECTORY, Directory, LifecycleFile
from cli.s3 import objects
from rehearsal.account import Account, AccountError, delete_state
from rehearsal.server import state_of
from rehearsal.settings import Settings, SettingsError

app = typer.Typer(
    help="Run the whole Amazon SageMaker model lifecycle, on AWS or on a local account.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="A YAML file of the account's quotas and faults."),
]
Port = Annotated[
    int | None,
    typer.Option(min=1, max=65535, help="Of 127.0.0.1; any free one if left out."),
]


@app.command("rehearse")
def rehearse_command(
    file: LifecycleFile = Path("lifecycle.yaml"),
    directory: Directory = ACCOUNT_DIRECTORY,
    candidates: Annotated[
        str,
        typer.Option(help="all, or names with commas between them; else those that are enabled."),
    ] = "",
    keep: Annotated[bool, typer.Option(help="Leave the account and its stacks up.")] = False,
    port: Port = None,
    settings: SettingsFile = None,
) -> None:
    """Deploy to a fresh local account and run the whole lifecycle there."""
    rehearse.rehearse(
        config.load(file, config.names(candidates)),
        directory.resolve(),
        candidates=candidates,
        keep=keep,
        port=port,
        settings=Settings.load(settings) if settings else None,
    )


@app.command()
def up(
    directory: Directory = ACCOUNT_DIRECTORY,
    port: Port = None,
    settings: SettingsFile = None,
) -> None:
    """Start a rehearsal account in the background, with the state that it had when it stopped."""
    chosen = Settings.load(settings) if settings else None
    resumed = state_of(directory.resolve()).exists()
    account = Account.start(directory.resolve(), port=port, settings=chosen, keep=True)
    state = "with its state of before" if resumed else "empty"
    console.print(f"The rehearsal account answers on {account.endpoint_url}, {state}.")
    console.print('Talk to it: eval "$(lifecycle env)"    Stop it: lifecycle down')


@app.command()
def status(directory: Directory = ACCOUNT_DIRECTORY) -> None:
    """Show whether the rehearsal account runs, and what is in it."""
    account_status.show(directory.resolve())


@app.command()
def env(directory: Directory = ACCOUNT_DIRECTORY) -> None:
    """Print the export lines with which every AWS client talks to the rehearsal account."""
    account = _running(directory)
    for name, value in account.environment().items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def down(
    directory: Directory = ACCOUNT_DIRECTORY,
    delete: Annotated[bool, typer.Option(help="Delete the account's state too.")] = False,
) -> None:
    """Stop the rehearsal account and everything that it started; `up` brings it back."""
    account = Account.find(directory.resolve())
    if account is None and not (delete and state_of(directory.resolve()).exists()):
        account = _running(directory)
    if account:
        account.stop()
    if delete:
        delete_state(directory.resolve())
    kept = state_of(directory.resolve()).exists()
    console.print(
        "The rehearsal account is stopped"
        + ("; `lifecycle up` brings it back." if kept else ", and its state is gone.")
    )


@app.command()
def upload(file: LifecycleFile = Path("lifecycle.yaml")) -> None:
    """Put the example data where the lifecycle looks for data."""
    lifecycle = config.load(file)
    uri = example_data.upload(Deployment.find(lifecycle.project.name), lifecycle.data)
    console.print(uri, soft_wrap=True)


@app.command()
def run(file: LifecycleFile = Path("lifecycle.yaml")) -> None:
    """Start the lifecycle state machine and follow it to its end."""
    deployment = Deployment.find(config.load(file).project.name)
    arn = execution.start(deployment.output("LifecycleStateMachineArn"))
    console.print(f"Execution {arn.rpartition(':')[2]}")
    with results.shown_on_failure(deployment), console.status("starting") as status:
        ended = execution.follow(arn, live=status.update, say=console.print)
    results.show(results.Results.read(deployment, ended.run))
    if ended.output["report"]:
        console.print(f"Read its report: lifecycle report --run {ended.run}")
    else:
        console.print("Its report could not be written; the execution's history says why.")


@app.command("train")
def train_command(
    candidate: Annotated[str, typer.Argument(help="The candidate's name.")],
    fold: Annotated[int, typer.Option(min=0, help="Validate on this fold.")] = 0,
    run: Annotated[
        str | None, typer.Option(help="Whose prepared data is used; the newest if left out.")
    ] = None,
    file: LifecycleFile = Path("lifecycle.yaml"),
) -> None:
    """Run one training job of a candidate, as the workflow would, and show its log."""
    deployment = Deployment.find(config.load(file).project.name)
    interrupt_on_signals()
    request = train.training_request(deployment, candidate, fold=fold, run=run, say=_say)
    for line in train.told(train.train(request, _say)):
        _say(line)
    _say(f"Try its model: lifecycle serve {candidate}")


@app.command("serve")
def serve_command(
    candidate: Annotated[str, typer.Argument(help="The candidate's name.")],
    instance_type: Annotated[
        str | None, typer.Option(help="Of the endpoint; that of its transform jobs if left out.")
    ] = None,
    file: LifecycleFile = Path("lifecycle.yaml"),
) -> None:
    """Serve the model of a candidate's newest training job until Ctrl-C, and show its log."""
    deployment = Deployment.find(config.load(file).project.name)
    interrupt_on_signals()
    serve.endpoint(deployment, candidate, instance_type).serve(_say)


@app.command()
def leaderboard(
    file: LifecycleFile = Path("lifecycle.yaml"),
    run: Annotated[str | None, typer.Option(help="A run's name; the newest if left out.")] = None,
) -> None:
    """Show a run's candidates, best first."""
    deployment = Deployment.find(config.load(file).project.name)
    found = results.Results.read(deployment, run) if run else results.Results.latest(deployment)
    results.show(found)


@app.command("report")
def report_command(
    file: LifecycleFile = Path("lifecycle.yaml"),
    run: Annotated[str | None, typer.Option(help="A run's name; the newest if left out.")] = None,
    format_: Annotated[
        report.Format,
        typer.Option("--format", help="html opens the page in the browser; the others print."),
    ] = "html",
    directory: Directory = ACCOUNT_DIRECTORY,
) -> None:
    """Show a run's report: which model, how sure, and what it gets wrong."""
    deployment = Deployment.find(config.load(file).project.name)
    shown = report.show(deployment, run, format_, directory.resolve())
    typer.echo(shown, nl=not shown.endswith("\n"))


@app.command()
def invoke(
    row: Annotated[str, typer.Argument(help="One row of features, as CSV.")],
    file: LifecycleFile = Path("lifecycle.yaml"),
    variant: Annotated[str | None, typer.Option(help="Ask this variant only.")] = None,
) -> None:
    """Ask the endpoint for one prediction."""
    deployment = Deployment.find(config.load(file).project.name)
    prediction, answered = traffic.invoke(deployment.output("EndpointName"), row, variant)
    console.print(f"{prediction}  (variant {answered})")


@app.command("live")
def live_command(file: LifecycleFile = Path("lifecycle.yaml")) -> None:
    """Compare the endpoint's variants on what they answered and what was true."""
    comparison = live.compare(Deployment.find(config.load(file).project.name))
    console.print(live.table(comparison))
    for sentence in live.sentences(comparison):
        _say(sentence)


@app.command("batch")
def batch_command(
    source: Annotated[str, typer.Argument(help="Rows of features: a CSV file or s3:// prefix.")],
    file: LifecycleFile = Path("lifecycle.yaml"),
) -> None:
    """Score every row with the champion; the results go to the results bucket."""
    deployment = Deployment.find(config.load(file).project.name)
    uri = batch.stage(deployment, source)
    with console.status("batch transform") as status:
        ended = batch.transform(deployment, uri, status.update)
    console.print(f"Done in {ended.seconds:.1f} s by {ended.output['model_package']}")
    for found, size in objects(ended.output["output"]):
        console.print(f"  {found}  {size:,} bytes", soft_wrap=True)


role_commands.add_to(app)
rollout_commands.add_to(app)


def _say(line: str) -> None:
    console.print(line, soft_wrap=True, markup=False)


def _running(directory: Path) -> Account:
    account = Account.find(directory.resolve())
    if account is None:
        raise CommandError("No rehearsal account is running here. Start one with `lifecycle up`.")
    return account


def main() -> None:
    """Run the command; what goes wrong is said in a sentence, on standard error."""
    try:
        app()
    except (CommandError, AccountError, SettingsError, config.ConfigurationError) as error:
        _fail(str(error))
    except (BotoCoreError, ClientError) as error:
        _fail(f"AWS said: {error}")


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    sys.exit(1)
