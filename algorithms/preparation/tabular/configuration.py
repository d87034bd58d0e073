"""The description of the data: the `data` part of the project's configuration, as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .documents import get
from .errors import PreparationError
from .target import Target, parse_target

DERIVATIONS = ("day_of_week", "minute_of_day")


@dataclass(frozen=True)
class Derived:
    """A feature that is computed from a source column; `kind` is one of `DERIVATIONS`."""

    name: str
    source: str
    kind: str


@dataclass(frozen=True)
class Split:
    """How rows are divided; the words and their meaning are scikit-learn's."""

    n_splits: int
    test_size: float
    stratify: bool
    groups: str | None
    random_state: int
    assignment: str = "exact"
    key: tuple[str, ...] = ()
    time: str | None = None
    n_repeats: int = 1


@dataclass(frozen=True)
class Configuration:
    """Which columns to read, what to make of them, and how to split the rows."""

    target: Target
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    derived: tuple[Derived, ...]
    split: Split
    sample_weight: str | None = None
    slices: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """Feature names in the order of the prepared columns."""
        return (*self.numeric, *self.categorical, *(derived.name for derived in self.derived))

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Source columns whose cells must be kept as they are written."""
        columns = [*self.categorical, *(derived.source for derived in self.derived)]
        if self.target.is_text:
            columns.append(self.target.column)
        if self.split.groups:
            columns.append(self.split.groups)
        columns += [*self.split.key, *([self.split.time] if self.split.time else []), *self.slices]
        return tuple(dict.fromkeys(columns))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every source column that is read, each once."""
        weight = (self.sample_weight,) if self.sample_weight else ()
        return tuple(
            dict.fromkeys((self.target.column, *self.numeric, *weight, *self.text_columns))
        )

    def role(self, column: str) -> str:
        """What a column is read for, as errors say it."""
        roles = {
            self.target.column: "target",
            self.split.groups: "groups",
            self.split.time: "time",
            self.sample_weight: "sample_weight",
        }
        return roles.get(column) or ("slices" if column in self._only_slices() else "feature")

    def _only_slices(self) -> set[str]:
        sources = {derived.source for derived in self.derived}
        return set(self.slices) - {*self.numeric, *self.categorical, *sources}


def parse(text: str) -> Configuration:
    """Read the JSON text; `PreparationError` names the key that is absent or wrong."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise PreparationError(f"--config: not JSON: {error}") from error
    features = get(document, "features", dict)
    derived = features.get("derived") or {}
    configuration = Configuration(
        target=parse_target(get(document, "target", dict)),
        numeric=tuple(features.get("numeric") or ()),
        categorical=tuple(features.get("categorical") or ()),
        derived=tuple(_derived(name, derived[name]) for name in derived),
        split=_split(get(document, "split", dict)),
        sample_weight=document.get("sample_weight"),
        slices=tuple(document.get("slices") or ()),
    )
    if configuration.split.stratify and configuration.target.problem_type == "regression":
        raise PreparationError(
            "--config: split.stratify: got True with a target of numbers; allowed: False"
        )
    if not configuration.features:
        raise PreparationError("--config: features: no feature; name at least one column")
    return configuration


def _derived(name: str, document: Mapping[str, Any]) -> Derived:
    key = f"features.derived.{name}"
    kind = get(document, f"{key}.as", str)
    if kind not in DERIVATIONS:
        raise PreparationError(
            f"--config: {key}.as: got {kind!r}; allowed: {', '.join(DERIVATIONS)}"
        )
    return Derived(name, get(document, f"{key}.from", str), kind)


def _split(document: Mapping[str, Any]) -> Split:
    return Split(
        n_splits=get(document, "split.n_splits", int),
        test_size=get(document, "split.test_size", float),
        stratify=get(document, "split.stratify", bool),
        groups=document.get("groups"),
        random_state=get(document, "split.random_state", int),
        assignment=document.get("assignment") or "exact",
        key=tuple(document.get("key") or ()),
        time=document.get("time"),
        n_repeats=document.get("n_repeats") or 1,
    )
