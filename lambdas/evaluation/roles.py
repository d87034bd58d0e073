"""Which registered model is the champion and which the challenger, and how that changes."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from evaluation.documents import Document
from evaluation.errors import EvaluationError

UNREGISTERED = "none"
ACTIONS = ("approve", "promote", "rollback")
_VERSION = re.compile(r".*:model-package/[^/]+/\d+")


@dataclass(frozen=True)
class Model:
    """A model package's ARN, or UNREGISTERED, and whether it is served without a network."""

    package: str = UNREGISTERED
    isolated: bool = False

    @classmethod
    def of_package(cls, arn: str) -> "Model":
        """Return the model of a package; those that are no versions are AWS Marketplace's."""
        return cls(arn, not _VERSION.fullmatch(arn))

    @classmethod
    def parse(cls, document: Document) -> "Model":
        """Read a model, or raise EvaluationError naming the key that is wrong."""
        return cls(document.text("package"), document.boolean("isolated"))


@dataclass(frozen=True)
class Roles:
    """The models that serve: the champion, and the challenger that may replace it."""

    champion: Model = Model()
    challenger: Model = Model()

    def approved(self, model: Model) -> "Roles":
        """Make a model the challenger; the champion where there is none.

        A model that has a role keeps it, however often it is approved.
        """
        if model in (self.champion, self.challenger):
            return self
        if self.champion.package == UNREGISTERED:
            return replace(self, champion=model)
        return replace(self, challenger=model)

    def promoted(self) -> "Roles":
        """Make the challenger the champion, and the champion the challenger.

        Raises:
            EvaluationError: If there is no challenger, or it is the champion.
        """
        if self.challenger.package in (UNREGISTERED, self.champion.package):
            raise EvaluationError("there is no challenger to promote; approve a model first")
        return Roles(champion=self.challenger, challenger=self.champion)

    def rolled_back(self, changes: Iterable[Document]) -> "Roles":
        """Make the former champion the champion again, and the champion the challenger.

        Args:
            changes: What `Change.document` told of every change so far, oldest first.

        Raises:
            EvaluationError: If no champion was before this one.
        """
        former = None
        for change in changes:
            before, after = (
                Model.parse(change.child(when).child("champion")) for when in ("before", "after")
            )
            if after == self.champion != before and before.package != UNREGISTERED:
                former = before
        if former is None:
            raise EvaluationError(f"no champion is known from before {self.champion.package}")
        return Roles(champion=former, challenger=self.champion)


@dataclass(frozen=True)
class Change:
    """A change of roles: what was done by whom, and the roles before and after.

    Attributes:
        action: One of ACTIONS, or `register`.
        by: Who asked for it: an identity's ARN, a run or an event.
        at: When, in ISO 8601 and UTC.
    """

    action: str
    by: str
    at: str
    before: Roles
    after: Roles

    @property
    def key(self) -> str:
        """Where in the results bucket it is told; later ones are later in order."""
        return f"roles/{self.at.replace(':', '')}-{self.action}.json"

    def document(self) -> dict[str, Any]:
        """Return what is written of the change."""
        return asdict(self)


@dataclass(frozen=True)
class RoleRequest:
    """What the roles function is asked.

    Attributes:
        action: One of ACTIONS.
        by: Who asks.
        package: The model package that is approved; empty for the other actions.
    """

    action: str
    by: str
    package: str = ""

    @classmethod
    def parse(cls, event: object) -> "RoleRequest":
        """Read an event, or raise EvaluationError naming the key that is wrong.

        It is `{"action", "by", "package"}`, or EventBridge's of a package that was approved:
        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        """
        document = Document(event)
        if isinstance(event, dict) and "detail-type" in event:
            detail = document.child("detail")
            by = detail.text_or("ApprovalDescription", document.text("detail-type"))
            return cls("approve", by, detail.text("ModelPackageArn"))
        action = document.one_of("action", ACTIONS)
        package = document.text("package") if action == "approve" else ""
        return cls(action, document.text("by"), package)

    def changed(self, roles: Roles, changes: Iterable[Document]) -> Roles:
        """Return the roles after the action; `changes` are those so far, oldest first.

        Raises:
            EvaluationError: If the action is not possible.
        """
        if self.action == "approve":
            return roles.approved(Model.of_package(self.package))
        return roles.promoted() if self.action == "promote" else roles.rolled_back(changes)
