"""The ranges that a tuning job searches, and where a value lies in each.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html
"""

import math
from dataclasses import dataclass

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.training.hyperparameters import number

_LINEAR, _LOGARITHMIC, _REVERSE = "Linear", "Logarithmic", "ReverseLogarithmic"


@dataclass(frozen=True)
class NumericRange:
    """An interval of numbers, both ends included.

    Attributes:
        name: Of the hyperparameter.
        low: The least value.
        high: The greatest value.
        scaling: Linear, Logarithmic or ReverseLogarithmic.
        integer: Whether the values are integers.
    """

    name: str
    low: float
    high: float
    scaling: str
    integer: bool

    def value(self, position: float) -> str:
        """The value at a position of [0, 1), as a hyperparameter's text."""
        low, high = (self.low - 0.5, self.high + 0.5) if self.integer else (self.low, self.high)
        start, end = self._scaled(low), self._scaled(high)
        found = self._unscaled(start + position * (end - start))
        if self.integer:
            return str(int(min(max(round(found), self.low), self.high)))
        return repr(min(max(found, self.low), self.high))

    def extremes(self) -> list[str]:
        """The values that lie inside of limits if and only if all values do."""
        return [self.value(0.0), self.value(1.0)]

    def coordinates(self, value: str) -> list[float]:
        """Where a value lies, as one number of [0, 1]."""
        start, end = self._scaled(self.low), self._scaled(self.high)
        return [(self._scaled(float(value)) - start) / (end - start) if end > start else 0.0]

    def _scaled(self, value: float) -> float:
        if self.scaling == _LOGARITHMIC:
            return math.log(value)
        if self.scaling == _REVERSE:
            return -math.log1p(-value)
        return value

    def _unscaled(self, scaled: float) -> float:
        if self.scaling == _LOGARITHMIC:
            return math.exp(scaled)
        if self.scaling == _REVERSE:
            return -math.expm1(-scaled)
        return scaled


@dataclass(frozen=True)
class CategoricalRange:
    """A choice between texts."""

    name: str
    values: tuple[str, ...]

    def value(self, position: float) -> str:
        """The value at a position of [0, 1)."""
        return self.values[int(position * len(self.values))]

    def extremes(self) -> list[str]:
        """All values."""
        return list(self.values)

    def coordinates(self, value: str) -> list[float]:
        """1 for the value, 0 for each other."""
        return [float(value == known) for known in self.values]


Range = NumericRange | CategoricalRange


def read_ranges(ranges: Record) -> list[Range]:
    """The ranges of a request's ParameterRanges or HyperParameterRanges.

    Raises:
        ValidationError: If there is none, a name is there twice, limits are no numbers or in the
            wrong order or too far apart, or a scaling does not suit them.
    """
    if ranges.get("AutoParameters"):
        raise ValidationError("AutoParameters are not available in the rehearsal.")
    found: list[Range] = [
        *(_numeric(item, "Integer") for item in ranges.get("IntegerParameterRanges", [])),
        *(_numeric(item, "Continuous") for item in ranges.get("ContinuousParameterRanges", [])),
        *(
            CategoricalRange(item["Name"], tuple(item["Values"]))
            for item in ranges.get("CategoricalParameterRanges", [])
        ),
    ]
    names = [item.name for item in found]
    if not names:
        raise ValidationError("A hyperparameter tuning job needs at least one parameter range.")
    for name in names:
        if names.count(name) > 1:
            raise ValidationError(f"The hyperparameter {name} has two parameter ranges.")
    return found


def _numeric(item: Record, kind: str) -> NumericRange:
    name = item["Name"]
    low, high = number(name, item["MinValue"], kind), number(name, item["MaxValue"], kind)
    limits = f"MinValue {item['MinValue']} and MaxValue {item['MaxValue']}"
    scaling = item.get("ScalingType", "Auto")
    if low > high:
        raise ValidationError(f"The range of the hyperparameter {name} is empty: it has {limits}.")
    if not math.isfinite(high - low):
        raise ValidationError(f"The range of the hyperparameter {name} is too wide: {limits}.")
    if scaling == _LOGARITHMIC and low <= 0:
        raise ValidationError(
            f"The scaling type Logarithmic of the hyperparameter {name} needs values above 0; it "
            f"has {limits}."
        )
    if scaling == _REVERSE and (kind == "Integer" or low < 0 or high >= 1):
        raise ValidationError(
            f"The scaling type ReverseLogarithmic of the hyperparameter {name} needs continuous "
            f"values from 0 to below 1; it is {kind} and has {limits}."
        )
    # AWS does not say what Auto chooses; the same choice each time can be explained.
    scaling = _LINEAR if scaling == "Auto" else scaling
    return NumericRange(name, low, high, scaling, kind == "Integer")
