"""What is wrong with a state machine's definition, found when it is created.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rehearsal.step_functions.permissions import SAGEMAKER

_SCHEMA, _TARGET = "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET"
_UNAVAILABLE = "is not available in the rehearsal"
_GOING_ON = ("Map", "Parallel", "Pass", "Task", "Wait")
_TYPES = (*_GOING_ON, "Choice", "Fail", "Succeed")
_SYNC, _TOKEN = ".sync", ".waitForTaskToken"
# Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
_JOBS = {
    f"create{kind}Job" for kind in ("HyperParameterTuning", "Processing", "Training", "Transform")
}
_SAGEMAKER = {
    *_JOBS,
    *(f"{job}{_SYNC}" for job in _JOBS),
    "createEndpoint",
    "createEndpointConfig",
    "createModel",
    "updateEndpoint",
}
# What MiniStack would ignore.
_IGNORED = ("HeartbeatSeconds", "HeartbeatSecondsPath")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: As in `SCHEMA_VALIDATION_FAILED`.
        message: In words.
        location: A path, as in `/States/Train/Next`.
    """

    code: str
    message: str
    location: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location or '/'}"


def problems(text: str, machine_type: str = "STANDARD") -> list[Problem]:
    """What keeps AWS, or the rehearsal, from running a definition."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        return [Problem("INVALID_JSON_DESCRIPTION", str(error), "")]
    if not isinstance(definition, dict):
        return [Problem(_SCHEMA, "The definition must be an object", "")]
    language = definition.get("QueryLanguage", "JSONPath")
    seconds = definition.get("TimeoutSeconds", 1)
    found = list(_sequence(definition, "", language, machine_type == "EXPRESS"))
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 1:
        found.append(Problem(_SCHEMA, "Must be an integer of 1 or more", "/TimeoutSeconds"))
    return found


def _sequence(holder: dict[str, Any], at: str, language: str, express: bool) -> Iterator[Problem]:
    states = holder.get("States")
    if not isinstance(states, dict) or not states:
        yield Problem(_SCHEMA, "The field 'States' must be an object with states", at)
        return
    start = holder.get("StartAt")
    if start not in states:
        yield Problem(_TARGET, f"Missing 'StartAt' target: {start}", f"{at}/StartAt")
    for name, state in states.items():
        where = f"{at}/States/{name}"
        if not isinstance(state, dict) or state.get("Type") not in _TYPES:
            kind = state.get("Type") if isinstance(state, dict) else None
            yield Problem(_SCHEMA, f"Must be a state of a known Type, not {kind!r}", where)
            continue
        yield from _transitions(state, where, states)
        yield from _fields(state, where, language, express)
        yield from _parts(state, where, language, express)


def _transitions(state: dict[str, Any], at: str, states: dict[str, Any]) -> Iterator[Problem]:
    if state["Type"] in _GOING_ON and ("Next" in state) == (state.get("End") is True):
        yield Problem(_SCHEMA, "Exactly one of the fields 'Next' and 'End' is required", at)
    targets = [("Next", state.get("Next")), ("Default", state.get("Default"))]
    for field in ("Choices", "Catch"):
        if not isinstance(state.get(field, []), list):
            yield Problem(_SCHEMA, "Must be an array", f"{at}/{field}")
            continue
        for index, rule in enumerate(state.get(field, [])):
            target = rule.get("Next") if isinstance(rule, dict) else None
            targets.append((f"{field}[{index}]/Next", target or "(none)"))
    if state["Type"] == "Choice" and not state.get("Choices"):
        yield Problem(_SCHEMA, "The field 'Choices' is required", at)
    for field, target in targets:
        if target is not None and target not in states:
            yield Problem(_TARGET, f"Missing 'Next' target: {target}", f"{at}/{field}")


def _fields(state: dict[str, Any], at: str, language: str, express: bool) -> Iterator[Problem]:
    for field in _IGNORED:
        if field in state:
            yield Problem(_SCHEMA, f"{field} {_UNAVAILABLE}", f"{at}/{field}")
    if "Assign" in state and state.get("QueryLanguage", language) != "JSONata":
        yield Problem(_SCHEMA, f"Assign in a JSONPath state {_UNAVAILABLE}", f"{at}/Assign")
    if state["Type"] != "Task":
        return
    resource = state.get("Resource")
    if not isinstance(resource, str) or not resource:
        yield Problem(_SCHEMA, "The field 'Resource' is required", at)
        return
    known = not resource.startswith(SAGEMAKER) or resource.removeprefix(SAGEMAKER) in _SAGEMAKER
    if not known:
        yield Problem(
            _SCHEMA, f"The resource provided {resource} is not recognized", f"{at}/Resource"
        )
    if express and (_SYNC in resource or resource.endswith(_TOKEN)):
        yield Problem(
            _SCHEMA, f"Express state machine does not support '{resource}'", f"{at}/Resource"
        )


def _parts(state: dict[str, Any], at: str, language: str, express: bool) -> Iterator[Problem]:
    if state["Type"] == "Parallel":
        branches = state.get("Branches")
        if not isinstance(branches, list) or not branches:
            yield Problem(_SCHEMA, "The field 'Branches' must be an array of branches", at)
            return
        for index, branch in enumerate(branches):
            where = f"{at}/Branches[{index}]"
            if isinstance(branch, dict):
                yield from _sequence(branch, where, language, express)
            else:
                yield Problem(_SCHEMA, "Must be an object", where)
    elif state["Type"] == "Map":
        field = "Iterator" if "Iterator" in state else "ItemProcessor"
        processor = state.get(field)
        where = f"{at}/{field}"
        if not isinstance(processor, dict):
            yield Problem(_SCHEMA, f"The field '{field}' is required", at)
            return
        yield from _sequence(processor, where, language, express or _is_express(processor))
        yield from _mode(state, processor, where, express)


def _is_express(processor: dict[str, Any]) -> bool:
    config = processor.get("ProcessorConfig")
    return isinstance(config, dict) and config.get("ExecutionType") == "EXPRESS"


def _mode(
    state: dict[str, Any], processor: dict[str, Any], at: str, express: bool
) -> Iterator[Problem]:
    config = processor.get("ProcessorConfig") or {}
    mode = config.get("Mode", "INLINE") if isinstance(config, dict) else config
    if mode not in ("INLINE", "DISTRIBUTED"):
        yield Problem(_SCHEMA, "Mode is INLINE or DISTRIBUTED", f"{at}/ProcessorConfig")
    elif mode == "INLINE":
        for field in ("ItemBatcher", "ItemReader", "ResultWriter"):
            if field in state:
                yield Problem(_SCHEMA, f"{field} is for Mode DISTRIBUTED only", at)
    elif config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        yield Problem(_SCHEMA, "ExecutionType is STANDARD or EXPRESS", f"{at}/ProcessorConfig")
    elif express:
        yield Problem(_SCHEMA, "Express workflows do not support Mode DISTRIBUTED", at)
