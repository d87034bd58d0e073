"""The records of a Map Run and its child workflow executions.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html
"""

import json
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from rehearsal.step_functions.interpreter import enter, frame
from rehearsal.step_functions.language import (
    AbortedError,
    Execution,
    Language,
    StateError,
    TerminalError,
)
from rehearsal.step_functions.scope import Scope

_COUNTS = (
    "pending",
    "running",
    "succeeded",
    "failed",
    "timedOut",
    "aborted",
    "total",
    "resultsWritten",
    "failuresNotRedrivable",
    "pendingRedrive",
)


@dataclass(frozen=True)
class Records:
    """Where executions and Map Runs are kept, by their ARNs.

    Attributes:
        executions: All records, of the children too.
        map_runs: What DescribeMapRun answers.
        scopes: Of the children that run, so that each can be stopped.
    """

    executions: MutableMapping[str, Execution]
    map_runs: MutableMapping[str, dict[str, Any]]
    scopes: dict[str, Scope] = field(default_factory=dict)


class MapRun:
    """One Map Run; a redrive of its execution goes on with the same.

    Attributes:
        record: What DescribeMapRun answers, and the ARNs of the children by their index.
        redriven: Whether it goes on after a redrive.
    """

    def __init__(
        self,
        language: Language,
        records: Records,
        execution: Execution,
        state: str,
        label: str,
        items: list[int],
        **limits: Any,
    ) -> None:
        """Begin the run of a state; `items` has the number of items of each child."""
        self._language = language
        self._records = records
        self._items = items
        self._lock = threading.Lock()
        kind, machine = execution["stateMachineArn"].split(":stateMachine:", 1)
        self._prefix = kind
        self._name = f"{machine.partition('/')[0]}/{label}"
        here = frame()
        new = f"{self._prefix}:mapRun:{self._name}:{uuid4()}"
        arn = here.progress.map_run(here.inside(state), new)
        earlier = records.map_runs.get(arn)
        self.redriven = earlier is not None
        self.record = earlier or self._new(arn, execution, **limits)
        if earlier:
            self._redrive()
        records.map_runs[arn] = self.record

    @property
    def arn(self) -> str:
        """Of the Map Run."""
        return str(self.record["mapRunArn"])

    @property
    def machine(self) -> str:
        """The name that the children's context object gives their state machine."""
        return self._name

    def children(self) -> list[Execution]:
        """The child executions that were started, in the order of their items."""
        arns = self.record["_children"]
        return [self._records.executions[arns[index]] for index in sorted(arns, key=int)]

    @contextmanager
    def child(self, index: int, document: Any) -> Iterator[Execution]:
        """A child's record, from its start to its end; its `output` is what the block puts there.

        Raises:
            StateError: If the child alone was stopped.
        """
        record = self._child(index, document)
        arn = record["executionArn"]
        self._count(index, "pending", "running")
        here = frame()
        try:
            with here.scope.inner() as scope:
                self._records.scopes[arn] = scope
                enter(replace(here, scope=scope))
                yield record
                scope.check()
        except (StateError, TerminalError) as error:
            self._language.fail(record, error.error, error.cause)
            raise
        except AbortedError as error:
            self._language.abort(arn, "", "")
            here.scope.check()
            raise StateError("States.TaskFailed", f"{arn} was stopped.") from error
        else:
            self._language.succeed(record, record["output"])
        finally:
            enter(here)
            self._records.scopes.pop(arn, None)
            self._count(index, "running", record["status"].lower())

    def written(self) -> None:
        """The results of the children that succeeded are in S3."""
        for counts in (self.record["itemCounts"], self.record["executionCounts"]):
            counts["resultsWritten"] = counts["succeeded"]

    def end(self, status: str) -> None:
        """The run is SUCCEEDED, FAILED or ABORTED."""
        self.record.update(status=status, stopDate=self._language.now())

    def _new(self, arn: str, execution: Execution, **limits: Any) -> dict[str, Any]:
        def counts(total: int) -> dict[str, int]:
            return dict.fromkeys(_COUNTS, 0) | {"total": total, "pending": total}

        return {
            "mapRunArn": arn,
            "executionArn": execution["executionArn"],
            "status": "RUNNING",
            "startDate": self._language.now(),
            **limits,
            "itemCounts": counts(sum(self._items)),
            "executionCounts": counts(len(self._items)),
            "redriveCount": 0,
            "_stateMachineArn": f"{self._prefix}:stateMachine:{self._name}",
            "_children": {},
        }

    def _redrive(self) -> None:
        for counts in (self.record["itemCounts"], self.record["executionCounts"]):
            counts["pending"] = counts["total"] - counts["succeeded"]
            counts["failed"] = counts["aborted"] = 0
        self.record.pop("stopDate", None)
        self.record.update(
            status="RUNNING",
            redriveCount=self.record["redriveCount"] + 1,
            redriveDate=self._language.now(),
        )

    def _child(self, index: int, document: Any) -> Execution:
        children = self.record["_children"]
        if str(index) in children:
            record = self._records.executions[children[str(index)]]
            redrives = record.get("redriveCount", 0) + 1
            for key in ("error", "cause"):
                record.pop(key, None)
            record.update(status="RUNNING", stopDate=None, output=None, redriveCount=redrives)
            record["redriveDate"] = self._language.now()
            self._language.record(record, "ExecutionRedriven", redriveCount=redrives)
            return record
        name = str(uuid4())
        arn = f"{self._prefix}:execution:{self._name}:{name}"
        record = {
            "executionArn": arn,
            "stateMachineArn": self.record["_stateMachineArn"],
            "name": name,
            "status": "RUNNING",
            "startDate": self._language.now(),
            "stopDate": None,
            "input": json.dumps(document),
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": {"included": True},
            "mapRunArn": self.arn,
            "events": [],
        }
        self._records.executions[arn] = record
        children[str(index)] = arn
        self._language.record(record, "ExecutionStarted", input=document)
        return record

    def _count(self, index: int, before: str, after: str) -> None:
        with self._lock:
            for counts, number in (
                (self.record["itemCounts"], self._items[index]),
                (self.record["executionCounts"], 1),
            ):
                counts[before] -= number
                counts[after] += number
