"""The Parallel state and the inline Map state.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html and
https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
"""

import copy
import math
from typing import Any

from rehearsal.step_functions.interpreter import run_states
from rehearsal.step_functions.language import Context, Execution, Language, State, StateError
from rehearsal.step_functions.limits import INLINE_ITERATIONS
from rehearsal.step_functions.parts import run_parts

Result = tuple[Any, str | None]


def run_parallel(
    language: Language, state: State, document: Any, execution: Execution, context: Context
) -> Result:
    """Every branch with the same input; the first that fails ends the others."""
    name = context["State"]["Name"]
    effective = language.effective_input(state, document, context)
    chosen = state.get("Arguments") if language.is_jsonata(state, context) else None
    chosen = chosen or state.get("Parameters")
    given = language.template(chosen, state, effective, context) if chosen else effective
    branches = state["Branches"]
    language.record(execution, "ParallelStateStarted")

    def run(index: int) -> Any:
        branch = branches[index]
        inner = copy.deepcopy(context)
        return run_states(
            language, branch["States"], branch["StartAt"], copy.deepcopy(given), execution, inner
        )

    results = run_parts(name, len(branches), len(branches), run)
    language.record(execution, "ParallelStateSucceeded")
    return language.finish(state, document, results, context)


def run_map(
    language: Language, state: State, document: Any, execution: Execution, context: Context
) -> Result:
    """One iteration an item, at most 40 at a time; the first that fails ends the others."""
    name = context["State"]["Name"]
    effective = language.effective_input(state, document, context)
    items = items_of(language, state, document, context)
    processor = state.get("ItemProcessor") or state["Iterator"]
    language.record(execution, "MapStateStarted", length=len(items))

    def run(index: int) -> Any:
        details = {"name": name, "index": index}
        language.record(execution, "MapIterationStarted", **details)
        inner = item_context(context, index, items[index])
        given = item_input(language, state, effective, items[index], inner)
        try:
            output = run_states(
                language, processor["States"], processor["StartAt"], given, execution, inner
            )
        except StateError:
            language.record(execution, "MapIterationFailed", **details)
            raise
        language.record(execution, "MapIterationSucceeded", **details)
        return output

    wanted = number(language, state, "MaxConcurrency", document, context) or INLINE_ITERATIONS
    results = run_parts(name, len(items), min(int(wanted), INLINE_ITERATIONS), run)
    language.record(execution, "MapStateSucceeded")
    return language.finish(state, document, results, context)


def items_of(language: Language, state: State, document: Any, context: Context) -> list[Any]:
    """The array that a Map iterates over: JSONata `Items`, or JSONPath `ItemsPath`.

    Raises:
        StateError: If it is no array.
    """
    if language.is_jsonata(state, context):
        items = language.template(state.get("Items", document), state, document, context)
    else:
        effective = language.effective_input(state, document, context)
        items = language.path(state.get("ItemsPath", "$"), effective, context)
    if not isinstance(items, list):
        raise StateError(
            "States.Runtime",
            f"The items of the Map state '{context['State']['Name']}' must be an array, "
            f"but are {type(items).__name__}.",
        )
    return items


def item_context(context: Context, index: int, item: Any) -> Context:
    """The context object of one iteration."""
    return {**copy.deepcopy(context), "Map": {"Item": {"Index": index, "Value": item}}}


def item_input(
    language: Language, state: State, effective: Any, item: Any, context: Context
) -> Any:
    """An iteration's input: what ItemSelector makes of the item, or the item."""
    selector = state.get("ItemSelector") or state.get("Parameters")
    if not selector:
        return copy.deepcopy(item)
    return language.template(selector, state, effective, context)


def number(
    language: Language,
    state: State,
    field: str,
    document: Any,
    context: Context,
    *,
    least: float = 0,
    most: float = math.inf,
) -> float | None:
    """A number of a state: given, by JSONata, or by its `...Path` field; None if absent.

    Raises:
        StateError: If it is no number from `least` to `most`.
    """
    value = state.get(field)
    if f"{field}Path" in state:
        effective = language.effective_input(state, document, context)
        value = language.path(state[f"{field}Path"], effective, context)
    elif isinstance(value, str):
        value = language.template(value, state, document, context)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise StateError("States.Runtime", f"{field} must be a number, but is {value!r}.")
    if not least <= value <= most:
        limits = f"{least} to {most}" if most < math.inf else f"{least} or more"
        raise StateError("States.Runtime", f"{field} must be {limits}, but is {value!r}.")
    return value
