"""`python -m benchmarks`: runs every benchmark and writes benchmarks/results.json."""

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks import account_start, many_jobs, rehearsal_overhead, request_rate

_RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure, show and write."""
    rows = [
        {**asdict(claim), "ratio": claim.ratio, "holds": claim.holds}
        for claim in (
            *rehearsal_overhead.measure(),
            *request_rate.measure(),
            *account_start.measure(),
            *many_jobs.measure(),
        )
    ]
    for row in rows:
        print(
            f"{row['name']}: {row['measured']:.4f} {row['unit']} against "
            f"{row['reference']:.4f} {row['unit']}, "
            f"ratio {row['ratio']:.2f}, bar {row['bar']:.2f}: "
            f"{'holds' if row['holds'] else 'FAILS'}"
        )
    _RESULTS.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
