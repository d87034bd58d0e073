"""What a Distributed Map iterates over: its items, an S3 data set, batches of either.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html and
https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
"""

import json
from typing import Any

from rehearsal.step_functions import item_reader
from rehearsal.step_functions.language import Context, Language, State, StateError
from rehearsal.step_functions.states import item_context, item_input, items_of, number


def inputs(language: Language, state: State, document: Any, context: Context) -> list[Any]:
    """The inputs of a Distributed Map's children, in order.

    Raises:
        StateError: If the items cannot be read.
    """
    effective = language.effective_input(state, document, context)
    if "ItemReader" in state:
        items = _read(language, state, document, context)
    else:
        items = items_of(language, state, document, context)
    chosen = [
        item_input(language, state, effective, item, item_context(context, index, item))
        for index, item in enumerate(items)
    ]
    if "ItemBatcher" not in state:
        return chosen
    return _batches(language, state["ItemBatcher"], chosen, state, document, context)


def _read(language: Language, state: State, document: Any, context: Context) -> list[Any]:
    reader = state["ItemReader"]
    effective = language.effective_input(state, document, context)
    template = reader.get("Arguments") or reader.get("Parameters") or {}
    arguments = language.template(template, state, effective, context)
    config = language.template(reader.get("ReaderConfig") or {}, state, effective, context)
    most = number(language, config, "MaxItems", effective, context, least=1)
    items = item_reader.read(language, reader["Resource"], arguments, config)
    return items if most is None else items[: int(most)]


def _batches(
    language: Language,
    batcher: State,
    items: list[Any],
    state: State,
    document: Any,
    context: Context,
) -> list[Any]:
    most = number(language, batcher, "MaxItemsPerBatch", document, context, least=1)
    size = number(language, batcher, "MaxInputBytesPerBatch", document, context, least=1)
    if most is None and size is None:
        raise StateError(
            "States.Runtime", "ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch."
        )
    extra = {}
    if "BatchInput" in batcher:
        extra["BatchInput"] = language.template(batcher["BatchInput"], state, document, context)
    found: list[list[Any]] = []
    length = 0
    for item in items:
        bytes_ = len(json.dumps(item).encode())
        full = not found or (most and len(found[-1]) >= most) or (size and length + bytes_ > size)
        if full:
            found.append([])
            length = 0
        found[-1].append(item)
        length += bytes_
    return [{**extra, "Items": batch} for batch in found]
