"""Scalable targets: the instance counts of production variants, within limits.

Source:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
"""

import re
import secrets
from dataclasses import dataclass

from rehearsal.autoscaling.errors import ObjectNotFound
from rehearsal.autoscaling.pages import page
from rehearsal.sagemaker.api.store import Record, Store
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ServiceError, ValidationError
from rehearsal.sagemaker.hosting.endpoints import Endpoints

_NAMESPACE = "sagemaker"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_ACTIVE = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


@dataclass(frozen=True)
class Resource:
    """What a ResourceId names: a production variant of an endpoint."""

    endpoint: str
    variant: str

    @classmethod
    def of(cls, request: Record) -> "Resource":
        """The variant of a request.

        Raises:
            ValidationError: If the namespace, the dimension or the id is none of SageMaker's
                instance counts.
        """
        if request["ServiceNamespace"] != _NAMESPACE:
            raise ValidationError(
                f"The service namespace {request['ServiceNamespace']} is not available in the "
                f"rehearsal; {_NAMESPACE} is."
            )
        if request["ScalableDimension"] != _DIMENSION:
            raise ValidationError(
                f"The scalable dimension {request['ScalableDimension']} is not available in the "
                f"rehearsal; {_DIMENSION} is."
            )
        found = _RESOURCE.fullmatch(request["ResourceId"])
        if not found:
            raise ValidationError(
                f"Unsupported resource type: {request['ResourceId']}; must be "
                "endpoint/NAME/variant/NAME."
            )
        return cls(*found.groups())


class ScalableTargets:
    """The API's operations on scalable targets."""

    def __init__(self, context: Context, endpoints: Endpoints) -> None:
        self._context = context
        self._endpoints = endpoints
        self._store = Store("Scalable target")

    @property
    def stores(self) -> tuple[Store, ...]:
        """Where its records are."""
        return (self._store,)

    def register(self, request: Record) -> Record:
        """Register a variant, or change the limits of one that is registered."""
        resource = Resource.of(request)
        self._check_exists(resource)
        known = self.find(request) or {}
        role = (
            f"arn:aws:iam::{self._context.account_id}:role/aws-service-role/"
            "sagemaker.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
        )
        record = {
            "RoleARN": role,
            "SuspendedState": _ACTIVE,
            "ScalableTargetARN": self._arn(secrets.token_hex(16)),
            **known,
            **request,
        }
        record["SuspendedState"] = {**_ACTIVE, **record["SuspendedState"]}
        _check_limits(record)
        if known:
            self._store.update(known, **record)
        else:
            self._store.add(request["ResourceId"], record, record["ScalableTargetARN"])
        return {"ScalableTargetARN": record["ScalableTargetARN"]}

    def describe(self, request: Record) -> Record:
        """The registered targets, a page at a time."""
        wanted = request.get("ResourceIds")
        records = [record for record in self._store if not wanted or record["ResourceId"] in wanted]
        found, token = page(records, request)
        return {"ScalableTargets": found, "NextToken": token}

    def remove(self, request: Record) -> None:
        """Forget a target."""
        self.get(request)
        self._store.remove(request["ResourceId"])

    def get(self, request: Record) -> Record:
        """The target of a request.

        Raises:
            ObjectNotFound: If it is not registered.
        """
        record = self.find(request)
        if record is None:
            raise ObjectNotFound(
                "No scalable target registered for service namespace: "
                f"{request['ServiceNamespace']}, resource ID: {request['ResourceId']}, scalable "
                f"dimension: {request['ScalableDimension']}"
            )
        return record

    def find(self, request: Record) -> Record | None:
        """The target of a request, or None."""
        Resource.of(request)
        name = request["ResourceId"]
        return self._store.get(name) if name in self._store else None

    def arn(self, request: Record) -> str:
        """What IAM's policies call the target of a request, which need not be valid yet."""
        for record in self._store:
            if record["ResourceId"] == request.get("ResourceId"):
                return str(record["ScalableTargetARN"])
        return self._arn("*")

    def all(self) -> list[Record]:
        """Every target."""
        return list(self._store)

    def variants(self, endpoint: str) -> set[str]:
        """The names of an endpoint's variants that are registered."""
        resources = [Resource.of(record) for record in self._store]
        return {resource.variant for resource in resources if resource.endpoint == endpoint}

    def _arn(self, identity: str) -> str:
        return (
            f"arn:aws:application-autoscaling:{self._context.region}:{self._context.account_id}:"
            f"scalable-target/{identity}"
        )

    def _check_exists(self, resource: Resource) -> None:
        try:
            described = self._endpoints.describe({"EndpointName": resource.endpoint})
        except ServiceError as error:
            raise ValidationError(str(error)) from error
        for summary in described.get("ProductionVariants", []):
            if summary["VariantName"] == resource.variant:
                if "CurrentServerlessConfig" in summary:
                    raise ValidationError(
                        f"Variant {resource.variant} is serverless; it has no {_DIMENSION}."
                    )
                return
        raise ValidationError(
            f'Could not find production variant "{resource.variant}" of endpoint '
            f'"{resource.endpoint}".'
        )


def _check_limits(record: Record) -> None:
    for limit in ("MinCapacity", "MaxCapacity"):
        if limit not in record:
            raise ValidationError(f"{limit} is required to register a new scalable target.")
    low, high = record["MinCapacity"], record["MaxCapacity"]
    if low < 0 or high < low:
        raise ValidationError(
            f"MinCapacity must be at least 0 and MaxCapacity at least MinCapacity; got {low} and "
            f"{high}."
        )
