"""Spark in a test's own process, where the extra is installed."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None or shutil.which("java") is None,
    reason="needs requirements-spark.txt and Java 17",
)


@contextmanager
def local_spark() -> Iterator[None]:
    """A session that programs in this process find: two cores, no ports but loopback's."""
    options = "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false pyspark-shell"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", options)
        monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
        monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'lambdas'}")
        from pyspark.sql import SparkSession

        session = SparkSession.builder.getOrCreate()
        yield
        session.stop()
