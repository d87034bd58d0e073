"""The picture of the cross-validation: every fold of every candidate, and their means."""

import io
from typing import Any

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from cli.report.facts import direction, finalists
from cli.report.svg import ACCENT, INK, MUTED, RULE, SURFACE, embed

# Inches, and legend columns. A page shows the one that fits, so that the letters keep their size.
_SIZES = {"wide": (7.2, 4), "narrow": (3.4, 2)}
_SETTINGS: dict[str, Any] = {
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "lifecycle",
    "text.parse_math": False,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "legend.labelcolor": INK,
    "text.color": INK,
    "xtick.color": RULE,
    "xtick.labelcolor": MUTED,
}
_BAND_ALPHA = 0.3
_ROW_INCHES = 0.74
_LABEL_ABOVE = 0.31
_DOTS_FROM, _DOTS_TO = -0.08, 0.3


def dot_plot(summary: dict[str, Any]) -> list[str]:
    """Draw the folds of the candidates that have a mean, best first, at each page width.

    Args:
        summary: As `cli.summary.summarize` gives it.

    Returns:
        One SVG element for wide pages and one for narrow ones; none if no mean is defined.
    """
    shown = [found for found in summary["candidates"] if found.get("mean") is not None]
    if not shown:
        return []
    metric = summary["rank_by"]
    description = "; ".join(_describe(candidate, metric) for candidate in shown)
    return [
        embed(
            _draw(shown, summary, width, columns),
            name=name,
            title=f"{metric} of each fold, by candidate",
            description=f"{description}.",
        )
        for name, (width, columns) in _SIZES.items()
    ]


def _describe(candidate: dict[str, Any], metric: str) -> str:
    values = [f"{value:.4f}" for value in _values(candidate, metric)]
    return f"{candidate['name']}: mean {candidate['mean']:.4f}, folds {', '.join(values)}"


def _values(candidate: dict[str, Any], metric: str) -> list[float]:
    return [fold[metric] for fold in candidate["folds"] if fold.get(metric) is not None]


def _draw(shown: list[dict[str, Any]], summary: dict[str, Any], width: float, columns: int) -> str:
    metric = summary["rank_by"]
    holdout = finalists(summary)
    margin = 0.6 + 0.22 * (4 // columns)
    height = _ROW_INCHES * len(shown) + margin
    with style.context(["default", _SETTINGS]):
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0.005, 0.5 / height, 0.99, _ROW_INCHES * len(shown) / height))
        for row, candidate in enumerate(shown):
            tested = holdout.get(candidate["name"], {}).get(metric)
            _draw_candidate(axes, row, candidate, metric, tested)
        _frame(axes, len(shown), f"{metric} ({direction(metric)})")
        figure.legend(
            handles=_legend(),
            loc="upper left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=columns,
            frameon=False,
            borderaxespad=0,
            columnspacing=1.4,
            handletextpad=0.5,
        )
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg", metadata={"Date": None})
    return drawing.getvalue()


def _draw_candidate(
    axes: Axes, row: int, candidate: dict[str, Any], metric: str, tested: float | None
) -> None:
    mean, std = candidate["mean"], candidate["std"] or 0.0
    values = _values(candidate, metric)
    step = (_DOTS_TO - _DOTS_FROM) / max(len(values) - 1, 1)
    heights = [row + _DOTS_FROM + step * position for position in range(len(values))]
    top, bottom = row + _DOTS_FROM - 0.06, row + _DOTS_TO + 0.06
    axes.fill_betweenx([top, bottom], mean - std, mean + std, color=ACCENT, alpha=_BAND_ALPHA, lw=0)
    axes.plot([mean, mean], [top, bottom], color=ACCENT, lw=2, solid_capstyle="butt")
    axes.plot(values, heights, "o", ms=5, mfc=SURFACE, mec=INK, mew=1.1)
    if tested is not None:
        axes.plot([tested], [row + (_DOTS_FROM + _DOTS_TO) / 2], "D", ms=6, color=ACCENT)
    label: dict[str, Any] = {
        "y": row - _LABEL_ABOVE,
        "transform": axes.get_yaxis_transform(),
        "va": "center",
        "bbox": {"facecolor": SURFACE, "edgecolor": "none", "pad": 1},
    }
    axes.text(x=0, s=candidate["name"], weight="bold", **label)
    axes.text(x=1, s=f"{mean:.4f} ± {std:.4f}", ha="right", **label)


def _frame(axes: Axes, rows: int, label: str) -> None:
    axes.set_facecolor("none")
    axes.figure.patch.set_visible(False)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.margins(x=0.06)
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    edges = [row - 0.5 for row in range(rows)]
    axes.hlines(edges, 0, 1, RULE, lw=0.6, transform=axes.get_yaxis_transform(), clip_on=False)
    axes.grid(axis="x", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def _legend() -> list[Line2D | Patch]:
    return [
        Line2D([], [], marker="o", ls="", ms=5, mfc=SURFACE, mec=INK, label="one fold"),
        Line2D([], [], color=ACCENT, lw=2, label="mean of the folds"),
        Patch(color=ACCENT, alpha=_BAND_ALPHA, lw=0, label="mean ± std"),
        Line2D([], [], marker="D", ls="", ms=6, color=ACCENT, label="holdout"),
    ]
