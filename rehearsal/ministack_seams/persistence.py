"""MiniStack's persistence: SageMaker's state is saved and loaded with the other services'."""

from collections.abc import Callable
from typing import Any

import ministack.app
from ministack.core import persistence

from rehearsal.sagemaker.service import SageMaker

_KEY = "sagemaker"


def install(service: SageMaker) -> None:
    """Save SageMaker's state when the account ends, and load it when it starts."""
    save = ministack.app.save_all
    load = ministack.app._load_persisted_state

    def save_all(services: dict[str, Callable[[], Any]]) -> None:
        save({**services, _KEY: service.state})

    def load_all() -> None:
        load()
        state = persistence.load_state(_KEY)
        if state:
            service.restore(state)

    ministack.app.save_all = save_all
    ministack.app._load_persisted_state = load_all
