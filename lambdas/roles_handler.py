"""Lambda: a package was approved, or somebody promotes or rolls back -> champion, challenger."""

from dataclasses import dataclass

from adapters.environment import read_environment
from adapters.model_roles import ModelRoles
from adapters.parameters import Parameters
from adapters.results import Results
from evaluation.roles import RoleRequest


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    parameter_prefix: str
    results_bucket: str


environment = read_environment(Environment)
roles = ModelRoles(Parameters(environment.parameter_prefix), Results(environment.results_bucket))


def handler(event: object, _context: object) -> dict[str, object]:
    """Change the roles as asked; return what changed: action, by, at, before and after."""
    request = RoleRequest.parse(event)
    before = roles.read()
    after = request.changed(before, roles.changes())
    return roles.change(before, after, request.action, request.by).document()
