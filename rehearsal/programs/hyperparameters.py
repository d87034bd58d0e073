"""A training job's hyperparameters against the table of its algorithm.

Errors read like those of the containers: https://github.com/aws/sagemaker-xgboost-container.
"""

from collections.abc import Mapping

from algorithms.built_in.hyperparameters import Algorithm, Specification, Value
from rehearsal.programs.errors import UserError


def validated(algorithm: Algorithm, strings: Mapping[str, str]) -> dict[str, Value]:
    """The hyperparameters, as CreateTrainingJob has them, in their types; aliases resolved.

    Raises:
        UserError: For one that is missing, extraneous, unparsable or out of range.
    """
    named = {algorithm.aliases.get(name, name): text for name, text in strings.items()}
    for name, specification in algorithm.specifications.items():
        if specification.required and name not in named:
            raise UserError(f"Missing required hyperparameter: {name}")
    return {name: _value(algorithm.specification(name), name, text) for name, text in named.items()}


def unparsable(name: str, text: str, error: Exception) -> UserError:
    """The error about a value that is not of its hyperparameter's type."""
    return UserError(
        f"Hyperparameter {name}: could not parse value (caused by {type(error).__name__}): {text!r}"
    )


def _value(specification: Specification | None, name: str, text: str) -> Value:
    if specification is None:
        raise UserError(f"Extraneous hyperparameter found: {name}")
    try:
        value = specification.parse(text)
    except ValueError as error:
        raise unparsable(name, text, error) from error
    if not specification.accepts(value):
        if isinstance(value, list):
            allowed = list(specification.values)
            raise UserError(f"Hyperparameter {name}: value {value} not in range {allowed}")
        choices = specification.type == "choice"
        limits = list(specification.values) if choices else specification.range
        raise UserError(f"Hyperparameter {name}: {value} is not in {limits}")
    return value
