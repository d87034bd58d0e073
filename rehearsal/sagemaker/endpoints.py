"""Endpoints: model servers behind weights.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints.html
"""

import logging
import threading
from typing import Any

from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.endpoint_configs import EndpointConfigs
from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.models import Models
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.serving import ModelServer
from rehearsal.sagemaker.store import Record, Store, now, page
from rehearsal.sagemaker.variants import Endpoint, Variant, stop

_LOG = logging.getLogger(__name__)


class Endpoints(Resource):
    """The API's operations on endpoints."""

    def __init__(self, context: Context, models: Models, configs: EndpointConfigs) -> None:
        self._context = context
        self._models = models
        self._configs = configs
        self._store = Store("Endpoint")
        self._endpoints: dict[str, Endpoint] = {}
        self._changed = threading.Condition()

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            "CreateEndpoint": self.create,
            "DescribeEndpoint": self.describe,
            "ListEndpoints": self.list_page,
            "UpdateEndpoint": self.update,
            "UpdateEndpointWeightsAndCapacities": self.update_weights,
            "DeleteEndpoint": self.delete,
        }

    def create(self, request: Record) -> Record:
        """Start the configuration's servers in the background."""
        name = request["EndpointName"]
        config = self._configs.describe(request)
        containers = self._containers(config)
        arn = self._context.arn(f"endpoint/{name.lower()}")
        record = {**request, "EndpointArn": arn, "EndpointStatus": "Creating"}
        endpoint = Endpoint(self._store.add(name, record, arn))
        self._endpoints[name] = endpoint
        self._deploy(endpoint, config, containers, {}, on_failure="Failed")
        return {"EndpointArn": arn}

    def describe(self, request: Record) -> Record:
        """The endpoint, with the weights in force."""
        record = self._record(request["EndpointName"])
        variants = self._endpoints[request["EndpointName"]].variants.values()
        return {**record, "ProductionVariants": [_summary(variant) for variant in variants]}

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        found, token = page(
            list(self._store), request, name_key="EndpointName", status_key="EndpointStatus"
        )
        return {"Endpoints": found, "NextToken": token}

    def update(self, request: Record) -> Record:
        """Blue/green: new servers must be healthy before the old ones lose their traffic."""
        endpoint = self._in_service(request["EndpointName"])
        config = self._configs.describe(request)
        containers = self._containers(config)
        kept: dict[str, float] = {}
        if request.get("RetainAllVariantProperties"):
            excluded = {
                item["VariantPropertyType"]
                for item in request.get("ExcludeRetainedVariantProperties", [])
            }
            if "DesiredWeight" not in excluded:
                kept = {name: variant.weight for name, variant in endpoint.variants.items()}
        self._store.update(endpoint.record, EndpointStatus="Updating")
        self._deploy(endpoint, config, containers, kept, on_failure="InService")
        return {"EndpointArn": endpoint.record["EndpointArn"]}

    def update_weights(self, request: Record) -> Record:
        """Change the share of the traffic of variants, at once."""
        endpoint = self._in_service(request["EndpointName"])
        changes = {item["VariantName"]: item for item in request["DesiredWeightsAndCapacities"]}
        for name in changes:
            endpoint.choose(name)
        for name, change in changes.items():
            variant = endpoint.variants[name]
            variant.weight = change.get("DesiredWeight", variant.weight)
            variant.instances = change.get("DesiredInstanceCount", variant.instances)
        self._store.update(endpoint.record)
        return {"EndpointArn": endpoint.record["EndpointArn"]}

    def delete(self, request: Record) -> Record:
        """Stop the servers and forget the endpoint."""
        self._record(request["EndpointName"])
        self._store.remove(request["EndpointName"])
        endpoint = self._endpoints.pop(request["EndpointName"])
        stop(endpoint.variants)
        return {}

    def serving(self, name: str) -> Endpoint:
        """The endpoint that answers InvokeEndpoint.

        Raises:
            ValidationError: If it does not exist or cannot answer yet.
        """
        if name not in self._store:
            raise ValidationError(
                f"Endpoint {name} of account {self._context.account_id} not found."
            )
        endpoint = self._endpoints[name]
        if not endpoint.variants:
            raise ValidationError(
                f"Endpoint {name} of account {self._context.account_id} is in status "
                f"{endpoint.record['EndpointStatus']} and cannot be invoked."
            )
        return endpoint

    def wait(self, name: str) -> Record:
        """Block until an endpoint is neither Creating nor Updating, and return its record."""
        record = self._record(name)
        with self._changed:
            self._changed.wait_for(lambda: record["EndpointStatus"] not in ("Creating", "Updating"))
        return record

    def _record(self, name: str) -> Record:
        return self._store.get(name, self._context.arn(f"endpoint/{name.lower()}"))

    def _in_service(self, name: str) -> Endpoint:
        record = self._record(name)
        if record["EndpointStatus"] != "InService":
            raise ValidationError(
                f"Cannot update in-progress endpoint {record['EndpointArn']!r}: its status is "
                f"{record['EndpointStatus']}."
            )
        return self._endpoints[name]

    def _containers(self, config: Record) -> dict[str, Record]:
        return {
            variant["VariantName"]: self._models.container(variant["ModelName"])
            for variant in config["ProductionVariants"]
        }

    def _deploy(
        self,
        endpoint: Endpoint,
        config: Record,
        containers: dict[str, Record],
        weights: dict[str, float],
        on_failure: str,
    ) -> None:
        threading.Thread(
            target=self._switch,
            args=(endpoint, config, containers, weights, on_failure),
            daemon=True,
        ).start()

    def _switch(
        self,
        endpoint: Endpoint,
        config: Record,
        containers: dict[str, Record],
        weights: dict[str, float],
        on_failure: str,
    ) -> None:
        record = endpoint.record
        started: dict[str, Variant] = {}
        try:
            for wanted in config["ProductionVariants"]:
                variant = self._start(record["EndpointName"], wanted, containers, weights)
                started[variant.name] = variant
        except JobFailure as failure:
            stop(started)
            changes: dict[str, Any] = {"EndpointStatus": on_failure, "FailureReason": str(failure)}
        except Exception:
            _LOG.exception("Endpoint %s", record["EndpointName"])
            stop(started)
            reason = "InternalServerError: see the rehearsal account's log."
            changes = {"EndpointStatus": on_failure, "FailureReason": reason}
        else:
            endpoint.replace(started)
            record.pop("FailureReason", None)
            changes = {
                "EndpointStatus": "InService",
                "EndpointConfigName": config["EndpointConfigName"],
            }
        if self._endpoints.get(record["EndpointName"]) is not endpoint:
            stop(endpoint.variants)  # deleted while it was starting
        with self._changed:
            self._store.update(record, **changes)
            self._changed.notify_all()

    def _start(
        self,
        endpoint: str,
        wanted: Record,
        containers: dict[str, Record],
        weights: dict[str, float],
    ) -> Variant:
        name = wanted["VariantName"]
        stamp = f"{now():%Y%m%d%H%M%S%f}"
        role = self._context.role(containers[name]["ExecutionRoleArn"])
        try:
            server = ModelServer(
                self._context,
                role,
                f"{endpoint}/{name}/{stamp}",
                containers[name],
                f"/aws/sagemaker/Endpoints/{endpoint}",
            )
        except JobFailure as failure:
            raise JobFailure(
                f"The primary container for production variant {name} {failure}"
            ) from failure
        weight = weights[name] if name in weights else wanted.get("InitialVariantWeight", 1.0)
        return Variant(name, server, weight, wanted["InitialInstanceCount"], wanted["ModelName"])


def _summary(variant: Variant) -> Record:
    return {
        "VariantName": variant.name,
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight,
        "CurrentInstanceCount": variant.instances,
        "DesiredInstanceCount": variant.instances,
    }
