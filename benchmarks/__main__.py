"""`python -m benchmarks`: runs every benchmark and writes benchmarks/results.json."""

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    account_start,
    endpoint_under_load,
    evaluation_metrics,
    evaluation_scale,
    kfold_stage,
    many_jobs,
    rehearsal_overhead,
    request_rate,
)
from benchmarks.measurement import Measurement

_RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure, show each claim as soon as it is measured, and write them all."""
    claims = []
    for benchmark in (
        evaluation_metrics,
        evaluation_scale,
        kfold_stage,
        rehearsal_overhead,
        request_rate,
        endpoint_under_load,
        account_start,
        many_jobs,
    ):
        for claim in benchmark.measure():
            print(_line(claim), flush=True)
            claims.append({**asdict(claim), "ratio": claim.ratio, "holds": claim.holds})
    _RESULTS.write_text(json.dumps(claims, indent=2) + "\n")


def _line(claim: Measurement) -> str:
    return (
        f"{claim.name}: {claim.measured:.4f} {claim.unit} against "
        f"{claim.reference:.4f} {claim.unit}, ratio {claim.ratio:.2f}, bar {claim.bar:.2f}: "
        f"{'holds' if claim.holds else 'FAILS'}"
    )


if __name__ == "__main__":
    main()
