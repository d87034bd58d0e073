"""A confusion matrix with its numbers."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from report.figures.canvas import NARROW, paint
from report.figures.svg import ACCENT, INK, RULE
from report.wording import count

LARGEST = 10
"""With more classes the numbers would not be read; the table has them."""

_DARKEST = 0.6  # so that ink can be read on it


def confusion(
    cells: Sequence[Sequence[float]], classes: Sequence[str], *, name: str, title: str
) -> str:
    """Draw rows of true classes and columns of predicted ones, tinted by the share of the row."""
    classes_count = len(classes)
    totals = [sum(row) or 1 for row in cells]
    longest = max(len(each) for each in classes)
    left = min(1.1, 0.35 + 0.068 * longest)
    turned = classes_count > 3
    below = (min(1.0, 0.2 + 0.068 * longest) if turned else 0.25) + 0.25
    side = (NARROW - left - 0.05) / classes_count
    down = min(side, 0.75)

    def draw(sheet: Axes) -> None:
        for row, values in enumerate(cells):
            for column, value in enumerate(values):
                share = value / totals[row]
                sheet.add_patch(
                    Rectangle(
                        (column - 0.5, row - 0.5), 1, 1, color=ACCENT, lw=0, alpha=share * _DARKEST
                    )
                )
                text = count(value) if classes_count > 4 else f"{count(value)}\n{share:.1%}"
                weight = "bold" if row == column else "normal"
                size = 9 if classes_count <= 5 else 7
                sheet.text(column, row, text, ha="center", va="center", weight=weight, size=size)
        edges = [each - 0.5 for each in range(classes_count + 1)]
        sheet.hlines(edges, -0.5, classes_count - 0.5, color=RULE, lw=0.8)
        sheet.vlines(edges, -0.5, classes_count - 0.5, color=RULE, lw=0.8)
        sheet.set_xlim(-0.5, classes_count - 0.5)
        sheet.set_ylim(classes_count - 0.5, -0.5)
        sheet.grid(visible=False)
        ticks = list(range(classes_count))
        shown = [each if len(each) <= 12 else f"{each[:11]}…" for each in classes]
        sheet.set_xticks(ticks, shown, rotation=90 if turned else 0, color=INK)
        sheet.set_yticks(ticks, shown, color=INK)
        sheet.tick_params(length=0)
        sheet.set_xlabel("predicted")
        sheet.set_ylabel("true")
        for spine in sheet.spines.values():
            spine.set_visible(False)

    return paint(
        draw,
        size=(NARROW, down * classes_count + below + 0.05),
        margins=(left, 0.05, below, 0.05),
        name=name,
        title=title,
        description="; ".join(
            f"true {true}: "
            + ", ".join(
                f"{count(value)} predicted {predicted}"
                for predicted, value in zip(classes, row, strict=True)
            )
            for true, row in zip(classes, cells, strict=True)
        ),
    )
