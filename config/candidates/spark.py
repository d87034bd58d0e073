"""Candidates that train with Apache Spark."""

from typing import ClassVar

from config.candidates.shared import CandidateEntry
from config.section import Folder


class Spark(CandidateEntry):
    """An algorithm in Spark, in a container of its own; `spark` is an absolute path."""

    option: ClassVar[str] = "spark"

    spark: Folder
