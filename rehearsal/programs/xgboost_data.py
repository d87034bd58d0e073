"""The data that the built-in XGBoost algorithm reads: csv and libsvm, files and payloads.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html#InputOutput-XGBoost
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rehearsal.programs.errors import UserError
from rehearsal.programs.xgboost_library import xgb

CSV, LIBSVM = "csv", "libsvm"
FORMATS = {
    "csv": CSV,
    "text/csv": CSV,
    "libsvm": LIBSVM,
    "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
}
MAXIMUM_FOLDER_DEPTH = 3
DELIMITERS = ",;\t| "


def data_format(content_type: str) -> str:
    """`csv` or `libsvm`; `UserError` for another content type or a label_size other than 1."""
    kind, _, parameters = content_type.lower().partition(";")
    if kind.strip() not in FORMATS:
        allowed = ", ".join(FORMATS)
        raise UserError(f"{content_type} is not an accepted ContentType: {allowed}.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "label_size" and value.strip() != "1":
            raise UserError(
                f"{content_type} is not an accepted csv ContentType. "
                "Optional parameter label_size must be equal to 1"
            )
    return FORMATS[kind.strip()]


def read_channels(folders: Sequence[Path], form: str, csv_weights: bool) -> list[xgb.DMatrix]:
    """One matrix a channel, of all files below its folder, in order of their paths.

    csv has no header, the label first, then with `csv_weights` the weight; an empty cell is
    missing. Raises `UserError`, naming the file, for data that is not of that format.
    """
    files = [_data_files(folder) for folder in folders]
    if form == LIBSVM:
        return _read_libsvm(files)
    return [_read_csv(paths, csv_weights) for paths in files]


def _data_files(folder: Path) -> list[Path]:
    paths = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith((".", "_")):
            if len(path.relative_to(folder).parts) > MAXIMUM_FOLDER_DEPTH:
                raise UserError(f"Folder depth exceed the limit: {MAXIMUM_FOLDER_DEPTH}.")
            paths.append(path)
    return paths


def _read_csv(paths: list[Path], csv_weights: bool) -> xgb.DMatrix:
    import pandas as pd  # serving, which starts often, does without it

    tables = []
    for path in paths:
        with path.open(encoding="utf-8", errors="ignore") as lines:
            first = lines.readline()
        try:
            tables.append(
                pd.read_csv(path, header=None, dtype=np.float32, sep=_delimiter(first)).to_numpy()
            )
        except ValueError as error:
            raise UserError(
                f"First line '{first.strip()[:50]}...' of file '{path.name}' is not 'CSV' format. "
                f"Please ensure the file is in 'CSV' format: {error}"
            ) from error
    widths = {table.shape[1] for table in tables}
    if len(widths) > 1:
        raise UserError(f"Failed to load csv data: files of {sorted(widths)} columns")
    rows = np.concatenate(tables)
    first_feature = 2 if csv_weights else 1
    return xgb.DMatrix(
        rows[:, first_feature:],
        label=rows[:, 0],
        weight=rows[:, 1] if csv_weights else None,
    )


def _read_libsvm(files: list[list[Path]]) -> list[xgb.DMatrix]:
    from sklearn.datasets import load_svmlight_files  # takes over a second

    paths = [path for channel in files for path in channel]
    for path in paths:
        with path.open(encoding="utf-8", errors="ignore") as lines:
            first = lines.readline()
        if not all(":" in item for item in first.split()[1:]):
            raise UserError(
                f"First line '{first.strip()[:50]}...' of file '{path.name}' is not 'LIBSVM' "
                "format. Please ensure the file is in 'LIBSVM' format."
            )
    contents = [io.BytesIO(b"\n".join(path.read_bytes() for path in channel)) for channel in files]
    try:
        # Together, so that every channel gets the same number of columns.
        loaded = load_svmlight_files(contents, zero_based=True)
    except ValueError as error:
        raise UserError(f"Failed to load libsvm data with exception:\n{error}") from error
    return [
        xgb.DMatrix(features, label=labels)
        for features, labels in zip(loaded[::2], loaded[1::2], strict=True)
    ]


class FeatureSizeError(ValueError):
    """The rows are readable, but they are not rows of the model's features."""


def parse_payload(body: bytes, form: str, features: int) -> xgb.DMatrix:
    """The rows of a request, without labels, for a model of that many features.

    Raises `FeatureSizeError` for rows of another size, `ValueError` for a body that is not of the
    format.
    """
    lines = body.decode().strip("\r\n").splitlines()
    if not lines:
        raise ValueError("there is no row")
    if form == LIBSVM:
        return _parse_libsvm(lines, features)
    delimiter = _delimiter(lines[0])
    rows = [[float(cell or "nan") for cell in line.split(delimiter)] for line in lines]
    for number, row in enumerate(rows, 1):
        if len(row) != features:
            raise FeatureSizeError(
                f"Feature size of csv inference data {len(row)} is not consistent with feature "
                f"size of trained model {features} (row {number})."
            )
    return xgb.DMatrix(np.array(rows))


def _parse_libsvm(lines: list[str], features: int) -> xgb.DMatrix:
    from sklearn.datasets import load_svmlight_file  # takes over a second

    # A row of a request may have no label, which the reader needs.
    labelled = [line if ":" not in line.split(" ")[0] else f"0 {line}" for line in lines]
    rows, _ = load_svmlight_file(io.BytesIO("\n".join(labelled).encode()), zero_based=True)
    if rows.shape[1] > features:
        raise FeatureSizeError(
            f"Feature size of libsvm inference data {rows.shape[1]} is larger than feature size "
            f"of trained model {features}."
        )
    rows.resize(len(lines), features)
    return xgb.DMatrix(rows)


def _delimiter(line: str) -> str:
    return next((delimiter for delimiter in DELIMITERS if delimiter in line), ",")
