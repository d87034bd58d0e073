"""Candidates that train with Apache Spark."""

from pathlib import Path
from typing import ClassVar

from config.candidates.container import ContainerEntry, ContainerSource


class Spark(ContainerEntry):
    """An algorithm in Spark, in a container that brings Spark along."""

    option: ClassVar[str] = "spark"

    spark: ContainerSource

    @property
    def source(self) -> Path | str:
        """The absolute path of the image's folder, or the image's URI."""
        return self.spark
