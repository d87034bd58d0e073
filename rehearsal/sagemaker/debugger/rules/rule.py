"""What the rules have in common: parameters that are read from texts, and a verdict.

The image of AWS's rules is not public: what each one computes is written from AWS's description of
it, and from the tests of the rules' first release.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-built-in-rules.html
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from rehearsal.sagemaker.debugger.trial import Trial

_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Rule(ABC):
    """A rule with its parameters, which are its fields."""

    # The least values of the fields that are numbers.
    LOWEST: ClassVar[Mapping[str, float]] = {}

    @classmethod
    def name(cls) -> str:
        """What `rule_to_invoke` calls it."""
        return cls.__name__

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Self:
        """The rule with parameters from a request.

        Raises:
            ValueError: Naming the parameter that it does not have, or whose value is wrong.
        """
        known = {field.name: field for field in fields(cls)}
        for name in texts:
            if name not in known:
                raise ValueError(
                    f"Rule {cls.name()} has no parameter {name}; it has {', '.join(known)}."
                )
        return cls(**{name: cls._read(name, text) for name, text in texts.items()})

    @classmethod
    def _read(cls, name: str, text: str) -> Any:
        default = next(field.default for field in fields(cls) if field.name == name)
        try:
            if isinstance(default, bool):
                return _BOOLEANS[text.strip().lower()]
            if isinstance(default, int | float):
                return cls._number(name, type(default)(text))
            if isinstance(default, tuple):
                patterns = tuple(part.strip() for part in text.split(",") if part.strip())
                return _compiled(name, patterns)
            return _compiled(name, (text,))[0]
        except (ValueError, KeyError, OverflowError, re.error) as error:
            raise ValueError(
                f"Rule {cls.name()} has the parameter {name} = {text!r}; "
                f"it must be {cls._allowed(name, default)}."
            ) from error

    @classmethod
    def _number(cls, name: str, value: float) -> float:
        if not cls.LOWEST[name] <= value < float("inf"):
            raise ValueError
        return value

    @classmethod
    def _allowed(cls, name: str, default: Any) -> str:
        if isinstance(default, bool):
            return "True or False"
        if isinstance(default, int | float):
            kind = "a whole number" if isinstance(default, int) else "a number"
            return f"{kind} of at least {cls.LOWEST[name]}"
        if name == "mode":
            return "EVAL, TRAIN or GLOBAL"
        return "a regular expression" if isinstance(default, str) else "names or patterns"

    @abstractmethod
    def step_met(self, trial: Trial) -> int | None:
        """The first step at which the rule's condition is met; None if it is at none."""

    @abstractmethod
    def inspects(self, trial: Trial) -> bool:
        """Whether the job has saved what the rule looks at."""


def _compiled(name: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    if name == "mode" and patterns[0] not in ("EVAL", "TRAIN", "GLOBAL"):
        raise ValueError
    if name.endswith("regex"):
        for pattern in patterns:
            re.compile(pattern)
    return patterns
