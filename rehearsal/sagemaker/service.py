"""The service as a whole: from a request on the wire to an answer on the wire."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from rehearsal.sagemaker.api import kept_state, tags
from rehearsal.sagemaker.api.api_model import modelled, narrowed, service_model, shaped
from rehearsal.sagemaker.api.authorization import require
from rehearsal.sagemaker.api.list_order import ordered
from rehearsal.sagemaker.api.store import Record, Store
from rehearsal.sagemaker.api.validation import validate
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ServiceError, Throttling, UnknownOperation, ValidationError
from rehearsal.sagemaker.hosting.endpoint_configs import EndpointConfigs
from rehearsal.sagemaker.hosting.endpoints import Endpoints
from rehearsal.sagemaker.jobs.jobs import Jobs
from rehearsal.sagemaker.models.algorithms import Algorithms
from rehearsal.sagemaker.models.model_packages import ModelPackages
from rehearsal.sagemaker.models.models import Models
from rehearsal.sagemaker.processing.processing_jobs import ProcessingJobs
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.runtime.runtime import Response, Runtime
from rehearsal.sagemaker.training.algorithm_training import AlgorithmTrainingJobs
from rehearsal.sagemaker.transform.transform_jobs import TransformJobs
from rehearsal.sagemaker.tuning.tuning_jobs import TuningJobs

_TARGET = "SageMaker."


class SageMaker:
    """Amazon SageMaker's control plane and runtime for one account in one region.

    Attributes:
        jobs: The kinds of job, by the word in their operations' names (`TrainingJob`, ...).
        endpoints: The endpoints, for those who wait for one.
        runtime: Answers the requests for inferences.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        algorithms = Algorithms(context)
        packages = ModelPackages(context, algorithms)
        models = Models(context, packages)
        configs = EndpointConfigs(context, models)
        self.endpoints = Endpoints(context, models, configs)
        self.runtime = Runtime(context, self.endpoints)
        trainings = AlgorithmTrainingJobs(context, algorithms)
        kinds: list[Jobs] = [
            trainings,
            TuningJobs(context, trainings, algorithms),
            ProcessingJobs(context),
            TransformJobs(context, models),
        ]
        self.jobs = {jobs.kind: jobs for jobs in kinds}
        self._resources: list[Resource] = [
            algorithms,
            packages.groups,
            packages,
            models,
            configs,
            self.endpoints,
            *kinds,
        ]
        self._operations: Operations = {
            name: function
            for resource in [*self._resources, tags.Tags(self._resources)]
            for name, function in resource.operations().items()
        }

    def come_to_rest(self) -> None:
        """End what runs, because the account stops."""
        for resource in self._resources:
            resource.come_to_rest()
        self.runtime.flush()

    def state(self) -> Record:
        """Every record, as JSON."""
        return kept_state.dump(self._stores())

    def restore(self, state: Record) -> None:
        """Go on from what `state` gave, with no request before it."""
        kept_state.load(self._stores(), state)
        for resource in self._resources:
            resource.resume()

    def _stores(self) -> list[Store]:
        return [store for resource in self._resources for store in resource.stores]

    def call(self, operation: str, request: Record) -> Record:
        """One operation of the API, from request to answer, both as JSON-like values.

        Raises:
            ServiceError: As the service answers it.
        """
        if operation not in self._operations:
            raise UnknownOperation(f"{operation} is not available in the rehearsal.")
        model = service_model().operation_model(operation)
        validate(model, request)
        known = ordered(operation, narrowed(model.input_shape, request))
        tags.check(known.get("Tags", []))
        try:
            answer = self._operations[operation](known)
        except ServiceError as error:
            raise modelled(model, error) from error
        shown: Record = shaped(model.output_shape, answer)
        return shown

    async def handle_request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query_params: Mapping[str, Any],
    ) -> Response:
        """Answer one HTTP request without holding up the event loop, if there is one here."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self.respond(method, path, headers, body)
        return await asyncio.to_thread(self.respond, method, path, headers, body)

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one HTTP request: JSON 1.1 for the control plane, REST for the runtime."""
        target = headers.get("x-amz-target", "")
        if not target.startswith(_TARGET):
            return self.runtime.respond(method, path, headers, body)
        try:
            operation, request = target.removeprefix(_TARGET), _parsed(body)
            self._admit(headers, operation, request)
            answer = self.call(operation, request)
        except ServiceError as error:
            return _error(error)
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    def _admit(self, headers: Mapping[str, str], operation: str, request: Record) -> None:
        if self._context.faults.strike("throttle", operation):
            raise Throttling("Rate exceeded")
        authorizer = self._context.authorizer
        require(authorizer, authorizer.caller(headers), operation, request, self._context.arn)


def _parsed(body: bytes) -> Record:
    try:
        request = json.loads(body or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"The request is no JSON: {error}") from error
    if not isinstance(request, dict):
        raise ValidationError("The request must be a JSON object.")
    return request


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _error(error: ServiceError) -> Response:
    document: dict[str, Any] = {"__type": error.code, "message": str(error), "Message": str(error)}
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": error.code}
    return error.status, headers, json.dumps(document).encode()
