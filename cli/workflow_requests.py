"""The requests of the deployed workflow, for those who want to make one of them by hand.

They are not written a second time: the state machine's own JSONata is evaluated.
"""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import jsonata  # type: ignore[import-untyped]

from cli.deployment import Deployment
from cli.errors import CommandError

Document = dict[str, Any]


@dataclass(frozen=True)
class TrainedModel:
    """What a training job made, and the name of the model that it becomes.

    Attributes:
        candidate: The specification of its candidate.
        run: Whose data it was trained on.
        name: Of the model, in SageMaker.
        model_data: The URI of its archive.
    """

    candidate: Document
    run: str
    name: str
    model_data: str

    def state_input(self) -> Document:
        """The input of the workflow's states that make a model."""
        return {
            "run": self.run,
            "candidate": self.candidate,
            "training_job": self.name,
            "model_data": self.model_data,
        }


@dataclass(frozen=True)
class WorkflowRequests:
    """What the lifecycle's state machine asks SageMaker for.

    Attributes:
        definition: The state machine, in the Amazon States Language.
    """

    definition: Document

    @classmethod
    def read(cls, deployment: Deployment) -> "WorkflowRequests":
        """Read the deployed state machine.

        Raises:
            CommandError: If it is not deployed here.
        """
        arn = deployment.output("LifecycleStateMachineArn")
        described = boto3.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        return cls(json.loads(described["definition"]))

    def candidate(self, name: str) -> Document:
        """A candidate's specification.

        Raises:
            CommandError: If the state machine has no such candidate.
        """
        candidates = {each["name"]: each for each in self._state("Plan")["Output"]["candidates"]}
        if name not in candidates:
            raise CommandError(
                f"The deployed workflow has no candidate {name!r}, but {', '.join(candidates)}. "
                f"Deploy it: `cdk deploy --all -c candidates={name}`."
            )
        found: Document = candidates[name]
        return found

    def training(self, candidate: Document, *, run: str, fold: int, attempt: str) -> Document:
        """CreateTrainingJob's arguments for one fold of a run's data.

        Args:
            candidate: Its specification.
            run: Whose prepared data it trains on.
            fold: The fold that it is validated on; it trains on the others.
            attempt: The end of the job's name.

        Raises:
            CommandError: If there is no such fold.
        """
        folds = self._state("Folds")
        if fold not in folds["Items"]:
            raise CommandError(
                f"There is no fold {fold}; the folds are 0 to {len(folds['Items']) - 1}."
            )
        item = _evaluated(
            folds["ItemSelector"],
            {
                "input": {"run": run, "candidate": candidate},
                "context": {"Map": {"Item": {"Value": fold}}},
            },
        )
        request: Document = _evaluated(
            self._state("TrainFold")["Arguments"],
            {"input": item, "context": {"State": {"RetryCount": attempt}}},
        )
        return request

    def model(self, model: TrainedModel, package: str | None) -> Document:
        """CreateModel's arguments; `package` is the ARN of what `model_package` asked for."""
        given = model.state_input() | ({"model_package": package} if package else {})
        arguments = self._state("CreateFoldModel")["Arguments"]
        request: Document = _evaluated(arguments, {"input": given})
        return request

    def model_package(self, model: TrainedModel) -> Document | None:
        """CreateModelPackage's arguments, if the model is made of one; it is without a container.

        Raises:
            CommandError: If the state machine makes none.
        """
        if "Image" in model.candidate.get("container", {}):
            return None
        arguments = self._state("CreateFoldPackage")["Arguments"]
        request: Document = _evaluated(arguments, {"input": model.state_input()})
        return request

    def _state(self, name: str) -> Document:
        found = _find(self.definition, name)
        if found is None:
            raise CommandError(
                f"The deployed workflow has no state {name}: it is of another version. "
                "Deploy it again: `cdk deploy --all`."
            )
        return found


def with_hyperparameters(candidate: Document, found: dict[str, str]) -> Document:
    """A candidate's specification with other hyperparameters besides its own."""
    training = candidate["training"]
    own = training["HyperParameters"]
    return {**candidate, "training": {**training, "HyperParameters": {**own, **found}}}


def _find(machine: Document, name: str) -> Document | None:
    for key, state in machine["States"].items():
        if key == name:
            found: Document = state
            return found
        inner = _find(state["ItemProcessor"], name) if "ItemProcessor" in state else None
        if inner is not None:
            return inner
    return None


def _evaluated(node: Any, states: Document) -> Any:
    match node:
        case dict():
            return {key: _evaluated(value, states) for key, value in node.items()}
        case list():
            return [_evaluated(value, states) for value in node]
        case str() if node.startswith("{%"):
            return jsonata.Jsonata(node[2:-2]).evaluate(None, {"states": states})
    return node
