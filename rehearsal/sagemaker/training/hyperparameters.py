"""The hyperparameters that an algorithm supports, and the values that a job gives them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterSpecification.html
"""

import math

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError

# SageMaker and its SDK add hyperparameters of their own to a job's; no algorithm lists those.
_OWN = ("sagemaker_", "_tuning_objective_metric")


def check_specifications(specifications: list[Record]) -> None:
    """Refuse hyperparameters that contradict themselves.

    Raises:
        ValidationError: For a name that is there twice, a range of another type, limits in the
            wrong order, a default that is out of range, or a default of a required one.
    """
    names = [specification["Name"] for specification in specifications]
    for specification in specifications:
        name = specification["Name"]
        if names.count(name) > 1:
            raise ValidationError(f"The hyperparameter {name} is specified twice.")
        kind = specification["Type"]
        expected = f"{kind}ParameterRangeSpecification"
        for given in specification.get("Range", {}):
            if given != expected:
                raise ValidationError(
                    f"The hyperparameter {name} has the type {kind}, so its Range cannot be "
                    f"{given}."
                )
        limits = specification.get("Range", {}).get(expected, {})
        if "MinValue" in limits:
            low = number(name, limits["MinValue"], kind)
            if low > number(name, limits["MaxValue"], kind):
                raise ValidationError(
                    f"The hyperparameter {name} has a MinValue, {limits['MinValue']}, above its "
                    f"MaxValue, {limits['MaxValue']}."
                )
        if "DefaultValue" in specification:
            if specification.get("IsRequired"):
                raise ValidationError(
                    f"The hyperparameter {name} has a default value, so it cannot be required."
                )
            check_value(specification, specification["DefaultValue"])


def completed(specifications: list[Record], given: dict[str, str]) -> dict[str, str]:
    """The values that a job gives, with the defaults of the others.

    Raises:
        ValidationError: For a hyperparameter that is unknown, required and missing, or not of its
            type and range.
    """
    if not specifications:
        return dict(given)
    by_name = {specification["Name"]: specification for specification in specifications}
    for name, value in given.items():
        if name.startswith(_OWN):
            continue
        if name not in by_name:
            known = ", ".join(by_name)
            raise ValidationError(
                f"The hyperparameter {name} is not supported by the algorithm; it has {known}."
            )
        check_value(by_name[name], value)
    for name, specification in by_name.items():
        if specification.get("IsRequired") and name not in given:
            raise ValidationError(f"The hyperparameter {name} is required by the algorithm.")
    defaults = {
        name: specification["DefaultValue"]
        for name, specification in by_name.items()
        if "DefaultValue" in specification
    }
    return defaults | given


def number(name: str, value: str, kind: str) -> float:
    """The value of an `Integer` or `Continuous` hyperparameter.

    Raises:
        ValidationError: If it is no such number.
    """
    try:
        found = float(int(value)) if kind == "Integer" else float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        wanted = "an integer" if kind == "Integer" else "a number"
        raise ValidationError(f"The hyperparameter {name} must be {wanted}; got {value!r}.")
    return found


def check_value(specification: Record, value: str) -> None:
    """Refuse a value that is not of the hyperparameter's type and range.

    Raises:
        ValidationError: Saying what would be right.
    """
    name, kind = specification["Name"], specification["Type"]
    limits = specification.get("Range", {}).get(f"{kind}ParameterRangeSpecification", {})
    if kind in ("Integer", "Continuous"):
        found = number(name, value, kind)
        if limits:
            low, high = limits["MinValue"], limits["MaxValue"]
            if not number(name, low, kind) <= found <= number(name, high, kind):
                raise ValidationError(
                    f"The hyperparameter {name} must be between {low} and {high}; got {value!r}."
                )
    elif kind == "Categorical" and limits and value not in limits["Values"]:
        raise ValidationError(
            f"The hyperparameter {name} must be one of {', '.join(limits['Values'])}; "
            f"got {value!r}."
        )
