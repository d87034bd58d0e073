"""The quotas of AWS Step Functions that a workflow can run into.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

import json
from typing import Any

from rehearsal.step_functions.language import TerminalError

HISTORY_EVENTS = 25_000
REDRIVABLE_EVENTS = 24_999
STATE_BYTES = 256 * 1024
INLINE_ITERATIONS = 40


def check_size(document: Any, what: str) -> None:
    """Let no more than 256 KiB pass from state to state.

    Raises:
        TerminalError: `States.DataLimitExceeded`, naming `what`.
    """
    size = len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
    if size > STATE_BYTES:
        raise TerminalError(
            "States.DataLimitExceeded",
            f"The state/task '{what}' returned a result with a size exceeding the maximum number "
            f"of bytes service limit: {size} bytes of {STATE_BYTES}.",
        )


def check_history(events: list[Any]) -> None:
    """Let the last of 25,000 events be the one that ends the execution.

    Raises:
        TerminalError: When there is no room for another event before it.
    """
    if len(events) >= HISTORY_EVENTS - 1:
        raise TerminalError(
            "States.Runtime",
            f"The execution reached the maximum number of history events ({HISTORY_EVENTS}).",
        )
