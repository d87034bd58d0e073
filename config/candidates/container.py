"""Candidates that train with an algorithm of the user's own, in a container."""

from typing import ClassVar

from config.candidates.shared import CandidateEntry
from config.section import Folder


class Container(CandidateEntry):
    """An algorithm of the user's own; `container` is an absolute path."""

    option: ClassVar[str] = "container"

    container: Folder
