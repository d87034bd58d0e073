"""How long a Retry waits before the next attempt.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import math
import random
from typing import Any


def delay(retrier: dict[str, Any], attempts: int) -> float:
    """The seconds before the next attempt, after so many attempts that this retrier has made."""
    seconds = float(retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** attempts)
    seconds = min(seconds, retrier.get("MaxDelaySeconds", math.inf))
    return random.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds
