"""Lambda: the finalists that passed -> model packages, the champion and the challenger."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.model_registry import ModelRegistry
from adapters.parameters import Parameters
from evaluation.promotion import RegisterRequest


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    model_package_group: str
    parameter_prefix: str


environment = read_environment(Environment)
registry = ModelRegistry(environment.model_package_group)
parameters = Parameters(environment.parameter_prefix)


def handler(event: object, _context: object) -> dict[str, object]:
    """Register the winners, best first, and name the first two; with one, only the champion."""
    request = RegisterRequest.parse(event)
    winners = request.winners()
    models = [
        {"candidate": finalist.candidate, "model_package": registry.register(finalist, request)}
        for finalist in winners
    ]
    roles = dict(zip(("champion", "challenger"), models, strict=False))
    for (role, model), finalist in zip(roles.items(), winners, strict=False):
        parameters.write(f"{role}-network-isolation", "true" if finalist.isolated else "false")
        parameters.write(role, model["model_package"])
    return {"challenger": None, **roles, "models": models}
