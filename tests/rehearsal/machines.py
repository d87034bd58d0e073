"""Makes and runs state machines on the rehearsal account."""

import json
import time
from dataclasses import dataclass
from typing import Any

JSONATA = {"QueryLanguage": "JSONata"}


def only(state: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    """The states of a machine that begins in `Only`."""
    return {"StartAt": "Only", "States": {"Only": state, **others}}


@dataclass(frozen=True)
class Machines:
    """Runs definitions under names of one test."""

    client: Any
    name: str
    role: str

    def create(self, definition: dict[str, Any], role: str = "") -> str:
        arn: str = self.client.create_state_machine(
            name=self.name, definition=json.dumps(definition), roleArn=role or self.role
        )["stateMachineArn"]
        return arn

    def start(self, definition: dict[str, Any], document: Any = None, role: str = "") -> str:
        arn: str = self.client.start_execution(
            stateMachineArn=self.create(definition, role),
            input=json.dumps(document or {}),
            name=self.name,
        )["executionArn"]
        return arn

    def wait(self, arn: str) -> dict[str, Any]:
        while True:
            described: dict[str, Any] = self.client.describe_execution(executionArn=arn)
            if described["status"] != "RUNNING":
                return described
            time.sleep(0.02)

    def run(
        self, definition: dict[str, Any], document: Any = None, role: str = ""
    ) -> dict[str, Any]:
        return self.wait(self.start(definition, document, role))

    def events(self, arn: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]
