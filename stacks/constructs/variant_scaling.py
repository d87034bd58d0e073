"""How the number of a variant's instances follows its requests.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html
"""

from aws_cdk import CfnCondition
from aws_cdk import aws_applicationautoscaling as scaling
from constructs import Construct

from config import Autoscaling, Variant


def scale(
    scope: Construct,
    *,
    endpoint_name: str,
    variant: Variant,
    autoscaling: Autoscaling,
    condition: CfnCondition | None,
) -> scaling.CfnScalableTarget:
    """Register a variant as a scalable target that follows its requests.

    Args:
        scope: Where the resources belong.
        endpoint_name: The endpoint's name.
        variant: The variant.
        autoscaling: Its range and target.
        condition: The condition of the variant.
    """
    target = scaling.CfnScalableTarget(
        scope,
        f"{variant.name}Target",
        service_namespace="sagemaker",
        scalable_dimension="sagemaker:variant:DesiredInstanceCount",
        resource_id=f"endpoint/{endpoint_name}/variant/{variant.name}",
        min_capacity=autoscaling.minimum,
        max_capacity=autoscaling.maximum,
    )
    of = scaling.CfnScalingPolicy
    policy = of(
        scope,
        f"{variant.name}Policy",
        policy_name=f"{endpoint_name}-{variant.name}-invocations",
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration=of.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=autoscaling.invocations_per_instance,
            predefined_metric_specification=of.PredefinedMetricSpecificationProperty(
                predefined_metric_type="SageMakerVariantInvocationsPerInstance"
            ),
            scale_in_cooldown=autoscaling.scale_in_cooldown_seconds,
            scale_out_cooldown=autoscaling.scale_out_cooldown_seconds,
        ),
    )
    for resource in (target, policy):
        resource.cfn_options.condition = condition
    return target
