"""Target tracking scaling policies and their alarms.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
"""

import secrets
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.autoscaling.errors import ObjectNotFound
from rehearsal.autoscaling.pages import page
from rehearsal.autoscaling.targets import Resource, ScalableTargets
from rehearsal.sagemaker.api.store import Record, Store
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ValidationError

HIGH_MINUTES = 3
LOW_MINUTES = 15
LOW_SHARE = 0.9  # of the target value; below it, there are too many instances

_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"
_METRICS = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
_METRIC = "SageMakerVariantInvocationsPerInstance"


class ScalingPolicies:
    """The API's operations on scaling policies."""

    def __init__(self, context: Context, targets: ScalableTargets) -> None:
        self._context = context
        self._targets = targets
        self._store = Store("Scaling policy")

    @property
    def stores(self) -> tuple[Store, ...]:
        """Where its records are."""
        return (self._store,)

    def of_target(self, target: Record) -> list[Record]:
        """The policies of a scalable target."""
        return [record for record in self._store if record["ResourceId"] == target["ResourceId"]]

    def put(self, request: Record) -> Record:
        """Make or change a policy, with the two alarms that say when it acts."""
        self._targets.get(request)
        _check(request)
        key = _key(request)
        known = self._store.get(key) if key in self._store else {}
        arn = known.get("PolicyARN") or (
            f"arn:aws:autoscaling:{self._context.region}:{self._context.account_id}:scalingPolicy:"
            f"{secrets.token_hex(16)}:resource/sagemaker/{request['ResourceId']}:policyName/"
            f"{request['PolicyName']}"
        )
        before = known.get(_CONFIGURATION, {})
        kept = {member: before[member] for member in before if member not in _METRICS}
        configuration = {**kept, **request[_CONFIGURATION]}
        record = {**request, _CONFIGURATION: configuration, "PolicyARN": arn}
        try:
            record["Alarms"] = self._put_alarms(record, known.get("Alarms", []))
        except (ClientError, BotoCoreError) as error:
            raise ValidationError(f"The policy's alarms cannot be made: {error}") from error
        if known:
            self._store.update(known, **record)
        else:
            self._store.add(key, record, arn)
        return {"PolicyARN": arn, "Alarms": record["Alarms"]}

    def describe(self, request: Record) -> Record:
        """The policies, a page at a time."""
        names = request.get("PolicyNames")
        records = [record for record in self._store if not names or record["PolicyName"] in names]
        found, token = page(records, request)
        return {"ScalingPolicies": found, "NextToken": token}

    def delete(self, request: Record) -> Record:
        """Forget a policy, and delete its alarms."""
        Resource.of(request)
        if _key(request) not in self._store:
            raise ObjectNotFound(
                f"No scaling policy found for service namespace: {request['ServiceNamespace']}, "
                f"resource ID: {request['ResourceId']}, scalable dimension: "
                f"{request['ScalableDimension']}, policy name: {request['PolicyName']}"
            )
        record = self._store.remove(_key(request))
        self._cloudwatch().delete_alarms(
            AlarmNames=[alarm["AlarmName"] for alarm in record["Alarms"]]
        )
        return {}

    def deregister_target(self, request: Record) -> Record:
        """Forget a scalable target, and its policies with it."""
        self._targets.remove(request)
        for record in self.of_target(request):
            self.delete(record)
        return {}

    def _put_alarms(self, policy: Record, known: list[Record]) -> list[Record]:
        # A policy that did not scale in has no alarm for it yet.
        names = [alarm["AlarmName"] for alarm in known] + _alarm_names(policy)[len(known) :]
        configuration = policy[_CONFIGURATION]
        value = configuration["TargetValue"]
        high = ("GreaterThanThreshold", value, HIGH_MINUTES)
        low = ("LessThanThreshold", value * LOW_SHARE, LOW_MINUTES)
        sides = [high] if configuration.get("DisableScaleIn") else [high, low]
        cloudwatch = self._cloudwatch()
        for name, (operator, threshold, minutes) in zip(names[: len(sides)], sides, strict=True):
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                AlarmDescription=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy "
                f"{policy['PolicyARN']}.",
                AlarmActions=[policy["PolicyARN"]],
                ComparisonOperator=operator,
                Threshold=threshold,
                EvaluationPeriods=minutes,
                Period=60,
                **metric(policy),
            )
        cloudwatch.delete_alarms(AlarmNames=names[len(sides) :])
        found = cloudwatch.describe_alarms(AlarmNames=names[: len(sides)])["MetricAlarms"]
        return [{"AlarmName": alarm["AlarmName"], "AlarmARN": alarm["AlarmArn"]} for alarm in found]

    def _cloudwatch(self) -> Any:
        return self._context.client("cloudwatch")


def metric(policy: Record) -> Record:
    """The Namespace, MetricName, Dimensions and Statistic that a policy looks at."""
    custom = policy[_CONFIGURATION].get("CustomizedMetricSpecification")
    if custom:
        return {
            member: custom[member]
            for member in ("Namespace", "MetricName", "Dimensions", "Statistic")
            if member in custom
        }
    resource = Resource.of(policy)
    return {
        "Namespace": "AWS/SageMaker",
        "MetricName": "InvocationsPerInstance",
        "Dimensions": [
            {"Name": "EndpointName", "Value": resource.endpoint},
            {"Name": "VariantName", "Value": resource.variant},
        ],
        "Statistic": "Sum",
    }


def _key(request: Record) -> str:
    return f"{request['ResourceId']}/{request['PolicyName']}"


def _alarm_names(policy: Record) -> list[str]:
    prefix = f"TargetTracking-{policy['ResourceId']}"
    return [f"{prefix}-Alarm{side}-{secrets.token_hex(16)}" for side in ("High", "Low")]


def _check(request: Record) -> None:
    kind = request.get("PolicyType", "StepScaling")
    if kind != "TargetTrackingScaling":
        raise ValidationError(
            f"The policy type {kind} is not available in the rehearsal; TargetTrackingScaling is."
        )
    configuration = request.get(_CONFIGURATION)
    if not configuration:
        raise ValidationError(f"{_CONFIGURATION} is required for the policy type {kind}.")
    if configuration["TargetValue"] <= 0:
        raise ValidationError(
            f"TargetValue must be greater than 0; got {configuration['TargetValue']}."
        )
    custom = configuration.get("CustomizedMetricSpecification")
    predefined = configuration.get("PredefinedMetricSpecification")
    if bool(custom) == bool(predefined):
        raise ValidationError(
            "Specify either a PredefinedMetricSpecification or a CustomizedMetricSpecification."
        )
    if predefined and predefined["PredefinedMetricType"] != _METRIC:
        raise ValidationError(
            f"The metric {predefined['PredefinedMetricType']} is not available in the rehearsal; "
            f"{_METRIC} is."
        )
    if custom and not custom.get("MetricName"):
        raise ValidationError("Metric math is not available in the rehearsal; give a MetricName.")
    if custom and not (custom.get("Namespace") and custom.get("Statistic")):
        raise ValidationError("CustomizedMetricSpecification needs a Namespace and a Statistic.")
