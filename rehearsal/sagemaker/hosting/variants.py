"""What answers for an endpoint: fleets of production variants, chosen by weight.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-ab-testing.html
"""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.hosting.serving import Server

_DRAIN_SECONDS = 60.0  # the longest that InvokeEndpoint lets a model take


@dataclass
class Variant:
    """A production or shadow variant that answers.

    Attributes:
        name: Unique in its endpoint.
        server: Runs its model.
        weight: Its share of the traffic, against the others' weights.
        instances: How many it says that it has; one server answers for all.
        model: The name of its model.
        requests: How many it is answering at this moment.
    """

    name: str
    server: Server
    weight: float
    instances: int
    model: str
    requests: int = 0


@dataclass
class Fleet:
    """The variants of one endpoint configuration, which start and stop together.

    Attributes:
        config: The endpoint configuration's record.
        variants: The production variants, by their names.
        shadows: The shadow variants, by their names.
    """

    config: Record = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)
    shadows: dict[str, Variant] = field(default_factory=dict)

    def members(self) -> dict[str, Variant]:
        """Every variant, by its name."""
        return self.variants | self.shadows

    def draw(self) -> Variant:
        """A production variant, drawn by weight.

        Raises:
            ValidationError: If no variant has a weight.
        """
        variants = list(self.variants.values())
        largest = max(variant.weight for variant in variants)
        if not largest:
            raise ValidationError("Every production variant of the endpoint has weight 0.")
        # Of the largest, because the sum of very large ones is no number.
        return random.choices(variants, [variant.weight / largest for variant in variants])[0]

    def stop(self) -> None:
        """Stop every server."""
        for variant in self.members().values():
            variant.server.stop()


@dataclass
class Endpoint:
    """An endpoint's record and the fleets that answer for it now.

    One fleet answers, unless an update is under way or its roll-back failed.

    Attributes:
        record: The endpoint's record.
    """

    record: Record
    _routes: list[tuple[Fleet, float]] = field(default_factory=list)
    _incoming: tuple[Fleet, float] | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def fleet(self) -> Fleet:
        """The fleet of the configuration in force; an empty one before there is any."""
        return self._routes[0][0] if self._routes else Fleet()

    @property
    def config(self) -> Record:
        """The record of the endpoint configuration in force; empty before there is one."""
        return self.fleet.config

    @property
    def variants(self) -> dict[str, Variant]:
        """The production variants in force, by their names."""
        return self.fleet.variants

    @property
    def shadows(self) -> dict[str, Variant]:
        """The shadow variants in force, by their names."""
        return self.fleet.shadows

    def choose(self, target: str = "") -> Variant:
        """The variant for one request: the target, or one drawn by weight.

        Raises:
            ValidationError: If there is no such variant, or none any more.
        """
        routes = self._all_routes()
        if not routes:
            raise ValidationError(f"Endpoint {self.record['EndpointName']} is being deleted.")
        fleets = [fleet for fleet, _ in routes]
        drawn = random.choices(fleets, [share for _, share in routes])[0]
        if not target:
            return drawn.draw()
        for fleet in (drawn, *fleets):
            if target in fleet.variants:
                return fleet.variants[target]
        raise ValidationError(
            f"Variant {target} not found for endpoint {self.record['EndpointName']}; "
            f"it has {', '.join(self.variants)}."
        )

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

    def shift(self, incoming: Fleet, share: float) -> None:
        """Give a fleet this share of the traffic, from 0 to 1; the others keep the rest."""
        with self._changed:
            self._incoming = (incoming, share) if share else None

    def mix(self) -> None:
        """Let the traffic stay where it is: several fleets answer from now on."""
        with self._changed:
            self._routes, self._incoming = self._all_routes(), None

    def promote(self, fleet: Fleet) -> list[Fleet]:
        """Give a fleet all of the traffic; returns those that have none any more."""
        with self._changed:
            replaced = [old for old, _ in self._routes if old is not fleet]
            self._routes, self._incoming = [(fleet, 1.0)], None
            return replaced

    def retire(self, fleets: list[Fleet]) -> None:
        """Stop fleets that get no traffic any more, after their last answers."""
        variants = [variant for fleet in fleets for variant in fleet.members().values()]
        with self._changed:
            self._changed.wait_for(
                lambda: not any(variant.requests for variant in variants), timeout=_DRAIN_SECONDS
            )
        for fleet in fleets:
            fleet.stop()

    def stop(self) -> None:
        """Take every fleet out of service and stop it."""
        with self._changed:
            fleets = [fleet for fleet, _ in self._all_routes()]
            self._routes, self._incoming = [], None
        self.retire(fleets)

    def _all_routes(self) -> list[tuple[Fleet, float]]:
        if self._incoming is None:
            return self._routes
        incoming, share = self._incoming
        return [*((fleet, old * (1 - share)) for fleet, old in self._routes), (incoming, share)]
