"""The preparation program: from the command line to the prepared files."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from .cleaning import clean, label
from .configuration import Configuration, parse
from .deriving import concatenate, extract
from .encoding import encode, learn_categories
from .errors import PreparationError
from .reading import read_source
from .splitting import Indices, Labels, split
from .writing import write_json, write_manifests, write_parts

EXIT_MESSAGE_CHARACTERS = 1024


def main(arguments: Sequence[str]) -> int:
    """Prepare `<base>/processing/input/raw` into `<base>/processing/output`.

    `<base>` is `/opt/ml` unless SAGEMAKER_BASE_DIR names another folder. Returns the exit status;
    if it is 1, what was wrong is the last line of stderr and in `<base>/output/message`, which
    SageMaker Processing shows as the ExitMessage.
    """
    parser = argparse.ArgumentParser(prog="preparation", description=__doc__)
    parser.add_argument(
        "--config", required=True, type=Path, help="a JSON file: the data configuration"
    )
    parser.add_argument("--output-uri", required=True, help="where the output goes: s3://.../")
    options = parser.parse_args(arguments)
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    try:
        if not options.output_uri.startswith("s3://"):
            raise PreparationError(
                f"--output-uri: got {options.output_uri!r}; allowed: s3://bucket/prefix/"
            )
        _prepare(
            base / "processing",
            parse(options.config.read_text(encoding="utf-8")),
            options.output_uri,
        )
    except (PreparationError, OSError) as error:
        message = base / "output" / "message"
        message.parent.mkdir(parents=True, exist_ok=True)
        message.write_text(str(error)[:EXIT_MESSAGE_CHARACTERS], encoding="utf-8")
        print(error, file=sys.stderr)
        return 1
    return 0


def _prepare(processing: Path, configuration: Configuration, output_uri: str) -> None:
    started = time.monotonic()
    source = []
    for name, file in read_source(processing / "input" / "raw", configuration):
        _report(started, f"read {name}: {len(file):,} rows")
        source.append(extract(file, name, configuration))
    table = concatenate(source)
    rows_read = len(table.features)
    table, dropped = clean(table, configuration)
    for drop in dropped:
        _report(started, f"dropped {drop.rows:,} rows: {drop.reason}")
    labels = label(table.outcome, configuration.target)
    _report(started, f"kept {_rows(labels)}: {configuration.target}")

    groups = None if table.groups is None else pd.factorize(table.groups)[0]
    parts = split(labels, groups, configuration.split)
    _report(started, f"holdout: {_rows(labels[parts.holdout])}")
    for number, fold in enumerate(parts.folds):
        _report(started, f"fold {number}: {_rows(labels[fold])}")

    # The holdout stands for data to come, so its categories are not known in advance.
    seen = table.features.iloc[np.concatenate(parts.folds)]
    categories = learn_categories(seen, configuration.categorical)
    output = processing / "output"
    features = encode(table.features, categories)
    written = write_parts(output, features, labels, parts)
    write_manifests(output, written.folds, output_uri.rstrip("/") + "/")
    metadata = {
        "features": list(configuration.features),
        "categories": categories,
        "rows_read": rows_read,
        "dropped": [asdict(drop) for drop in dropped],
        "rows": len(labels),
        "positive_share": float(labels.mean()),
        "holdout_rows": len(parts.holdout),
        "folds": [_fold(number, labels, fold) for number, fold in enumerate(parts.folds)],
        "bytes_prepared": written.bytes,
    }
    write_json(output / "metadata.json", metadata)
    files = len(written.holdout) + sum(map(len, written.folds))
    _report(started, f"wrote {files} part files, {written.bytes / 1e6:.1f} MB")


def _rows(labels: Labels) -> str:
    return f"{len(labels):,} rows, {labels.mean():.1%} positive"


def _fold(number: int, labels: Labels, rows: Indices) -> dict[str, int]:
    return {"fold": number, "rows": len(rows), "positives": int(labels[rows].sum())}


def _report(started: float, line: str) -> None:
    print(f"[{time.monotonic() - started:6.1f} s] {line}", flush=True)
