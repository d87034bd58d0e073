"""How long an endpoint took to answer."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from evaluation.documents import Document


def document(milliseconds: list[float], rows: int, retries: int) -> dict[str, object]:
    """Return what is written of the requests about one object."""
    return {"rows": rows, "retries": retries, "milliseconds": milliseconds}


def merged(documents: Iterable[Document]) -> dict[str, Any] | None:
    """Return requests, rows, retries and percentiles, in milliseconds, of all objects.

    None without any. The milliseconds are those of the requests that were answered; `retries`
    counts those that the model failed to answer, each of which was sent again.
    """
    milliseconds: list[float] = []
    rows = retries = 0
    for each in documents:
        rows += each.integer("rows", at_least=0)
        retries += each.integer("retries", at_least=0)
        milliseconds += [value.as_number() for value in each.children("milliseconds")]
    if not milliseconds:
        return None
    p50, p90, p99 = np.percentile(milliseconds, [50, 90, 99]).tolist()
    return {
        "requests": len(milliseconds),
        "rows": rows,
        "retries": retries,
        "p50": p50,
        "p90": p90,
        "p99": p99,
        "max": max(milliseconds),
    }
