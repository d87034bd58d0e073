"""The Distributed Map state: a Map Run whose items are child workflow executions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

import threading
from typing import Any

from rehearsal.step_functions import items, result_writer
from rehearsal.step_functions.interpreter import run_states
from rehearsal.step_functions.language import (
    AbortedError,
    Context,
    Execution,
    Language,
    State,
    StateError,
    TerminalError,
)
from rehearsal.step_functions.map_run import MapRun, Records
from rehearsal.step_functions.parts import FAILED, run_parts
from rehearsal.step_functions.states import Result, item_context, number

# AWS runs up to 10,000 at a time; so many threads would help nobody on one machine.
_CHILDREN = 256


def run_distributed_map(
    language: Language,
    records: Records,
    state: State,
    document: Any,
    execution: Execution,
    context: Context,
) -> Result:
    """One child execution an item or batch; too many failures end the others.

    Raises:
        StateError: `States.ExceedToleratedFailureThreshold` when more children failed than the
            state tolerates, `States.ItemReaderFailed` or `States.ResultWriterFailed`.
    """
    name = context["State"]["Name"]
    inputs = items.inputs(language, state, document, context)
    count = number(language, state, "ToleratedFailureCount", document, context)
    percentage = number(language, state, "ToleratedFailurePercentage", document, context)
    wanted = int(number(language, state, "MaxConcurrency", document, context) or 0)
    run = MapRun(
        language,
        records,
        execution,
        state.get("Label") or name,
        total=len(inputs),
        concurrency=wanted,
        count=int(count or 0),
        percentage=float(percentage or 0),
    )
    language.record(execution, "MapRunStarted", mapRunArn=run.arn)
    failures = _Failures(len(inputs), count, percentage)
    processor = state["ItemProcessor"]

    def child(index: int) -> Any:
        inner = item_context(context, index, inputs[index])
        try:
            with run.child(index, inputs[index]) as record:
                record["output"] = run_states(
                    language,
                    processor["States"],
                    processor["StartAt"],
                    inputs[index],
                    record,
                    inner,
                )
        except (StateError, TerminalError):
            failures.add()
            return FAILED
        return record["executionArn"]

    try:
        run_parts(name, len(inputs), min(wanted or _CHILDREN, _CHILDREN), child)
        result = result_writer.write(language, state, document, context, run)
    except (StateError, TerminalError, AbortedError) as error:
        run.end("ABORTED" if isinstance(error, AbortedError) else "FAILED")
        language.record(execution, "MapRunFailed", mapRunArn=run.arn)
        raise
    run.end("SUCCEEDED")
    language.record(execution, "MapRunSucceeded", mapRunArn=run.arn)
    return language.finish(state, document, result, context)


class _Failures:
    def __init__(self, total: int, count: float | None, percentage: float | None) -> None:
        self._total, self._count, self._percentage = total, count, percentage
        self._failed = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self._failed += 1
            failed = self._failed
        limits = [
            failed > self._count if self._count is not None else None,
            failed * 100 > self._percentage * self._total if self._percentage is not None else None,
        ]
        given = [limit for limit in limits if limit is not None]
        if any(given) or not given:
            raise StateError(
                "States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
            )
