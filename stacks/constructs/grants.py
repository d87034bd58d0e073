"""Permissions that no `grant_*` method of the CDK gives as narrowly."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets

from stacks.constructs import acknowledgements


def grant(
    role: iam.IRole,
    *,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
    wildcard_reason: str = "",
) -> None:
    """Allow a role the actions on the resources.

    Args:
        role: The role; the statement goes to its own policy.
        actions: Full names of actions, without wildcards.
        resources: ARNs.
        conditions: The statement's conditions.
        wildcard_reason: Why the ARNs have a wildcard, for a security reviewer. Without it, an ARN
            with a wildcard fails the synthesis.
    """
    role.add_to_principal_policy(
        iam.PolicyStatement(
            actions=list(actions),
            resources=list(resources),
            conditions={} if conditions is None else dict(conditions),
        )
    )
    if not wildcard_reason:
        return
    for resource in resources:
        if "*" in resource:
            acknowledgements.acknowledge_wildcard(role, resource, wildcard_reason)


def grant_download(role: iam.IRole, asset: assets.Asset) -> None:
    """Let a role download one asset, and find it by its key."""
    grant(
        role,
        actions=["s3:GetObject"],
        resources=[asset.bucket.arn_for_objects(asset.s3_object_key)],
    )
    grant(
        role,
        actions=["s3:ListBucket"],
        resources=[asset.bucket.bucket_arn],
        conditions={"StringEquals": {"s3:prefix": asset.s3_object_key}},
    )
