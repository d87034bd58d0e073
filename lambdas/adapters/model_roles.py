"""The roles of the registered models: SSM parameters, and a record of every change."""

from collections.abc import Iterator
from datetime import UTC, datetime

from adapters.parameters import Parameters
from adapters.results import Results
from evaluation.documents import Document
from evaluation.roles import Change, Model, Roles


class ModelRoles:
    """Reads and changes who is champion and challenger.

    A role has two parameters: its model package's ARN, and whether it is served in isolation.
    """

    def __init__(self, parameters: Parameters, results: Results) -> None:
        self._parameters = parameters
        self._results = results

    def read(self) -> Roles:
        """Return the roles as they are."""
        return Roles(self._read("champion"), self._read("challenger"))

    def changes(self) -> Iterator[Document]:
        """Read the changes so far, oldest first."""
        return self._results.below("roles/")

    def change(self, before: Roles, after: Roles, action: str, by: str) -> Change:
        """Write what differs, and after it the record; nothing if the roles are the same."""
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        change = Change(action, by, at, before, after)
        for name, former, model in (
            ("champion", before.champion, after.champion),
            ("challenger", before.challenger, after.challenger),
        ):
            if former != model:
                isolated = "true" if model.isolated else "false"
                self._parameters.write(f"{name}-network-isolation", isolated)
                self._parameters.write(name, model.package)
        if before != after:
            self._results.write(change.key, change.document())
        return change

    def _read(self, name: str) -> Model:
        isolated = self._parameters.read(f"{name}-network-isolation") == "true"
        return Model(self._parameters.read(name), isolated)
