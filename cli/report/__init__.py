"""The rehearsal's report: one HTML page that needs no network and no JavaScript."""

from pathlib import Path
from typing import Any

from cli.report.page import render

__all__ = ["write_report"]


def write_report(summary: dict[str, Any], path: Path) -> None:
    """Write a summary as an HTML page; equal summaries give equal bytes.

    Args:
        summary: As `cli.summary.summarize` gives it.
        path: Of the page; replaced if it is there.
    """
    path.write_text(render(summary), encoding="utf-8", errors="replace", newline="\n")
