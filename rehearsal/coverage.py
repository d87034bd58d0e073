"""Writes docs/rehearsal-operations.md: `python -m rehearsal.coverage`.

The page sets the operations that botocore's models list for the resources of the model lifecycle
against those that a rehearsal account answers.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from rehearsal.account import Account
from rehearsal.clients import SECRET
from rehearsal.server import ACCOUNT_ID

PAGE = Path(__file__).parents[1] / "docs" / "rehearsal-operations.md"

# By the words of their operations' names, after the verb.
_RESOURCES = {
    "Training jobs": ("TrainingJob",),
    "Processing jobs": ("ProcessingJob",),
    "Transform jobs": ("TransformJob",),
    "Hyperparameter tuning jobs": (
        "HyperParameterTuningJob",
        "TrainingJobsForHyperParameterTuningJob",
    ),
    "Algorithms": ("Algorithm",),
    "Models": ("Model",),
    "Endpoint configurations": ("EndpointConfig",),
    "Endpoints": ("Endpoint", "EndpointWeightsAndCapacities"),
    "Model package groups": ("ModelPackageGroup", "ModelPackageGroupPolicy"),
    "Model packages": ("ModelPackage",),
    "Tags": ("Tag",),
}
_VERBS = (
    "Add",
    "BatchDescribe",
    "Create",
    "Delete",
    "Describe",
    "Get",
    "List",
    "Put",
    "Stop",
    "Update",
)
_CONTROL, _RUNTIME = "sagemaker", "sagemaker-runtime"

_HEAD = """\
# Operations of the rehearsal's SageMaker

What botocore {version} lists for the resources of the model lifecycle, and what a rehearsal account
answers. Any other operation is refused with `... is not available in the rehearsal`. This page is
written by `python -m rehearsal.coverage`.

| Resource | Available | Not available |
|---|---|---|
"""


def listed() -> dict[str, list[str]]:
    """The operations that botocore's models list, by kind of resource."""
    names = _operations(_CONTROL)
    found = {
        resource: [name for name in names if _subjects(name) & {*words}]
        for resource, words in _RESOURCES.items()
    }
    return {**found, "Inferences": _operations(_RUNTIME)}


def available(account: Account) -> set[str]:
    """The listed operations that an account answers, be it by refusing an empty request.

    Raises:
        ClientError: If the account fails to answer one of them.
    """
    control, runtime = (_unchecked(account, service) for service in (_CONTROL, _RUNTIME))
    asked = {name for names in listed().values() for name in names}
    of_runtime = {*_operations(_RUNTIME)}
    return {
        name
        for name in asked
        if (
            _answers(runtime, name, EndpointName="none", Body=b"")
            if name in of_runtime
            else _answers(control, name)
        )
    }


def page(known: Iterable[str]) -> str:
    """The page, for the operations that are available."""
    here = {*known}
    rows = [
        f"| {resource} | {_quoted(n for n in names if n in here)} "
        f"| {_quoted(n for n in names if n not in here)} |\n"
        for resource, names in listed().items()
    ]
    count = sum(len(names) for names in listed().values())
    head = _HEAD.format(version=botocore.__version__)
    return f"{head}{''.join(rows)}\n{len(here)} of {count} are available.\n"


def main() -> None:
    """Ask a new account, and write the page."""
    with tempfile.TemporaryDirectory() as directory:
        account = Account.start(Path(directory))
        try:
            known = available(account)
        finally:
            account.stop()
    PAGE.write_text(page(known), encoding="utf-8")


def _operations(service: str) -> list[str]:
    return list(botocore.session.get_session().get_service_model(service).operation_names)


def _subjects(name: str) -> set[str]:
    # `ListModels` is about the `Model`.
    words = {name.removeprefix(verb) for verb in _VERBS if name.startswith(verb)}
    return words | {word.removesuffix("s") for word in words}


def _unchecked(account: Account, service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]  # the name is only known at run time
        endpoint_url=account.endpoint_url,
        region_name=account.region,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key=SECRET,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def _answers(client: Any, operation: str, **members: object) -> bool:
    try:
        getattr(client, xform_name(operation))(**members)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise
        return "is not available in the rehearsal" not in str(error)
    return True


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    main()
