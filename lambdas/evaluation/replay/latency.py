"""How long an endpoint took to answer."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from evaluation.documents import Document


def document(milliseconds: list[float], rows: int) -> dict[str, object]:
    """Return what is written of the requests about one object."""
    return {"rows": rows, "milliseconds": milliseconds}


def merged(documents: Iterable[Document]) -> dict[str, Any] | None:
    """Return requests, rows and percentiles, in milliseconds, of all objects; None without any."""
    milliseconds: list[float] = []
    rows = 0
    for each in documents:
        rows += each.integer("rows", at_least=0)
        milliseconds += [value.as_number() for value in each.children("milliseconds")]
    if not milliseconds:
        return None
    p50, p90, p99 = np.percentile(milliseconds, [50, 90, 99]).tolist()
    return {
        "requests": len(milliseconds),
        "rows": rows,
        "p50": p50,
        "p90": p90,
        "p99": p99,
        "max": max(milliseconds),
    }
