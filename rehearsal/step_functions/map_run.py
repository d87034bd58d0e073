"""The records of a Map Run and its child workflow executions.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html
"""

import json
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from rehearsal.step_functions.interpreter import frame
from rehearsal.step_functions.language import (
    AbortedError,
    Execution,
    Language,
    StateError,
    TerminalError,
)

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
    """Where executions and Map Runs are kept, by their ARNs."""

    executions: MutableMapping[str, Execution]
    map_runs: MutableMapping[str, dict[str, Any]]


class MapRun:
    """One Map Run; a redrive of its execution goes on with the same.

    Attributes:
        record: What DescribeMapRun answers, and the ARNs of the children by their index.
    """

    def __init__(
        self, language: Language, records: Records, execution: Execution, label: str, **limits: Any
    ) -> None:
        self._language = language
        self._records = records
        self._lock = threading.Lock()
        kind, machine = execution["stateMachineArn"].rsplit(":", 1)
        self._prefix = kind.removesuffix(":stateMachine")
        self._name = f"{machine.partition('/')[0]}/{label}"
        runs = frame().root.setdefault("_mapRuns", {})
        path = f"{frame().path}/{label}"
        arn = runs.setdefault(path, f"{self._prefix}:mapRun:{self._name}:{uuid4()}")
        earlier = records.map_runs.get(arn)
        self.record = earlier or self._new(arn, execution, **limits)
        if earlier:
            self._redrive()
        records.map_runs[arn] = self.record

    @property
    def arn(self) -> str:
        """Of the Map Run."""
        return str(self.record["mapRunArn"])

    def children(self) -> list[Execution]:
        """The child executions that were started, in the order of their items."""
        arns = self.record["_children"]
        return [self._records.executions[arns[index]] for index in sorted(arns, key=int)]

    @contextmanager
    def child(self, index: int, document: Any) -> Iterator[Execution]:
        """A child's record, from its start to its end."""
        record = self._child(index, document)
        self._count("pending", "running")
        try:
            yield record
        except (StateError, TerminalError) as error:
            record.update(status="FAILED", error=error.error, cause=error.cause)
            raise
        except AbortedError:
            record.update(status="ABORTED")
            raise
        else:
            record.update(status="SUCCEEDED", output=json.dumps(record["output"]))
        finally:
            record["stopDate"] = self._language.now()
            self._count("running", record["status"].lower())

    def end(self, status: str) -> None:
        """The run is SUCCEEDED, FAILED or ABORTED."""
        self.record.update(status=status, stopDate=self._language.now())

    def _new(self, arn: str, execution: Execution, **limits: Any) -> dict[str, Any]:
        counts = dict.fromkeys(_COUNTS, 0) | {"total": limits["total"], "pending": limits["total"]}
        return {
            "mapRunArn": arn,
            "executionArn": execution["executionArn"],
            "status": "RUNNING",
            "startDate": self._language.now(),
            "maxConcurrency": limits["concurrency"],
            "toleratedFailurePercentage": limits["percentage"],
            "toleratedFailureCount": limits["count"],
            "itemCounts": dict(counts),
            "executionCounts": dict(counts),
            "redriveCount": 0,
            "_stateMachineArn": f"{self._prefix}:stateMachine:{self._name}",
            "_children": {},
        }

    def _redrive(self) -> None:
        for counts in (self.record["itemCounts"], self.record["executionCounts"]):
            counts["pending"] = counts["total"] - counts["succeeded"]
            counts["failed"] = counts["aborted"] = 0
        self.record.update(
            status="RUNNING",
            redriveCount=self.record["redriveCount"] + 1,
            redriveDate=self._language.now(),
        )

    def _child(self, index: int, document: Any) -> Execution:
        children = self.record["_children"]
        if str(index) in children:
            record = self._records.executions[children[str(index)]]
            record.update(status="RUNNING", redriveCount=record.get("redriveCount", 0) + 1)
            self._language.record(record, "ExecutionRedriven")
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

    def _count(self, before: str, after: str) -> None:
        with self._lock:
            for counts in (self.record["itemCounts"], self.record["executionCounts"]):
                counts[before] -= 1
                counts[after] += 1
