"""Fills the page's template, which escapes whatever it is given."""

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from cli.report import facts
from cli.wording import short_number

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def render(summary: dict[str, Any]) -> str:
    """The page for a summary, as HTML."""
    environment = jinja2.Environment(
        autoescape=True,
        keep_trailing_newline=True,
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        count=count,
        metric=metric,
        percent=percent,
        seconds=seconds,
        short_number=short_number,
        size=size,
    )
    return environment.get_template("page.html").render(
        summary,
        charts=[Markup(chart) for chart in _charts(summary)],
        direction=facts.direction(summary["rank_by"]),
        finalists=facts.finalists(summary),
        fold_metrics=facts.fold_metrics(summary),
        holdout_metrics=facts.holdout_metrics(summary),
        traffic=facts.traffic(summary),
        winner=facts.winner(summary),
    )


def metric(value: float | None, why: str = "undefined") -> str:
    """A metric with four decimals; a dash, which says why, where there is none."""
    if value is None:
        return Markup('<abbr title="{}">–</abbr>').format(why)  # noqa: RUF001
    return f"{value:.4f}"


def count(value: int) -> str:
    """A whole number with thousands separated."""
    return f"{value:,}"


def percent(share: float) -> str:
    """A share from 0 to 1, as a percentage with one decimal."""
    return f"{share:.1%}"


def seconds(value: float | None) -> str:
    """Seconds with one decimal; a dash where something has not run."""
    return "–" if value is None else f"{value:.1f}"  # noqa: RUF001


def size(value: int) -> str:
    """A number of bytes in the largest unit that leaves at least one (1 kB is 1,000 bytes)."""
    scaled = float(value)
    for unit in _UNITS:
        if scaled < 1000 or unit == _UNITS[-1]:
            break
        scaled /= 1000
    return f"{value:,} {unit}" if unit == "bytes" else f"{scaled:.1f} {unit}"


def _charts(summary: dict[str, Any]) -> list[str]:
    # Matplotlib takes a second to import, which the command line's other commands need not wait.
    from cli.report.dot_plot import dot_plot

    return dot_plot(summary)
