"""Starts the servers of an endpoint configuration.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-deploy-models.html
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure, ServiceError
from rehearsal.sagemaker.hosting.serverless import ServerlessServer
from rehearsal.sagemaker.hosting.serving import START_SECONDS, Server, start_variant
from rehearsal.sagemaker.hosting.variants import Fleet, Variant
from rehearsal.sagemaker.hosting.watched_server import WatchedServer
from rehearsal.sagemaker.models.models import Models
from rehearsal.sagemaker.roles import Role

NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)


class Fleets:
    """Makes fleets of a configuration's variants."""

    def __init__(self, context: Context, models: Models) -> None:
        self._context = context
        self._models = models

    def containers(self, config: Record) -> dict[str, Record]:
        """The container of each variant, by the variant's name.

        Raises:
            ValidationError: If a model is gone.
        """
        return {
            variant["VariantName"]: self._models.container(variant["ModelName"])
            for variant in all_variants(config)
        }

    def role(self, containers: Mapping[str, Record]) -> Role:
        """The execution role of the endpoint, which is its first model's.

        Raises:
            ValidationError: If SageMaker cannot assume it.
        """
        return self._context.role(next(iter(containers.values()))["ExecutionRoleArn"])

    def provision(self, endpoint: str) -> None:
        """Ask for an endpoint's instances.

        Raises:
            JobFailure: If there are none.
        """
        if self._context.faults.strike("refuse-capacity", endpoint):
            raise JobFailure(NO_CAPACITY)

    def start(
        self,
        endpoint: str,
        config: Record,
        containers: Mapping[str, Record],
        retained: Mapping[str, Record],
    ) -> Fleet:
        """Start every variant, and wait until each answers `/ping`.

        Args:
            endpoint: The endpoint's name.
            config: The endpoint configuration's record.
            containers: The container of each variant, by the variant's name.
            retained: The DesiredWeight and the DesiredInstanceCount that variants keep.

        Raises:
            JobFailure: If one does not start; none is left running then.
        """
        wanted = all_variants(config)
        if any("InstanceType" in variant for variant in wanted):
            self.provision(endpoint)

        def begin(variant: Record) -> Variant:
            return self._start(endpoint, variant, containers[variant["VariantName"]])

        variants, problems = _all(begin, wanted)
        for variant in variants:
            kept = retained.get(variant.name, {})
            variant.weight = kept.get("DesiredWeight", variant.weight)
            variant.instances = kept.get("DesiredInstanceCount", variant.instances)
        named = {variant.name: variant for variant in variants}
        shadows = {item["VariantName"] for item in config.get("ShadowProductionVariants", [])}
        fleet = Fleet(
            config,
            {name: variant for name, variant in named.items() if name not in shadows},
            {name: variant for name, variant in named.items() if name in shadows},
        )
        if problems:
            fleet.stop()
            raise problems[0]
        return fleet

    def _start(self, endpoint: str, wanted: Record, container: Record) -> Variant:
        name = wanted["VariantName"]
        server: Server
        try:
            if "ServerlessConfig" in wanted:
                server = ServerlessServer(
                    self._context, endpoint, name, container, wanted["ServerlessConfig"]
                )
            else:
                limit = wanted.get("ContainerStartupHealthCheckTimeoutInSeconds", START_SECONDS)
                server = WatchedServer(
                    partial(start_variant, self._context, endpoint, name, container, limit)
                )
        except JobFailure as failure:
            raise JobFailure(
                f"The primary container for production variant {name} {failure}"
            ) from failure
        except ServiceError as error:
            raise JobFailure(str(error)) from error
        return Variant(
            name,
            server,
            wanted.get("InitialVariantWeight", 1.0),
            wanted.get("InitialInstanceCount", 0),
            wanted["ModelName"],
        )


def all_variants(config: Record) -> list[Record]:
    """The production variants of a configuration, and its shadow variants after them."""
    return [*config["ProductionVariants"], *config.get("ShadowProductionVariants", [])]


def _all(
    begin: Callable[[Record], Variant], wanted: list[Record]
) -> tuple[list[Variant], list[BaseException]]:
    with ThreadPoolExecutor(len(wanted)) as pool:
        futures = [pool.submit(begin, variant) for variant in wanted]
    problems = [problem for future in futures if (problem := future.exception())]
    return [future.result() for future in futures if not future.exception()], problems
