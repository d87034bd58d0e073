"""The report of a run: fetched from the results bucket, shown, and completed by a rehearsal."""

import webbrowser
from pathlib import Path
from typing import Any, Literal

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.s3 import objects, read, read_json

Format = Literal["html", "text", "markdown"]
_NAME = "/report.json"


def reported_run(deployment: Deployment, run: str | None) -> str:
    """The name of a run that has a report: the one asked for, or the newest.

    Raises:
        CommandError: If there is none; says which there are, or what to start.
    """
    prefix = f"s3://{deployment.output('ResultsBucketName')}/evaluations/"
    runs = [
        uri.removeprefix(prefix).partition("/")[0]
        for uri, _ in objects(prefix)
        if uri.endswith(_NAME)
    ]
    if not runs:
        raise CommandError(f"There is no report under {prefix}. Start a `lifecycle run`.")
    if run is not None and run not in runs:
        raise CommandError(f"Run {run!r} has no report; these have: {', '.join(sorted(runs))}.")
    return run or max(runs)


def show(deployment: Deployment, run: str | None, format_: Format, folder: Path) -> str:
    """Return the report as text, or save its page, open it in a browser and return its path.

    Args:
        deployment: Whose results bucket has it.
        run: The run's name; None for the newest that has a report.
        format_: What is wanted.
        folder: Where the page is saved.

    Raises:
        CommandError: If there is no such report.
    """
    name = reported_run(deployment, run)
    stored = f"s3://{deployment.output('ResultsBucketName')}/evaluations/{name}"
    if format_ == "html":
        path = folder / f"report-{name}.html"
        content = read(f"{stored}/report.html")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        webbrowser.open(path.resolve().as_uri())
        return str(path)
    from report import plain

    document = read_json(f"{stored}{_NAME}")
    return plain.text(document) if format_ == "text" else plain.markdown(document)


def write_rehearsal(deployment: Deployment, summary: dict[str, Any], run: str, path: Path) -> None:
    """Write the page of a rehearsal: the run's own, and what only a rehearsal knows.

    Args:
        deployment: Whose results bucket has the run's document.
        summary: As `cli.summary.summarize` gives it.
        run: The run's name.
        path: Of the page; replaced if it is there.
    """
    # Matplotlib takes a second to import, which the command line's other commands need not wait.
    from report.page import render

    stored = f"s3://{deployment.output('ResultsBucketName')}/evaluations/{run}{_NAME}"
    path.write_text(render(completed(read_json(stored), summary)), encoding="utf-8", newline="\n")


def completed(document: dict[str, Any], summary: dict[str, Any]) -> dict[str, Any]:
    """A run's document with the traffic, the batch and the stages of its rehearsal."""
    keys = ("execution", "endpoint", "batch", "stages")
    return {
        **document,
        "bytes_stored": summary["data"]["bytes_stored"],
        "rehearsal": {key: summary[key] for key in keys},
    }
