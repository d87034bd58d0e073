"""What the finalists' scores look like."""

from report import facts
from report.parts import Document, Section
from report.sections.binary_curves import binary
from report.sections.multiclass_curves import multiclass
from report.sections.regression_curves import regression

MOST_CURVES = 6
"""So many series can be told apart without colour."""


def curves(document: Document, drawn: bool) -> Section | str:
    """The curves of the best finalists, by the kind of problem."""
    tested = {name: found for name, found in facts.tested(document).items() if found.get("curves")}
    if not tested:
        return "Curves: no finalist was judged, so that there is nothing to draw."
    kinds = {"binary": binary, "multiclass": multiclass, "regression": regression}
    shown = dict(list(tested.items())[:MOST_CURVES])
    section = kinds[document["problem"]["type"]](shown, drawn)
    if len(tested) > len(shown):
        left = f"Of {len(tested)} finalists, the best {len(shown)} are drawn."
        return Section(section.id, section.title, [left], section.tables, section.figures)
    return section
