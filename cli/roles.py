"""Approving models, promoting the challenger, rolling back, and who did so."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
from rich.table import Table

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.functions import caller, invoke
from cli.s3 import objects, read_json

Document = dict[str, Any]

_ROLES = ("champion", "challenger")
_POLL_SECONDS = 0.5
_LONGEST_SECONDS = 120.0


def pending(deployment: Deployment) -> dict[str, str]:
    """The model packages that wait for approval, oldest first: their ARNs, and what they are."""
    pages = (
        boto3.client("sagemaker")
        .get_paginator("list_model_packages")
        .paginate(
            ModelPackageGroupName=deployment.output("ModelPackageGroupName"),
            ModelApprovalStatus="PendingManualApproval",
            SortBy="CreationTime",
            SortOrder="Ascending",
        )
    )
    return {
        each["ModelPackageArn"]: each.get("ModelPackageDescription", "")
        for page in pages
        for each in page["ModelPackageSummaryList"]
    }


def approve(deployment: Deployment, package: str | None, comment: str) -> str:
    """Approve a model package, wait until it has a role, and return which.

    Args:
        deployment: The project.
        package: Its ARN, or its version in the project's group; None for the only one that waits.
        comment: Kept with the approval.

    Raises:
        CommandError: If none waits, or nothing gives the package a role.
    """
    arn = _package(deployment, package)
    boto3.client("sagemaker").update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription=f"{caller()}: {comment}" if comment else caller(),
    )
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        for role, current in current_roles(deployment).items():
            if current == arn:
                return f"{arn} is the {role}."
        time.sleep(_POLL_SECONDS)
    raise CommandError(
        f"{arn} is approved, and has no role after {_LONGEST_SECONDS:.0f} s: look at the log of "
        f"the function {deployment.output('RolesFunctionName')}."
    )


def change(deployment: Deployment, action: str) -> str:
    """Promote the challenger, or roll back; return in a sentence who is what now.

    Raises:
        CommandError: If it is not possible, with the reason.
    """
    event = {"action": action, "by": caller()}
    after = invoke(deployment.output("RolesFunctionName"), action, event)["after"]
    return "; ".join(f"{role}: {after[role]['package']}" for role in _ROLES)


def current_roles(deployment: Deployment) -> dict[str, str]:
    """The model package of each role, or `none`."""
    client = boto3.client("ssm")
    return {
        role: client.get_parameter(Name=deployment.output(f"{role.capitalize()}ParameterName"))[
            "Parameter"
        ]["Value"]
        for role in _ROLES
    }


def history(deployment: Deployment) -> Table:
    """Every change of the roles: when, by whom, from what to what; the newest last."""
    table = Table(title="Changes of champion and challenger", title_justify="left")
    for heading in ("when (UTC)", "what", "by", "champion", "challenger"):
        table.add_column(heading, overflow="fold")
    for each in _changes(deployment):
        table.add_row(
            each["at"].partition(".")[0].replace("T", " "),
            each["action"],
            each["by"],
            *(_arrow(each["before"][role], each["after"][role]) for role in _ROLES),
        )
    return table


def _changes(deployment: Deployment) -> Iterator[Document]:
    prefix = f"s3://{deployment.output('ResultsBucketName')}/roles/"
    return (read_json(uri) for uri in sorted(uri for uri, _ in objects(prefix)))


def _arrow(before: Document, after: Document) -> str:
    former, later = (each["package"].rpartition(":model-package/")[2] for each in (before, after))
    return later if former == later else f"{former} → {later}"


def _package(deployment: Deployment, package: str | None) -> str:
    if package and package.startswith("arn:"):
        return package
    waiting = {arn.rpartition("/")[2]: arn for arn in pending(deployment)}
    if not waiting:
        raise CommandError("No model package waits for approval.")
    if package in waiting:
        return waiting[package]
    if package is None and len(waiting) == 1:
        return next(iter(waiting.values()))
    raise CommandError(
        f"Version {package or '(none is named)'} does not wait for approval; "
        f"allowed: {', '.join(waiting)}. See `lifecycle roles`."
    )
