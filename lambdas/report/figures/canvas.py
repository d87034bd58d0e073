"""A sheet to draw on, and how it becomes an element of the page."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from report.figures.svg import INK, MUTED, RULE, SERIES, embed

# Inches: a page shows the one that fits, so that the letters keep their size.
WIDE, NARROW = 7.2, 3.4
_MARGIN = 0.5
_SETTINGS: dict[str, Any] = {
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "lifecycle",
    "text.parse_math": False,
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.formatter.useoffset": False,
    "hatch.linewidth": 0.6,
    "legend.labelcolor": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "text.color": INK,
    "xtick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.color": RULE,
    "ytick.labelcolor": MUTED,
}


@dataclass(frozen=True)
class Look:
    """How a series is told from the others: by colour, by line and by marker.

    Each of the three is enough on its own. The colours are Okabe and Ito's, which the page's style
    adapts to its background: https://jfly.uni-koeln.de/color/
    """

    color: str
    line: Any
    marker: str


LOOKS = tuple(
    Look(color, line, marker)
    for color, line, marker in zip(
        SERIES,
        ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)), (0, (9, 3)), (0, (3, 1, 1, 1))),
        ("o", "s", "^", "D", "v", "P"),
        strict=True,
    )
)
"""One look for each series; a picture has no more series than there are looks."""


def paint(
    draw: Callable[[Axes], None],
    *,
    size: tuple[float, float],
    margins: tuple[float, float, float, float],
    name: str,
    title: str,
    description: str,
    width: str = "",
) -> str:
    """Draw on a sheet.

    Args:
        draw: Draws on the axes.
        size: Width and height in inches.
        margins: Left, right, bottom and top of the axes, in inches.
        name: Of the picture; unique on a page.
        title: What a screen reader calls it.
        description: What a screen reader says of its content.
        width: `wide` or `narrow`, for a picture that has both.

    Returns:
        An SVG element.
    """
    (across, down), (left, right, bottom, top) = size, margins
    with style.context(["default", _SETTINGS]):
        figure = Figure(figsize=size)
        figure.patch.set_visible(False)
        box = (
            left / across,
            bottom / down,
            (across - left - right) / across,
            (down - bottom - top) / down,
        )
        axes = figure.add_axes(box)
        axes.set_facecolor("none")
        for side in ("right", "top"):
            axes.spines[side].set_visible(False)
        axes.grid(color=RULE, lw=0.6)
        axes.set_axisbelow(True)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        draw(axes)
        drawing = io.StringIO()
        figure.savefig(drawing, format="svg", metadata={"Date": None})
    return embed(
        drawing.getvalue(),
        name=f"{name}-{width}" if width else name,
        classes=width or "picture",
        title=title,
        description=description,
    )


def both_widths(
    draw: Callable[[Axes], None],
    *,
    height: float,
    margins: tuple[float, float, float, float],
    name: str,
    title: str,
    description: str,
) -> list[str]:
    """Draw the same on a wide and on a narrow sheet; arguments as in `paint`."""
    return [
        paint(
            draw,
            size=(across, height),
            margins=margins,
            name=name,
            title=title,
            description=description,
            width=width,
        )
        for width, across in (("wide", WIDE), ("narrow", NARROW))
    ]


def spoken(values: Sequence[tuple[float, float]], points: int = 5) -> str:
    """A curve in words: a few of its points."""
    step = max(1, (len(values) - 1) // (points - 1))
    chosen = [*values[:-1:step], values[-1]]
    return ", ".join(f"{y:.3g} at {x:.3g}" for x, y in chosen)
