"""The numbers of a document as tidy tables: a row an observation, a column a variable."""

from collections.abc import Iterator, Mapping
from typing import Any

from report.parts import Document

Rows = list[dict[str, Any]]


def tidy(document: Document) -> dict[str, Rows]:
    """Return the rows of `candidates`, `folds`, `holdout`, `slices` and `curves`, by name.

    Each value of a metric is a row of its own; `value` is null where the metric is undefined.
    """
    return {
        "candidates": list(_candidates(document)),
        "folds": list(_folds(document)),
        "holdout": list(_holdout(document)),
        "slices": list(_slices(document)),
        "curves": list(_curves(document)),
    }


def parquet(rows: Rows, name: str) -> bytes:
    """Return a table as a Parquet file; one without rows has its columns all the same."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"text": pa.string(), "number": pa.float64(), "count": pa.int64(), "flag": pa.bool_()}
    schema = pa.schema([(key, kinds[kind]) for key, kind in COLUMNS[name].items()])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema), sink, compression="zstd")
    found: bytes = sink.getvalue().to_pybytes()
    return found


COLUMNS: Mapping[str, Mapping[str, str]] = {
    "candidates": {
        "candidate": "text",
        "option": "text",
        "status": "text",
        "rank": "count",
        "metric": "text",
        "mean": "number",
        "std": "number",
    },
    "folds": {
        "candidate": "text",
        "fold": "count",
        "training_job": "text",
        "training_seconds": "number",
        "rows": "count",
        "metric": "text",
        "value": "number",
    },
    "holdout": {
        "candidate": "text",
        "rows": "count",
        "metric": "text",
        "value": "number",
        "low": "number",
        "high": "number",
        "level": "number",
        "method": "text",
        "passed": "flag",
    },
    "slices": {
        "candidate": "text",
        "column": "text",
        "slice": "text",
        "rows": "count",
        "positives": "count",
        "metric": "text",
        "value": "number",
        "low": "number",
        "high": "number",
    },
    "curves": {"candidate": "text", "curve": "text", "x": "number", "y": "number"},
}
"""The columns of each table, and what they hold."""


def _candidates(document: Document) -> Iterator[dict[str, Any]]:
    for found in document["candidates"]:
        row = {
            "candidate": found["name"],
            "option": found["option"],
            "status": found["status"],
            "rank": found["rank"],
        }
        if not found["mean"]:
            yield {**row, "metric": None, "mean": None, "std": None}
        for metric, mean in found["mean"].items():
            yield {**row, "metric": metric, "mean": mean, "std": found["std"][metric]}


def _folds(document: Document) -> Iterator[dict[str, Any]]:
    for found in document["candidates"]:
        for fold in found["folds"]:
            row = {key: fold[key] for key in ("fold", "training_job", "training_seconds", "rows")}
            for metric, value in fold["metrics"].items():
                yield {"candidate": found["name"], **row, "metric": metric, "value": value}


def _holdout(document: Document) -> Iterator[dict[str, Any]]:
    for found in document["holdout"]:
        for metric, value in found["metrics"].items():
            ends = found["intervals"].get(metric) or {}
            yield {
                "candidate": found["candidate"],
                "rows": found["rows"],
                "metric": metric,
                "value": value,
                **{key: ends.get(key) for key in ("low", "high", "level", "method")},
                "passed": found["passed"],
            }


def _slices(document: Document) -> Iterator[dict[str, Any]]:
    for found in document["holdout"]:
        for each in found["slices"]:
            for metric, value in each["metrics"].items():
                ends = each["intervals"].get(metric) or {}
                yield {
                    "candidate": found["candidate"],
                    "column": each["column"],
                    "slice": each["value"],
                    "rows": each["rows"],
                    "positives": each["positives"],
                    "metric": metric,
                    "value": value,
                    "low": ends.get("low"),
                    "high": ends.get("high"),
                }


def _curves(document: Document) -> Iterator[dict[str, Any]]:
    for found in document["holdout"]:
        drawn = found["curves"]
        points = {key: drawn.get(key, []) for key in ("roc", "precision_recall", "lift")}
        points["calibration"] = [
            [each["mean_score"], each["positive_share"]] for each in drawn.get("calibration", [])
        ]
        points["predicted"] = [
            [each["score_mean"], each["label_mean"]] for each in drawn.get("predicted", [])
        ]
        for curve, values in points.items():
            for x, y in values:
                yield {"candidate": found["candidate"], "curve": curve, "x": x, "y": y}
