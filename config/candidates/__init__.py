"""The candidate models: one file an option, and the table of the options here."""

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Tag

from config.candidates.built_in import BuiltIn
from config.candidates.container import Container, ContainerEntry
from config.candidates.debugger import RULES, Debugger
from config.candidates.grid import Hyperparameter, as_text, combinations, count
from config.candidates.marketplace import Marketplace
from config.candidates.script import Script
from config.candidates.shared import NAME_ALLOWED, Candidate, CandidateEntry
from config.candidates.spark import Spark
from config.candidates.tuning import Choice, NumericRange, Tuning
from config.errors import shown
from config.section import refuse

__all__ = [
    "NAME_ALLOWED",
    "OPTIONS",
    "RULES",
    "BuiltIn",
    "Candidate",
    "CandidateEntry",
    "Choice",
    "Container",
    "ContainerEntry",
    "Debugger",
    "Entry",
    "Hyperparameter",
    "Marketplace",
    "NumericRange",
    "Script",
    "Spark",
    "Tuning",
    "as_text",
    "combinations",
    "count",
]

OPTIONS = tuple(each.option for each in (BuiltIn, Script, Container, Spark, Marketplace))


def _option(value: dict[str, object] | CandidateEntry) -> str:
    if isinstance(value, CandidateEntry):
        return value.option
    return next(option for option in OPTIONS if option in value)


def _one_option(value: object) -> object:
    if isinstance(value, CandidateEntry):
        return value
    if not isinstance(value, dict):
        refuse(shown(value), f"a mapping with exactly one of the keys {', '.join(OPTIONS)}")
    found = [option for option in OPTIONS if option in value]
    if len(found) != 1:
        got = " and ".join(found) if found else "no key that says what trains it"
        refuse(got, f"exactly one of the keys {', '.join(OPTIONS)}")
    return value


Entry = Annotated[
    Annotated[BuiltIn, Tag(BuiltIn.option)]
    | Annotated[Script, Tag(Script.option)]
    | Annotated[Container, Tag(Container.option)]
    | Annotated[Spark, Tag(Spark.option)]
    | Annotated[Marketplace, Tag(Marketplace.option)],
    Discriminator(_option),
    BeforeValidator(_one_option),
]
