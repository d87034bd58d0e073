"""The picture of the cross-validation: every fold of every candidate, and their means."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from report import facts
from report.figures.canvas import NARROW, WIDE, paint
from report.figures.svg import ACCENT, INK, RULE, SURFACE
from report.parts import Document
from report.wording import direction

# Inches, and legend columns.
_SIZES = {"wide": (WIDE, 4), "narrow": (NARROW, 2)}
_BAND_ALPHA = 0.3
_ROW_INCHES = 0.74
_LABEL_ABOVE = 0.31
_DOTS_FROM, _DOTS_TO = -0.08, 0.3


def dot_plot(document: Document) -> list[str]:
    """Draw the folds of the candidates that have a mean, best first, at each page width.

    Returns:
        One SVG element for wide pages and one for narrow ones; none if no mean is defined.
    """
    metric = document["rank_by"]
    shown = [found for found in facts.completed(document) if found["mean"].get(metric) is not None]
    if not shown:
        return []
    description = "; ".join(_describe(candidate, metric) for candidate in shown)
    return [
        _draw(shown, document, name, width, columns, f"{description}.")
        for name, (width, columns) in _SIZES.items()
    ]


def _describe(candidate: Document, metric: str) -> str:
    values = [f"{value:.4f}" for value in _values(candidate, metric)]
    return f"{candidate['name']}: mean {candidate['mean'][metric]:.4f}, folds {', '.join(values)}"


def _values(candidate: Document, metric: str) -> list[float]:
    found = [fold["metrics"].get(metric) for fold in candidate["folds"]]
    return [value for value in found if value is not None]


def _draw(
    shown: list[Document],
    document: Document,
    name: str,
    width: float,
    columns: int,
    description: str,
) -> str:
    metric = document["rank_by"]
    tested = facts.tested(document)
    legend = 0.1 + 0.22 * (4 // columns)

    def draw(axes: Axes) -> None:
        for row, candidate in enumerate(shown):
            found = tested.get(candidate["name"])
            value = found["metrics"].get(metric) if found else None
            _draw_candidate(axes, row, candidate, metric, value)
        _frame(axes, len(shown), f"{metric} ({direction(metric)})")
        assert axes.figure is not None
        axes.figure.legend(
            handles=_legend(),
            loc="upper left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=columns,
            borderaxespad=0,
            columnspacing=1.4,
            handletextpad=0.5,
        )

    return paint(
        draw,
        size=(width, _ROW_INCHES * len(shown) + legend + 0.5),
        margins=(0.036, 0.036, 0.5, legend),
        name="folds",
        title=f"{metric} of each fold, by candidate",
        description=description,
        width=name,
    )


def _draw_candidate(
    axes: Axes, row: int, candidate: Document, metric: str, tested: float | None
) -> None:
    mean, std = candidate["mean"][metric], candidate["std"][metric] or 0.0
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
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.margins(x=0.06)
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    edges = [row - 0.5 for row in range(rows)]
    axes.hlines(edges, 0, 1, RULE, lw=0.6, transform=axes.get_yaxis_transform(), clip_on=False)
    axes.spines["left"].set_visible(False)


def _legend() -> list[Line2D | Patch]:
    return [
        Line2D([], [], marker="o", ls="", ms=5, mfc=SURFACE, mec=INK, label="one fold"),
        Line2D([], [], color=ACCENT, lw=2, label="mean of the folds"),
        Patch(color=ACCENT, alpha=_BAND_ALPHA, lw=0, label="mean ± std"),
        Line2D([], [], marker="D", ls="", ms=6, color=ACCENT, label="holdout"),
    ]
