"""Application Auto Scaling as a service of the account.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html
"""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, StructureShape

from rehearsal.autoscaling.policies import ScalingPolicies
from rehearsal.autoscaling.targets import ScalableTargets
from rehearsal.autoscaling.tracking import Tracking
from rehearsal.sagemaker.api import json_protocol, kept_state
from rehearsal.sagemaker.api.api_model import narrowed, shaped
from rehearsal.sagemaker.api.json_protocol import Response, answered, parsed, refused
from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.api.validation import validate
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import AccessDenied, ServiceError, UnknownOperation
from rehearsal.sagemaker.hosting.endpoints import Endpoints

TARGET_PREFIX = "AnyScaleFrontendService"

_NAME = "application-autoscaling"


class ApplicationAutoScaling:
    """Scales the instances of production variants, which it must be told of."""

    def __init__(self, context: Context, endpoints: Endpoints) -> None:
        targets = ScalableTargets(context, endpoints)
        policies = ScalingPolicies(context, targets)
        tracking = Tracking(context, endpoints, targets, policies)
        endpoints.scaled = targets.variants
        self._context = context
        self._targets = targets
        self._operations = {
            "RegisterScalableTarget": tracking.register_target,
            "DescribeScalableTargets": targets.describe,
            "DeregisterScalableTarget": policies.deregister_target,
            "PutScalingPolicy": policies.put,
            "DescribeScalingPolicies": policies.describe,
            "DeleteScalingPolicy": policies.delete,
            "DescribeScalingActivities": tracking.describe,
        }
        self._stores = (*targets.stores, *policies.stores, *tracking.stores)
        tracking.start()

    def state(self) -> Record:
        """Every record, as JSON."""
        return kept_state.dump(self._stores)

    def restore(self, state: Record) -> None:
        """Go on from what `state` gave, with no request before it."""
        kept_state.load(self._stores, state)

    def call(self, operation: str, request: Record) -> Record:
        """One operation of the API, from request to answer, both as JSON-like values.

        Raises:
            ServiceError: As the service answers it.
        """
        if operation not in self._operations:
            raise UnknownOperation(f"{operation} is not available in the rehearsal.")
        model = _service_model().operation_model(operation)
        validate(model, request)
        known = narrowed(model.input_shape, request)
        answer: Record = shaped(model.output_shape, self._operations[operation](known))
        return answer

    async def handle_request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
    ) -> Response:
        """Answer one HTTP request without holding up the event loop."""
        return await asyncio.to_thread(self._respond, headers, body)

    def _respond(self, headers: Mapping[str, str], body: bytes) -> Response:
        try:
            operation, request = json_protocol.operation_of(headers, TARGET_PREFIX), parsed(body)
            self._admit(headers, operation, request)
            return answered(self.call(operation, request))
        except ServiceError as error:
            return refused(error)

    def _admit(self, headers: Mapping[str, str], operation: str, request: Record) -> None:
        """Refuse a caller that lacks the operation's permission.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html
        """
        resource = "*" if operation.startswith("Describe") else self._targets.arn(request)
        authorizer = self._context.authorizer
        reason = authorizer.denial(authorizer.caller(headers), f"{_NAME}:{operation}", resource, {})
        if reason:
            raise AccessDenied(reason)


def input_shape(operation: str) -> StructureShape:
    """The members of an operation's request."""
    shape = _service_model().operation_model(operation).input_shape
    assert shape is not None, f"{operation} takes no request"
    return shape


@cache
def _service_model() -> ServiceModel:
    return botocore.session.get_session().get_service_model(_NAME)
