"""The records of a service as JSON, to be kept between an account's stop and its next start."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rehearsal.sagemaker.api.store import Record, Store

_TIME = "__time__"


def dump(stores: Iterable[Store]) -> Record:
    """Every store's records, by the stores' nouns."""
    return {
        store.noun: [[name, arn, _plain(record)] for name, arn, record in store.items()]
        for store in stores
    }


def load(stores: Iterable[Store], state: Record) -> None:
    """Fill empty stores with the records that `dump` gave."""
    for store in stores:
        for name, arn, record in state.get(store.noun, []):
            store.add(name, _restored(record), arn)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_TIME: value.isoformat()}
    if isinstance(value, dict):
        plain = {key: _plain(item) for key, item in value.items()}
        # A user's own map of that look is no time.
        return {_TIME: plain} if value.keys() == {_TIME} else plain
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_TIME}:
            held = value[_TIME]
            if isinstance(held, str):
                return datetime.fromisoformat(held)
            value = held
        return {key: _restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item) for item in value]
    return value
