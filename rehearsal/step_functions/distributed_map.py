"""The Distributed Map state: a Map Run whose items are child workflow executions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

import re
import threading
from typing import Any

from rehearsal.step_functions import items, result_writer
from rehearsal.step_functions.interpreter import context_of, frame, run_states
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
from rehearsal.step_functions.states import Result, number

# AWS runs up to 10,000 at a time; so many threads would help nobody on one machine.
_CHILDREN = 256
_LABEL_LENGTH = 40
_NO_LABEL = re.compile(r"[^a-zA-Z0-9_-]")


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
    percentage = number(language, state, "ToleratedFailurePercentage", document, context, most=100)
    wanted = int(number(language, state, "MaxConcurrency", document, context) or 0)
    batched = "ItemBatcher" in state
    run = MapRun(
        language,
        records,
        execution,
        state=name,
        label=state.get("Label") or _NO_LABEL.sub("", name)[:_LABEL_LENGTH],
        items=[len(each["Items"]) if batched else 1 for each in inputs],
        maxConcurrency=wanted,
        toleratedFailureCount=int(count or 0),
        toleratedFailurePercentage=float(percentage or 0),
    )
    if run.redriven:
        redrives = run.record["redriveCount"]
        language.record(execution, "MapRunRedriven", mapRunArn=run.arn, redriveCount=redrives)
    else:
        language.record(execution, "MapRunStarted", mapRunArn=run.arn)
    failures = _Failures(len(inputs), count, percentage)
    processor = state["ItemProcessor"]

    def child(index: int) -> Any:
        try:
            with run.child(index, inputs[index]) as record:
                # A child knows nothing of its parent: not its name, and not its variables.
                inner = context_of(
                    record, run.machine, frame().root["_roleArn"], context["QueryLanguage"]
                )
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
        aborted = isinstance(error, AbortedError)
        run.end("ABORTED" if aborted else "FAILED")
        language.record(
            execution, "MapRunAborted" if aborted else "MapRunFailed", **_told(run, error)
        )
        raise
    run.end("SUCCEEDED")
    language.record(execution, "MapRunSucceeded", mapRunArn=run.arn)
    return language.finish(state, document, result, context)


def _told(run: MapRun, error: Exception) -> dict[str, Any]:
    if isinstance(error, (StateError, TerminalError)):
        return {"error": error.error, "cause": error.cause}
    return {"mapRunArn": run.arn}


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
