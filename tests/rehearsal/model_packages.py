"""Model packages that are on their way to their last status."""

import time
from typing import Any


def settled(sagemaker: Any, name: str) -> dict[str, Any]:
    """The package of that name or ARN, when it is no longer Pending or InProgress."""
    while True:
        described: dict[str, Any] = sagemaker.describe_model_package(ModelPackageName=name)
        if described["ModelPackageStatus"] not in ("Pending", "InProgress"):
            return described
        time.sleep(0.02)
