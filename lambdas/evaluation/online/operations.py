"""How an endpoint's variants do as servers: their shares of errors, and how fast they answer."""

from dataclasses import dataclass
from typing import Any

from evaluation.online.sequential import Moments


@dataclass(frozen=True)
class Operations:
    """A variant's requests in a period.

    Attributes:
        requests: How many there were.
        errors: How many of them were answered with 5XX.
        p50: The median time that the model took, in milliseconds; None without an answer.
        p99: What one request in a hundred took longer than.
    """

    requests: int = 0
    errors: int = 0
    p50: float | None = None
    p99: float | None = None

    def document(self) -> dict[str, Any]:
        """Return what is written of them."""
        return {
            "requests": self.requests,
            "errors": self.errors,
            "error_share": self.errors / self.requests if self.requests else None,
            "latency_p50_ms": self.p50,
            "latency_p99_ms": self.p99,
        }

    def moments(self) -> Moments:
        """Return those of the errors, 1 of a request that failed and 0 of another.

        One of either kind is added, without which a variant that has not failed yet had no
        variance: Agresti and Caffo, https://doi.org/10.1080/00031305.2000.10474560.
        """
        if not self.requests:
            return Moments()
        n, errors = self.requests + 2, self.errors + 1
        share = errors / n
        return Moments(n, share, n * share * (1 - share))
