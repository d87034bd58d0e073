"""Endpoints: model servers behind weights.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints.html
"""

import threading
from collections.abc import Callable

from rehearsal.sagemaker.api.store import Record, Store, page
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ServiceError, ValidationError
from rehearsal.sagemaker.hosting.alarms import Alarms
from rehearsal.sagemaker.hosting.endpoint_changes import TRANSITIONAL, EndpointChanges, Target
from rehearsal.sagemaker.hosting.endpoint_configs import EndpointConfigs
from rehearsal.sagemaker.hosting.endpoint_rules import (
    check_capacity,
    check_names,
    check_scaled,
    retained,
)
from rehearsal.sagemaker.hosting.endpoint_usage import of_config, of_fleet
from rehearsal.sagemaker.hosting.fleets import Fleets
from rehearsal.sagemaker.hosting.traffic import plan
from rehearsal.sagemaker.hosting.variants import Endpoint
from rehearsal.sagemaker.models.models import Models
from rehearsal.sagemaker.resource import Operations, Resource

_UPDATABLE = ("InService", "UpdateRollbackFailed")


class Endpoints(Resource):
    """The API's operations on endpoints.

    Attributes:
        scaled: Answers which variants of an endpoint are scalable targets, by its name.
    """

    def __init__(self, context: Context, models: Models, configs: EndpointConfigs) -> None:
        self._context = context
        self._configs = configs
        self._store = Store("Endpoint")
        self._fleets = Fleets(context, models)
        self._changes = EndpointChanges(self._store, self._fleets, context.quotas)
        self._endpoints: dict[str, Endpoint] = {}
        self._changing = threading.Lock()
        self.scaled: Callable[[str], set[str]] = lambda name: set()

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
        target = self._target(request, {}, {})
        arn = self._context.arn(f"endpoint/{name.lower()}")
        record = {
            **request,
            "EndpointArn": arn,
            "EndpointStatus": "Creating",
            "LastDeploymentConfig": request.get("DeploymentConfig"),
        }
        with self._changing:
            endpoint = Endpoint(self._store.add(name, record, arn))
            try:
                self._context.quotas.claim(arn, of_config(target.config, {}))
            except ServiceError:
                self._store.remove(name)
                raise
            self._endpoints[name] = endpoint
        self._changes.deploy(endpoint, target, on_failure="Failed")
        return {"EndpointArn": arn}

    def describe(self, request: Record) -> Record:
        """The endpoint, with the weights in force."""
        return dict(self._record(request["EndpointName"]))

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        found, token = page(
            list(self._store), request, name_key="EndpointName", status_key="EndpointStatus"
        )
        return {"Endpoints": [dict(record) for record in found], "NextToken": token}

    def update(self, request: Record) -> Record:
        """Blue/green: new servers must be healthy before the old ones lose their traffic.

        The configuration in force must still exist: whoever deletes it cannot update the endpoint
        any more (https://github.com/hashicorp/terraform-provider-aws/issues/48997).
        """
        with self._changing:
            endpoint = self._updatable(request["EndpointName"], _UPDATABLE)
            record = endpoint.record
            self._configs.describe(record)
            deployment = request.get("DeploymentConfig")
            if not deployment and request.get("RetainDeploymentConfig"):
                deployment = record.get("LastDeploymentConfig")
            target = self._target(request, retained(endpoint, request), deployment or {})
            if deployment:
                check_names(endpoint, target.config)
            check_scaled(endpoint, target.config, self.scaled(record["EndpointName"]))
            batch = target.plan.shares[0] if target.plan.rolling else 1.0
            more = of_config(target.config, target.retained, batch)
            self._context.quotas.claim(record["EndpointArn"], of_fleet(endpoint.fleet) + more)
            self._store.update(
                record,
                EndpointStatus="Updating",
                LastDeploymentConfig=deployment or record.get("LastDeploymentConfig"),
            )
        self._changes.deploy(endpoint, target, on_failure="InService")
        return {"EndpointArn": record["EndpointArn"]}

    def update_weights(self, request: Record) -> Record:
        """Change the share of the traffic and the instances of variants."""
        wanted = {item["VariantName"]: item for item in request["DesiredWeightsAndCapacities"]}
        with self._changing:
            endpoint = self._updatable(request["EndpointName"], ("InService",))
            growing = [check_capacity(endpoint, name, item) for name, item in wanted.items()]
            arn = endpoint.record["EndpointArn"]
            self._context.quotas.claim(arn, of_fleet(endpoint.fleet, wanted))
            self._store.update(endpoint.record, EndpointStatus="Updating")
        self._changes.rescale(endpoint, wanted, any(growing))
        return {"EndpointArn": arn}

    def delete(self, request: Record) -> Record:
        """Stop the servers and forget the endpoint, in the background."""
        with self._changing:
            record = self._record(request["EndpointName"])
            if record["EndpointStatus"] in TRANSITIONAL:
                raise _in_progress(record)
            self._store.update(record, EndpointStatus="Deleting")
            endpoint = self._endpoints.pop(request["EndpointName"])
        self._changes.delete(endpoint)
        return {}

    def serving(self, name: str) -> Endpoint:
        """The endpoint that answers InvokeEndpoint.

        Raises:
            ValidationError: If it does not exist or cannot answer yet.
        """
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            raise ValidationError(
                f"Endpoint {name} of account {self._context.account_id} not found."
            )
        if not endpoint.variants:
            raise ValidationError(
                f"Endpoint {name} of account {self._context.account_id} is in status "
                f"{endpoint.record['EndpointStatus']} and cannot be invoked."
            )
        return endpoint

    def wait(self, name: str) -> Record:
        """Block until an endpoint is what it was asked to be, and return its record."""
        record = self._record(name)
        self._changes.wait(record)
        return record

    def wait_until_deleted(self, name: str) -> None:
        """Block until an endpoint that is being deleted is gone."""
        if name in self._store:
            self.wait(name)

    def resume(self) -> None:
        """Start the servers of every endpoint again, in the background."""
        for record in self._store:
            if record["EndpointStatus"] == "Deleting":
                self._store.remove(record["EndpointName"])
                continue
            endpoint = self._endpoints[record["EndpointName"]] = Endpoint(record)
            if "Config" in record:
                kept = {item["VariantName"]: item for item in record["ProductionVariants"]}
                self._store.update(record, EndpointStatus="SystemUpdating")
                self._changes.deploy(endpoint, self._same(record, kept), on_failure="Failed")
            elif record["EndpointStatus"] != "Failed":
                reason = "InternalServerError: the rehearsal account ended before it was ready."
                self._store.update(record, EndpointStatus="Failed", FailureReason=reason)

    def _same(self, record: Record, kept: dict[str, Record]) -> Target:
        config, containers = record["Config"], record["Containers"]
        unwatched = Alarms(self._fleets.role(containers), [])
        return Target(config, containers, kept, plan({}, config), unwatched)

    def _record(self, name: str) -> Record:
        return self._store.get(name, self._context.arn(f"endpoint/{name.lower()}"))

    def _updatable(self, name: str, statuses: tuple[str, ...]) -> Endpoint:
        record = self._record(name)
        if record["EndpointStatus"] in TRANSITIONAL:
            raise _in_progress(record)
        if record["EndpointStatus"] not in statuses:
            raise ValidationError(
                f'Cannot update endpoint "{record["EndpointArn"]}" in status '
                f"{record['EndpointStatus']}; it must be {' or '.join(statuses)}."
            )
        return self._endpoints[name]

    def _target(self, request: Record, kept: dict[str, Record], deployment: Record) -> Target:
        config = self._configs.describe(request)
        containers = self._fleets.containers(config)
        alarms = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        names = [alarm.get("AlarmName", "") for alarm in alarms]
        if "" in names:
            raise ValidationError(
                "DeploymentConfig.AutoRollbackConfiguration.Alarms: each must have an AlarmName."
            )
        watched = Alarms(self._fleets.role(containers), names)
        watched.check()
        return Target(config, containers, kept, plan(deployment, config), watched)


def _in_progress(record: Record) -> ValidationError:
    return ValidationError(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
