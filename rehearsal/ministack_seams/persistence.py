"""MiniStack's persistence: the state of the services that are not its own is kept with it."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import ministack.app
from ministack.core import persistence


class Stateful(Protocol):
    """A service whose state can be kept."""

    def state(self) -> dict[str, Any]:
        """All of it, as JSON."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from it."""


def install(services: Mapping[str, Stateful]) -> None:
    """Save the services' state when the account ends, and load it when it starts."""
    save = ministack.app.save_all
    load = ministack.app._load_persisted_state

    def save_all(others: dict[str, Callable[[], Any]]) -> None:
        save({**others, **{name: service.state for name, service in services.items()}})

    def load_all() -> None:
        load()
        for name, service in services.items():
            state = persistence.load_state(name)
            if state:
                service.restore(state)

    ministack.app.save_all = save_all
    ministack.app._load_persisted_state = load_all
