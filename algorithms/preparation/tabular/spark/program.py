"""The preparation program with Apache Spark: the driver."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby

from py4j.protocol import Py4JJavaError
from pyspark import RDD, StorageLevel
from pyspark.sql import SparkSession

from evaluation.splits.assignment import HOLDOUT

from ..cleaning import Dropped, check_classes, check_rows
from ..command import Task, run
from ..errors import CellError, PreparationError
from ..parts import Counts, check_groups, check_parts
from ..reading import check_header, source_files
from ..summary import Summary, write_documents
from ..writing import Written
from .blocks import plan
from .part_files import PartFile
from .rows import Found, Rows, read_rows
from .stages import Learned, Placing, learn, write


def main(arguments: Sequence[str]) -> int:
    """Prepare `<base>/processing/input/raw` into `<base>/processing/output`; see `command.run`."""
    return run(_prepare, arguments, __doc__)


def _prepare(task: Task) -> None:
    configuration = task.configuration
    files = source_files(task.raw)
    for name, path in files.items():
        check_header(path, name, configuration)
    blocks = plan(files)
    with _session() as spark:
        task.report(f"Spark {spark.version}, {spark.sparkContext.defaultParallelism} cores")
        read = (
            spark.sparkContext.parallelize(blocks, len(blocks))
            .mapPartitions(partial(read_rows, configuration=configuration))
            .persist(StorageLevel.MEMORY_AND_DISK)
        )
        _split_and_write(task, read)
        read.unpersist()


@contextmanager
def _session() -> Iterator[SparkSession]:
    # One that is there already is the caller's, who has other work for it.
    found = SparkSession.getActiveSession()
    spark = found or SparkSession.builder.appName("preparation").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    try:
        yield spark
    except Py4JJavaError as error:
        reason = str(error.java_exception.getMessage()).partition("\n")[0]
        raise PreparationError(f"Spark: {reason}") from error
    finally:
        if not found:
            spark.stop()


def _split_and_write(task: Task, read: "RDD[Rows | Found]") -> None:
    configuration = task.configuration
    options = configuration.split
    found = read.map(_found).collect()
    first_rows = _first_rows(task, found)
    dropped = _dropped(found)
    for drop in dropped:
        task.report(str(drop))
    rows_read = sum(each.rows_read for each in found)
    kept = sum((each.kept for each in found), Counts())
    check_rows(rows_read, kept.rows, dropped)
    check_classes(kept, configuration.target)
    task.report(f"kept {kept}: {configuration.target}")
    if options.groups:
        check_groups(len(frozenset().union(*(each.groups for each in found))), options)

    rows: RDD[Rows] = read
    placing = Placing(configuration, first_rows)
    learned = rows.map(partial(learn, placing=placing)).treeReduce(Learned.merged)
    holdout, *folds = learned.counts
    check_parts(kept, holdout, folds, configuration.target)
    task.report(f"holdout: {holdout}")
    for number, fold in enumerate(folds):
        task.report(f"fold {number}: {fold}")

    categories = {column: sorted(values) for column, values in learned.categories.items()}
    whole = frozenset.intersection(*(each.whole for each in found))
    stage = partial(write, placing=placing, categories=categories, whole=whole, folder=task.output)
    written = _written(rows.mapPartitions(stage).collect(), len(folds))
    summary = Summary(rows_read, dropped, kept, holdout, folds, categories)
    write_documents(task.output, configuration, summary, written, task.output_uri)
    task.report(str(written))


def _found(item: Rows | Found) -> Found:
    return item.found if isinstance(item, Rows) else item


def _first_rows(task: Task, found: Sequence[Found]) -> dict[int, int]:
    # Spark collects in the order of the blocks, so that the first error is that of the first row.
    first_rows: dict[int, int] = {}
    for name, of_file in groupby(found, lambda each: each.name):
        rows = 0
        for block, pieces in groupby(of_file, lambda each: each.block):
            first_rows[block] = rows
            for piece in pieces:
                if isinstance(piece.error, CellError):
                    raise piece.error.below(first_rows[block])
                if piece.error:
                    raise piece.error
                rows += piece.rows_read
        task.report(f"read {name}: {rows:,} rows")
    return first_rows


def _dropped(found: Sequence[Found]) -> list[Dropped]:
    # Every piece has the same reasons, in the same order.
    return [
        Dropped(drops[0].reason, rows)
        for drops in zip(*(each.dropped for each in found), strict=True)
        if (rows := sum(drop.rows for drop in drops))
    ]


def _written(files: Sequence[PartFile | OSError], n_splits: int) -> Written:
    for file in files:
        if isinstance(file, OSError):
            raise file
    done = [file for file in files if isinstance(file, PartFile)]
    folds = [[file.key for file in done if file.part == fold + 1] for fold in range(n_splits)]
    holdout = [file.key for file in done if file.part == HOLDOUT]
    return Written(holdout, folds, sum(file.bytes for file in done))
