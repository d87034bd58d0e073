"""The preparation program: from the command line to the prepared files."""

from collections.abc import Sequence

import pandas as pd

from .cleaning import check_classes, check_rows, clean, label
from .command import Task, run
from .deriving import concatenate, extract
from .encoding import encode, learn_categories, whole_numbers
from .leaks import leaks
from .parts import count
from .placing import hashes_of, order_of
from .reading import read_source
from .splitting import split
from .summary import Summary, write_documents
from .writing import write_parts


def main(arguments: Sequence[str]) -> int:
    """Prepare `<base>/processing/input/raw` into `<base>/processing/output`; see `command.run`."""
    return run(_prepare, arguments, __doc__)


def _prepare(task: Task) -> None:
    configuration, target = task.configuration, task.configuration.target
    source = []
    for name, file in read_source(task.raw, configuration):
        task.report(f"read {name}: {len(file):,} rows")
        source.append(extract(file, name, configuration))
    table = concatenate(source)
    rows_read = len(table.features)
    table, dropped = clean(table, configuration)
    dropped = [drop for drop in dropped if drop.rows]
    for drop in dropped:
        task.report(str(drop))
    check_rows(rows_read, len(table.features), dropped)
    labels = label(table.outcome, target)
    kept = count(labels, target)
    check_classes(kept, target)
    task.report(f"kept {kept}: {target}")

    groups = None if table.groups is None else pd.factorize(table.groups)[0]
    parts = split(
        labels,
        groups,
        configuration.split,
        target=target,
        order=order_of(table),
        hashes=hashes_of(table, configuration),
    )
    holdout = count(labels[parts.holdout], target)
    task.report(f"holdout: {holdout}")
    folds = [count(labels[fold], target) for fold in parts.folds]
    for number, fold in enumerate(folds):
        task.report(f"fold {number}: {fold}")

    # The holdout stands for data to come, so its categories are not known in advance.
    seen = table.features.iloc[parts.seen]
    categories = learn_categories(seen, configuration.categorical)
    features = encode(table.features, categories, whole_numbers(table.features, configuration))
    found = leaks(features, labels, groups, parts, target)
    for leak in found:
        task.report(f"look at this: {leak.detail}")
    written = write_parts(task.output, features, labels, table.attributes, parts)
    summary = Summary(rows_read, dropped, kept, holdout, folds, categories, found)
    write_documents(task.output, configuration, summary, written, task.output_uri)
    task.report(str(written))
