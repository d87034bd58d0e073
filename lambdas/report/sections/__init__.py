"""The parts of a report, in their order."""

from report.parts import Document, Section
from report.sections.curves import curves
from report.sections.data import data
from report.sections.holdout import holdout
from report.sections.importance import importance
from report.sections.jobs import jobs
from report.sections.leaderboard import leaderboard
from report.sections.provenance import configuration, versions
from report.sections.rehearsal import rehearsal
from report.sections.slices import slices
from report.sections.training import training

_PARTS = (
    leaderboard,
    holdout,
    curves,
    slices,
    training,
    importance,
    data,
    jobs,
)
_LAST = (versions, configuration)


def sections(document: Document, *, drawn: bool) -> list[Section]:
    """Return every section that has something to say, and one about those that have not.

    Args:
        document: As `report.document` describes it.
        drawn: Whether pictures are drawn, which needs matplotlib.
    """
    found = [part(document, drawn) for part in _PARTS]
    last = [part(document, drawn) for part in _LAST]
    absent = [each for each in (*found, *last) if isinstance(each, str)]
    return [
        *(each for each in found if isinstance(each, Section)),
        *rehearsal(document),
        *([Section("absent", "What is not here", absent)] if absent else []),
        *(each for each in last if isinstance(each, Section)),
    ]
