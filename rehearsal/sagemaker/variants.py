"""What answers for an endpoint: its production variants, chosen by weight."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.serving import ModelServer
from rehearsal.sagemaker.store import Record

_DRAIN_SECONDS = 60.0  # the longest that InvokeEndpoint lets a model take


@dataclass
class Variant:
    """A production variant that answers.

    Attributes:
        name: Unique in its endpoint.
        server: Runs its model.
        weight: Its share of the traffic, against the others' weights.
        instances: How many it says that it has; one server answers for all.
        model: The name of its model.
        requests: How many it is answering at this moment.
    """

    name: str
    server: ModelServer
    weight: float
    instances: int
    model: str
    requests: int = 0


@dataclass
class Endpoint:
    """An endpoint's record and the variants that answer for it now."""

    record: Record
    variants: dict[str, Variant] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def choose(self, target: str = "") -> Variant:
        """The variant for one request: the target, or one drawn by weight.

        Raises:
            ValidationError: If there is no such variant.
        """
        if target:
            if target not in self.variants:
                raise ValidationError(
                    f"Variant {target} not found for endpoint {self.record['EndpointName']}; "
                    f"it has {', '.join(self.variants)}."
                )
            return self.variants[target]
        variants = list(self.variants.values())
        weights = [variant.weight for variant in variants]
        if not sum(weights):
            raise ValidationError("Every production variant of the endpoint has weight 0.")
        return random.choices(variants, weights)[0]

    @contextmanager
    def answering(self, target: str = "") -> Iterator[Variant]:
        """The variant for one request; its server is not stopped before the block ends.

        Raises:
            ValidationError: If there is no such variant.
        """
        with self._changed:
            variant = self.choose(target)
            variant.requests += 1
        try:
            yield variant
        finally:
            with self._changed:
                variant.requests -= 1
                self._changed.notify_all()

    def replace(self, variants: dict[str, Variant]) -> None:
        """Let other variants answer from now on; stop the old ones after their last answer."""
        with self._changed:
            replaced, self.variants = self.variants, variants
            self._changed.wait_for(
                lambda: not any(variant.requests for variant in replaced.values()),
                timeout=_DRAIN_SECONDS,
            )
        stop(replaced)


def stop(variants: dict[str, Variant]) -> None:
    """Stop the variants' servers."""
    for variant in variants.values():
        variant.server.stop()
