"""What watches an endpoint's variants, and how an update of the endpoint shifts its traffic.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from typing import Any

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config import Alarms, Hosting, Update, Variant
from stacks.constructs import acknowledgements

_MICROSECONDS = 1000


class VariantAlarms(Construct):
    """Alarms on the requests of each production variant.

    Attributes:
        alarms: By the name of the variant, in the file's order.
        names: Of all alarms that take an update back, the user's own too.
    """

    def __init__(self, scope: Construct, id_: str, *, hosting: Hosting) -> None:
        """Make the alarms."""
        super().__init__(scope, id_)
        self.alarms = {
            variant.name: [
                self._alarm(hosting, variant, name, settings)
                for name, settings in _kinds(hosting.alarms).items()
            ]
            for variant in hosting.variants
        }
        made = [alarm for alarms in self.alarms.values() for alarm in alarms]
        self.names = [*(alarm.ref for alarm in made), *hosting.alarms.others]

    def _alarm(
        self, hosting: Hosting, variant: Variant, name: str, settings: dict[str, Any]
    ) -> cloudwatch.CfnAlarm:
        of = cloudwatch.CfnAlarm
        return of(
            self,
            f"{variant.name}{name}",
            alarm_description=f"{settings.pop('says')} {variant.name} of {hosting.endpoint_name}.",
            namespace="AWS/SageMaker",
            dimensions=[
                of.DimensionProperty(name="EndpointName", value=hosting.endpoint_name),
                of.DimensionProperty(name="VariantName", value=variant.name),
            ],
            comparison_operator="GreaterThanThreshold",
            period=hosting.alarms.period_seconds,
            evaluation_periods=hosting.alarms.periods,
            treat_missing_data="notBreaching",
            **settings,
        )


def _kinds(alarms: Alarms) -> dict[str, dict[str, Any]]:
    # Each request counts as 0 or 1, so that the average is the share.
    kinds: dict[str, tuple[str, float | None, str]] = {
        "Errors": ("Invocation5XXErrors", alarms.error_share, "Too many 5XX answers of"),
        "ModelErrors": (
            "InvocationModelErrors",
            alarms.model_error_share,
            "Too many requests that the model did not answer with 2XX, of",
        ),
    }
    found: dict[str, dict[str, Any]] = {
        name: {"metric_name": metric, "statistic": "Average", "threshold": share, "says": says}
        for name, (metric, share, says) in kinds.items()
        if share is not None
    }
    if alarms.latency_milliseconds is not None:
        found["Latency"] = {
            "metric_name": "ModelLatency",
            "extended_statistic": "p99",
            "threshold": alarms.latency_milliseconds * _MICROSECONDS,
            "says": "Too slow an answer to one in a hundred requests, by",
        }
    return found


def deployment_config(
    update: Update, alarms: VariantAlarms
) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """An endpoint's DeploymentConfig."""
    of = sagemaker.CfnEndpoint
    rollback = (
        of.AutoRollbackConfigProperty(
            alarms=[of.AlarmProperty(alarm_name=name) for name in alarms.names]
        )
        if alarms.names
        else None
    )
    size = (
        of.CapacitySizeProperty(type="CAPACITY_PERCENT", value=update.percentage)
        if update.percentage
        else None
    )
    if update.type == "rolling" and size:
        return of.DeploymentConfigProperty(
            auto_rollback_configuration=rollback,
            rolling_update_policy=of.RollingUpdatePolicyProperty(
                maximum_batch_size=size, wait_interval_in_seconds=update.wait_seconds
            ),
        )
    stepped = update.type != "all_at_once"
    return of.DeploymentConfigProperty(
        auto_rollback_configuration=rollback,
        blue_green_update_policy=of.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=of.TrafficRoutingConfigProperty(
                type=update.type.upper(),
                canary_size=size if update.type == "canary" else None,
                linear_step_size=size if update.type == "linear" else None,
                wait_interval_in_seconds=update.wait_seconds if stepped else None,
            ),
            termination_wait_in_seconds=update.termination_wait_seconds,
        ),
    )


def let_watch(scope: Construct, role: iam.IRole) -> iam.Policy:
    """Let an endpoint's role read the state of its alarms, which SageMaker needs for a roll-back.

    The role may be of another stack: the policy belongs to the endpoint's.
    """
    policy = iam.Policy(scope, "WatchAlarms", roles=[role], statements=[alarm_statement(scope)])
    acknowledgements.acknowledge_wildcard(policy, every_alarm(scope), ALARM_REASON)
    return policy


ALARM_REASON = (
    "CloudWatch checks DescribeAlarms, which only reads, on all of the account's alarms, whichever "
    "are named."
)


def every_alarm(scope: Construct) -> str:
    """The ARN of all alarms of the account and region."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:cloudwatch:{stack.region}:{Aws.ACCOUNT_ID}:alarm:*"


def alarm_statement(scope: Construct) -> iam.PolicyStatement:
    """Allows to read the states of alarms."""
    return iam.PolicyStatement(
        actions=["cloudwatch:DescribeAlarms"], resources=[every_alarm(scope)]
    )
