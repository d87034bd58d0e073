"""Lambda: the finalists that passed -> model packages, the champion and the challenger."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.model_registry import ModelRegistry
from adapters.model_roles import ModelRoles
from adapters.parameters import Parameters
from adapters.results import Results
from evaluation.promotion import RegisterRequest, role_documents
from evaluation.roles import UNREGISTERED, Model


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    model_package_group: str
    parameter_prefix: str
    results_bucket: str


environment = read_environment(Environment)
registry = ModelRegistry(environment.model_package_group)
roles = ModelRoles(Parameters(environment.parameter_prefix), Results(environment.results_bucket))


def handler(event: object, _context: object) -> dict[str, object]:
    """Register the winners, best first, and approve those that get a role without anybody's word.

    That is the best; without a champion the second too, as its challenger.
    """
    request = RegisterRequest.parse(event)
    winners = request.winners()
    current = roles.read()
    packages: dict[str, str] = {}
    for finalist in winners:
        vacant = current.champion.package in (UNREGISTERED, *packages.values())
        approved = request.approves and len(packages) < (2 if vacant else 1)
        package = registry.register(finalist, request, approved=approved)
        packages[finalist.candidate] = package
        if approved:
            after = current.approved(Model(package, finalist.isolated))
            roles.change(current, after, "register", f"run {request.run}")
            current = after
    models = [{"candidate": name, "model_package": arn} for name, arn in packages.items()]
    return {**role_documents(current, packages), "models": models}
