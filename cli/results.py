"""What a finished run left in the buckets: leaderboard, holdout results, the data's metadata."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from cli.console import console
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.execution import ExecutionFailed
from cli.s3 import objects, read_json
from report.wording import short_number

Document = dict[str, Any]


@dataclass(frozen=True)
class Results:
    """The results of one run.

    Attributes:
        run: Its name.
        leaderboard: `rank_by` and the candidates, best first.
        holdout: One evaluation a finalist.
        metadata: What the preparation said of the data.
        bytes_stored: Of everything under the run's prepared prefix.
    """

    run: str
    leaderboard: Document
    holdout: list[Document]
    metadata: Document
    bytes_stored: int

    @classmethod
    def read(cls, deployment: Deployment, run: str) -> "Results":
        """Read a run's results.

        Raises:
            CommandError: If the run has none.
        """
        evaluations = f"s3://{deployment.output('ResultsBucketName')}/evaluations/{run}"
        prepared = f"s3://{deployment.output('DataBucketName')}/prepared/{run}/"
        stored = list(objects(prepared))
        holdouts = [uri for uri, _ in objects(f"{evaluations}/") if uri.endswith("/holdout.json")]
        return cls(
            run=run,
            leaderboard=read_json(f"{evaluations}/leaderboard.json"),
            holdout=[read_json(uri) for uri in holdouts],
            metadata=read_json(f"{prepared}metadata.json"),
            bytes_stored=sum(size for _, size in stored),
        )

    @classmethod
    def latest(cls, deployment: Deployment) -> "Results":
        """Read the results of the newest run that has a leaderboard.

        Raises:
            CommandError: If there is none.
        """
        prefix = f"s3://{deployment.output('ResultsBucketName')}/evaluations/"
        runs = [
            uri.removeprefix(prefix).partition("/")[0]
            for uri, _ in objects(prefix)
            if uri.endswith("/leaderboard.json")
        ]
        if not runs:
            raise CommandError(f"There is no leaderboard under {prefix}. Start a `lifecycle run`.")
        return cls.read(deployment, max(runs))


@contextmanager
def shown_on_failure(deployment: Deployment) -> Iterator[None]:
    """If the execution in the block fails, show its leaderboard, when it came that far."""
    try:
        yield
    except ExecutionFailed as failure:
        with suppress(CommandError):
            show(Results.read(deployment, failure.run))
        raise


def show(results: Results) -> None:
    """Print the leaderboard, and below it what may be chance, was tuned, was found or failed."""
    console.print(_table(results))
    best, *_ = results.leaderboard["candidates"]
    for candidate in results.leaderboard["candidates"]:
        test = candidate["comparison"]
        if test and test["p_adjusted"] is not None and not test["distinguishable"]:
            console.print(_chance(candidate["name"], best["name"], test), markup=False)
        if candidate["tuned"]:
            console.print(_tuning(candidate["name"], candidate["tuned"]), markup=False)
        if candidate["rules"]:
            console.print(_rules(candidate["name"], candidate["rules"]), markup=False)
        if candidate["status"] != "Completed":
            console.print(f"{candidate['name']} failed: {candidate['reason']}", markup=False)


def _table(results: Results) -> Table:
    metric = results.leaderboard["rank_by"]
    table = Table(title=f"Leaderboard of run {results.run}, by {metric}", title_justify="left")
    for heading in (
        "",
        "candidate",
        "option",
        "mean",
        "std",
        "folds",
        "seconds",
        "holdout",
        "gates",
    ):
        right = heading in ("mean", "std", "seconds", "holdout")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    holdout = {document["candidate"]: document for document in results.holdout}
    for candidate in results.leaderboard["candidates"]:
        if candidate["status"] != "Completed":
            table.add_row("", candidate["name"], candidate["option"], "[red]failed[/]")
            continue
        tested = holdout.get(candidate["name"])
        found = [fold["metrics"].get(metric) for fold in candidate["folds"]]
        scores = [score for score in found if score is not None]
        table.add_row(
            str(candidate["rank"]),
            candidate["name"],
            candidate["option"],
            _number(candidate["mean"].get(metric)),
            _number(candidate["std"].get(metric)),
            f"{_number(min(scores))} to {_number(max(scores))}" if scores else "-",
            _seconds(candidate["folds"]),
            _number(tested["metrics"].get(metric)) if tested else "",
            ("[green]passed[/]" if tested["passed"] else "[red]failed[/]") if tested else "",
        )
    return table


def _chance(name: str, best: str, test: Document) -> str:
    return (
        f"{name} is not distinguishable from {best} on the folds "
        f"({test['test']}, p = {test['p_adjusted']:.2g})"
    )


def _tuning(name: str, tuned: Document) -> str:
    found = ", ".join(
        f"{key}={short_number(value)}" for key, value in tuned["hyperparameters"].items()
    )
    trials = tuned["trials"]
    stopped = sum(trial["status"] == "Stopped" for trial in trials)
    early = f", {stopped} of them stopped early" if stopped else ""
    return (
        f"{name} is tuned: {found} ({tuned['metric']} {_number(tuned['objective'])} on one split, "
        f"the best of {len(trials)} training jobs{early})"
    )


def _rules(name: str, rules: dict[str, dict[str, int]]) -> str:
    found = (
        f"{rule} {', '.join(f'{status} on {count}' for status, count in statuses.items())}"
        for rule, statuses in rules.items()
    )
    return f"{name} was watched by SageMaker Debugger; on its folds: {'; '.join(found)}"


def _seconds(folds: list[Document]) -> str:
    """Of the folds' training jobs in all; a dash where one is not known."""
    seconds = [fold["training_seconds"] for fold in folds]
    return "-" if None in seconds else f"{sum(seconds):.0f}"


def _number(value: float | None) -> str:
    """A metric with four decimals; a dash where it is undefined."""
    return "-" if value is None else f"{value:.4f}"
