"""The endpoint of a rollout: the weights of champion and challenger, and the alarms on them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from evaluation.errors import EvaluationError, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_sagemaker import SageMakerClient

_POLL_SECONDS = 1.0
_LONGEST_SECONDS = 600.0


@dataclass(frozen=True)
class Serving:
    """An endpoint as it is: its configuration, and the weight of each variant."""

    configuration: str
    weights: Mapping[str, float]


class RolloutEndpoint:
    """Shifts traffic between two variants."""

    def __init__(
        self,
        endpoint: str,
        champion: str,
        challenger: str,
        *,
        sagemaker: "SageMakerClient | None" = None,
        cloudwatch: "CloudWatchClient | None" = None,
    ) -> None:
        """Work on an endpoint, with the names of its two variants."""
        self._endpoint = endpoint
        self._champion = champion
        self._challenger = challenger
        self._sagemaker = sagemaker or boto3.client("sagemaker")
        self._cloudwatch = cloudwatch or boto3.client("cloudwatch")

    def weights(self, percentage: float) -> dict[str, float]:
        """Return the weights by which the challenger gets so many percent, the champion first."""
        return {self._champion: 100.0 - percentage, self._challenger: float(percentage)}

    def check(self, percentage: float, configuration: str) -> None:
        """Make sure that nobody else has changed the endpoint in the middle of a step.

        Raises:
            EvaluationError: If it has other weights than the step's, or another configuration.
        """
        serving = self.serving()
        if serving.configuration != configuration:
            raise EvaluationError(
                f"endpoint {self._endpoint} was deployed during the rollout: it runs "
                f"{serving.configuration}, not {configuration}; abort, and start again"
            )
        wanted = self.weights(percentage)
        if not _same(serving.weights, wanted):
            raise EvaluationError(
                f"endpoint {self._endpoint} was given other weights during the rollout: "
                f"{_told(serving.weights)}, not {_told(wanted)}; resume or abort"
            )

    def shift(self, percentage: float) -> str:
        """Give the challenger so many percent, wait until it is so, and return the configuration.

        Raises:
            EvaluationError: If the endpoint does not have both variants, or does not take them.
        """
        wanted = self.weights(percentage)
        serving = self.serving()
        if serving.weights.keys() != wanted.keys():
            raise EvaluationError(
                f"endpoint {self._endpoint} has the variants {', '.join(serving.weights)}; a "
                f"rollout needs {self._champion} and {self._challenger}, and no other"
            )
        if not _same(serving.weights, wanted):
            with domain_errors(f"endpoint {self._endpoint}"):
                self._sagemaker.update_endpoint_weights_and_capacities(
                    EndpointName=self._endpoint,
                    DesiredWeightsAndCapacities=[
                        {"VariantName": name, "DesiredWeight": weight}
                        for name, weight in wanted.items()
                    ],
                )
            serving = self.serving()
        self.check(percentage, serving.configuration)
        return serving.configuration

    def serving(self) -> Serving:
        """Wait until nothing is changed at the endpoint, and return what it is then.

        Raises:
            EvaluationError: If it is not there, or not in service.
            ServiceUnavailable: If it is still being changed after ten minutes.
        """
        deadline = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < deadline:
            with domain_errors(f"endpoint {self._endpoint}"):
                found = self._sagemaker.describe_endpoint(EndpointName=self._endpoint)
            status = found["EndpointStatus"]
            if status == "InService":
                weights = {
                    each["VariantName"]: each["CurrentWeight"]
                    for each in found["ProductionVariants"]
                }
                return Serving(found["EndpointConfigName"], weights)
            if not status.endswith(("ing", "RollingBack")):
                reason = found.get("FailureReason", "SageMaker gives no reason")
                raise EvaluationError(f"endpoint {self._endpoint} is {status}: {reason}")
            time.sleep(_POLL_SECONDS)
        raise ServiceUnavailable(f"endpoint {self._endpoint} is still {status}")

    def in_alarm(self, alarms: list[str]) -> list[str]:
        """Return which of the alarms are in ALARM.

        Raises:
            EvaluationError: If one does not exist.
        """
        if not alarms:
            return []
        with domain_errors(f"alarms of endpoint {self._endpoint}"):
            found = self._cloudwatch.describe_alarms(
                AlarmNames=alarms, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        states = {
            each["AlarmName"]: each["StateValue"]
            for each in (*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ()))
        }
        missing = [name for name in alarms if name not in states]
        if missing:
            raise EvaluationError(f"there is no alarm {', '.join(missing)}")
        return [name for name in alarms if states[name] == "ALARM"]


def _same(found: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return found.keys() == wanted.keys() and all(
        isclose(found[name], weight, abs_tol=1e-4) for name, weight in wanted.items()
    )


def _told(weights: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
