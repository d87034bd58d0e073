"""What every kind of resource of the service is: the operations that it answers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from rehearsal.sagemaker.store import Record

Operations = Mapping[str, Callable[[Record], Record]]


class Resource(ABC):
    """One kind of resource."""

    @abstractmethod
    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
