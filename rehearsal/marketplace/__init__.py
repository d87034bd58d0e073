"""What the rehearsal's AWS Marketplace has on offer: the algorithms of one seller.

An algorithm is a JSON file here, named by the algorithm: a CreateAlgorithm request and the
ProductId of its listing, with `{registry}` for the seller's registry. Its image stands for a local
program as every other image does.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-list.html
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SELLER = "111122223333"

_LISTED = datetime(2026, 1, 1, tzinfo=UTC)


def names() -> tuple[str, ...]:
    """The names of the algorithms."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.json")))


def algorithms(region: str) -> dict[str, dict[str, Any]]:
    """What DescribeAlgorithm answers for each algorithm in a region, by the ARNs."""
    found = {}
    for name in names():
        text = Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8")
        registry = f"{SELLER}.dkr.ecr.{region}.amazonaws.com"
        arn = f"arn:aws:sagemaker:{region}:{SELLER}:algorithm/{name}"
        found[arn] = {
            **json.loads(text.replace("{registry}", registry)),
            "AlgorithmName": name,
            "AlgorithmArn": arn,
            "AlgorithmStatus": "Completed",
            "AlgorithmStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": True,
            "CreationTime": _LISTED,
        }
    return found
