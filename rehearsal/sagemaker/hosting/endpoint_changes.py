"""What happens to an endpoint after its request was accepted, until it is in service again.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
"""

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.errors import JobFailure, ServiceError
from rehearsal.sagemaker.hosting.alarms import Alarms
from rehearsal.sagemaker.hosting.deployment import Deployment, RollbackFailure
from rehearsal.sagemaker.hosting.endpoint_summaries import in_force, new_variant, staged
from rehearsal.sagemaker.hosting.endpoint_usage import of_fleet
from rehearsal.sagemaker.hosting.fleets import Fleets, all_variants
from rehearsal.sagemaker.hosting.traffic import Plan
from rehearsal.sagemaker.hosting.variants import Endpoint
from rehearsal.sagemaker.quotas import Quotas

TRANSITIONAL = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Target:
    """What an endpoint is to become.

    Attributes:
        config: The endpoint configuration's record.
        containers: The container of each variant, by the variant's name.
        retained: The DesiredWeight and DesiredInstanceCount that variants keep, by their names.
        plan: How the traffic shifts.
        alarms: The names of the alarms that roll the update back.
    """

    config: Record
    containers: Mapping[str, Record]
    retained: Mapping[str, Record]
    plan: Plan
    alarms: Alarms

    def summaries(self) -> dict[str, Record]:
        """The summary of each variant, whose server is not there yet."""
        return {
            wanted["VariantName"]: new_variant(
                wanted,
                self.containers[wanted["VariantName"]],
                self.retained.get(wanted["VariantName"], {}),
            )
            for wanted in all_variants(self.config)
        }


class EndpointChanges:
    """Works on endpoints in the background."""

    def __init__(self, store: Store, fleets: Fleets, quotas: Quotas) -> None:
        self._store = store
        self._fleets = fleets
        self._quotas = quotas
        self._changed = threading.Condition()

    def deploy(self, endpoint: Endpoint, target: Target, on_failure: str) -> None:
        """Start a fleet and shift the traffic to it, in the background."""
        self._begin(endpoint, lambda: self._deploy(endpoint, target), on_failure)

    def rescale(self, endpoint: Endpoint, wanted: Mapping[str, Record], grows: bool) -> None:
        """Change weights and instance counts of variants, in the background."""
        self._begin(endpoint, lambda: self._rescale(endpoint, wanted, grows), "InService")

    def delete(self, endpoint: Endpoint) -> None:
        """Stop an endpoint after its last answers and forget it, in the background."""

        def work() -> None:
            endpoint.stop()
            self._quotas.release(endpoint.record["EndpointArn"])
            with self._changed:
                self._store.remove(endpoint.record["EndpointName"])
                self._store.update(endpoint.record, EndpointStatus="Deleted")
                self._changed.notify_all()

        threading.Thread(target=work, daemon=True).start()

    def wait(self, record: Record) -> None:
        """Block until an endpoint is what it was asked to be, or has failed."""
        with self._changed:
            self._changed.wait_for(lambda: record["EndpointStatus"] not in TRANSITIONAL)

    def _begin(self, endpoint: Endpoint, work: Callable[[], Record], on_failure: str) -> None:
        def attempt() -> None:
            try:
                changes = {"EndpointStatus": "InService", "FailureReason": None, **work()}
            except RollbackFailure as failure:
                changes = {"EndpointStatus": "UpdateRollbackFailed", "FailureReason": str(failure)}
            except JobFailure as failure:
                changes = {"EndpointStatus": on_failure, "FailureReason": str(failure)}
            except Exception:
                _LOG.exception("Endpoint %s", endpoint.record["EndpointName"])
                reason = "InternalServerError: see the rehearsal account's log."
                changes = {"EndpointStatus": on_failure, "FailureReason": reason}
            if changes["EndpointStatus"] != "UpdateRollbackFailed":  # which needs both fleets
                with suppress(ServiceError):  # the quota may be lower now than at the last start
                    self._quotas.claim(endpoint.record["EndpointArn"], of_fleet(endpoint.fleet))
            with self._changed:
                self._store.update(endpoint.record, PendingDeploymentSummary=None, **changes)
                self._changed.notify_all()

        threading.Thread(target=attempt, daemon=True).start()

    def _deploy(self, endpoint: Endpoint, target: Target) -> Record:
        name = endpoint.record["EndpointName"]
        summaries = target.summaries()
        started = now()

        def report(status: str, share: float) -> None:
            pending = {key: staged(item, status, share) for key, item in summaries.items()}
            shadows = {
                item["VariantName"] for item in target.config.get("ShadowProductionVariants", [])
            }
            summary = {
                "EndpointConfigName": target.config["EndpointConfigName"],
                "StartTime": started,
                "ProductionVariants": [pending[key] for key in pending if key not in shadows],
                "ShadowProductionVariants": [pending[key] for key in shadows] or None,
            }
            self._store.update(endpoint.record, PendingDeploymentSummary=summary)

        report("Creating", 0.0)
        fleet = self._fleets.start(name, target.config, target.containers, target.retained)
        deployment = Deployment(
            endpoint, target.plan, target.alarms, lambda: self._fleets.provision(name), report
        )
        endpoint.retire(deployment.run(fleet))
        # What it takes to start it again; the configuration and the models may be deleted.
        kept = {"Config": target.config, "Containers": dict(target.containers)}
        return {**kept, **in_force(fleet, summaries)}

    def _rescale(self, endpoint: Endpoint, wanted: Mapping[str, Record], grows: bool) -> Record:
        if grows:
            try:
                self._fleets.provision(endpoint.record["EndpointName"])
            except JobFailure:
                self._store.update(endpoint.record, EndpointStatus="RollingBack")
                raise
        members = endpoint.fleet.members()
        for name, change in wanted.items():
            variant = members[name]
            variant.weight = change.get("DesiredWeight", variant.weight)
            variant.instances = change.get("DesiredInstanceCount", variant.instances)
        record = endpoint.record
        kinds = ("ProductionVariants", "ShadowProductionVariants")
        known = {item["VariantName"]: item for kind in kinds for item in record.get(kind) or []}
        return in_force(endpoint.fleet, known)
