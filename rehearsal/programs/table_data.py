"""A training channel of the built-in algorithms that read rows of numbers: CSV and RecordIO.

Neither takes missing values: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html and
the errors of Amazon's algorithm toolkit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rehearsal.programs import layout, records
from rehearsal.programs.arrays import CSV, media_type
from rehearsal.programs.errors import UserError

CONTENT_TYPES = (CSV, records.CONTENT_TYPE)


@dataclass(frozen=True)
class Table:
    """Rows of one channel: features, and a label each, as float32."""

    features: np.ndarray
    labels: np.ndarray


def read_channels(
    base: Path, known: Sequence[str], hyperparameters: Mapping[str, Any]
) -> dict[str, Table]:
    """The channels of a training job, those that are known, in their order.

    Raises:
        UserError: For an unknown channel, no `train`, or what `read_channel` refuses.
    """
    configuration = layout.read_config("inputdataconfig")
    for channel in configuration:
        if channel not in known:
            raise UserError(
                f"Unable to initialize the algorithm. Failed to validate input data "
                f"configuration: {channel!r} was unexpected; allowed: {', '.join(known)}"
            )
    if "train" not in configuration:
        raise UserError("Missing required channel: train")
    given = hyperparameters.get("feature_dim", "auto")
    feature_dim = None if given == "auto" else given
    tables: dict[str, Table] = {}
    for channel in (channel for channel in known if channel in configuration):
        content_type = configuration[channel].get("ContentType") or records.CONTENT_TYPE
        folder = base / "input" / "data" / channel
        tables[channel] = read_channel(folder, channel, content_type, feature_dim)
        feature_dim = tables["train"].features.shape[1]
    return tables


def read_channel(folder: Path, channel: str, content_type: str, feature_dim: int | None) -> Table:
    """All files below a folder, in order of their paths; CSV has the label first, no header.

    Raises:
        UserError: For another content type, no data, data that is not of its type, a missing or
            infinite number, or rows that do not have `feature_dim` features.
    """
    kind = media_type(content_type)
    if kind not in CONTENT_TYPES:
        raise UserError(
            f"No iterator has been registered for ContentType {content_type!r} of channel "
            f"{channel!r}; there are {', '.join(CONTENT_TYPES)}"
        )
    if kind == CSV and label_size(content_type, 1) != 1:
        raise UserError(f"Channel {channel!r}: label_size must be 1; got {content_type!r}")
    tables = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size:
            try:
                tables.append(_csv(path) if kind == CSV else _records(path))
            except ValueError as error:
                raise UserError(
                    f"Unable to read data channel {channel!r}. Requested content-type is "
                    f"{content_type!r}. Please verify the data matches the requested "
                    f"content-type. (file {path.name}: {error})"
                ) from error
    if not tables:
        raise UserError(f"Unable to read data channel {channel!r}. There is no data in it.")
    widths = sorted({table.shape[1] - 1 for table in tables})
    if len(widths) > 1 or (feature_dim and widths != [feature_dim]):
        expected = feature_dim or "the same number of"
        raise UserError(f"Channel {channel!r}: rows have {widths} features, not {expected}")
    table = np.concatenate(tables)
    _check_finite(table, channel)
    return Table(table[:, 1:], table[:, 0])


def label_size(content_type: str, default: int) -> int:
    """The `label_size` of a content type; `UserError` if it is no number."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "label_size":
            if not value.strip().isdigit():
                raise UserError(f"label_size is not a number in {content_type!r}")
            return int(value)
    return default


def _csv(path: Path) -> np.ndarray:
    import pandas as pd  # serving, which starts often, does without it

    table = pd.read_csv(path, header=None, dtype=np.float32)
    if table.shape[1] < 2:
        raise ValueError("a row has a label and at least one feature")
    return table.to_numpy()


def _records(path: Path) -> np.ndarray:
    features, labels = records.read_table(path.read_bytes())
    return np.column_stack([labels, features])


def _check_finite(table: np.ndarray, channel: str) -> None:
    for found, what in (
        (np.isnan(table).any(), "missing (NaN) values"),
        (np.isinf(table).any(), "infinite floating point values"),
    ):
        if found:
            raise UserError(
                f"Unable to read data channel {channel!r}. Found {what}. Please remove any {what} "
                "in the input data."
            )
