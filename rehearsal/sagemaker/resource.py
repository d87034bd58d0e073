"""What every kind of resource of the service is: the operations that it answers, its records."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from rehearsal.sagemaker.api.store import Record, Store

Operations = Mapping[str, Callable[[Record], Record]]


class Resource(ABC):
    """One kind of resource."""

    _store: Store

    @abstractmethod
    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""

    def come_to_rest(self) -> None:
        """End what runs, because the account stops; the records stay as they are then."""
        return

    def resume(self) -> None:
        """Go on from the records of an account that was stopped."""
        return

    @property
    def stores(self) -> tuple[Store, ...]:
        """Where its records are."""
        return (self._store,)
