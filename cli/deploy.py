"""Deploying the endpoint, and making sure that it runs what was asked for."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli import traffic
from cli.cdk import Cdk, OnLine
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.roles import current_roles
from config import Hosting, Lifecycle

_UNREGISTERED = "none"
_CONFIGURATION = "AWS::SageMaker::EndpointConfig"
_POLL_SECONDS, _POLLS = 1, 600
_ENDPOINT = "AWS::SageMaker::Endpoint"


def deploy(
    cdk: Cdk, lifecycle: Lifecycle, on_line: OnLine, *, changed_champion: bool = False
) -> Iterator[str]:
    """Deploy the hosting stack; say in sentences how, and what the endpoint then runs.

    Live weights stay, unless they would leave no variant any weight, or a new champion none: a
    rollout has shifted it all to the challenger's variant, in which the former champion is now.
    Guardrails need the same variants before and after: without, all traffic shifts at once.

    Args:
        cdk: Deploys.
        lifecycle: The file.
        on_line: Is told each line of the CDK's output.
        changed_champion: Whether the champion is another model than the endpoint's.

    Raises:
        CommandError: If the stack cannot be deployed, or the endpoint runs something else than its
            configuration: SageMaker then has rolled back, and says why.
    """
    stack = f"{lifecycle.project.name}-hosting"
    roles = current_roles(Deployment.find(lifecycle.project.name))
    variants = [
        each
        for each in lifecycle.hosting.variants
        if each.role is None or roles[each.role] != _UNREGISTERED
    ]
    live = _live_weights(lifecycle.hosting.endpoint_name)
    context = []
    serving = [each for each in variants if not changed_champion or each.role == "champion"]
    if live and serving and not any(live.get(each.name, each.weight) for each in serving):
        context.append("--context=weights=from_file")
        yield "The live weights would leave nothing to what serves now: the file's weights count."
    if lifecycle.hosting.update and live and live.keys() != {each.name for each in variants}:
        context.append("--context=guardrails=off")
        yield "The variants change, which guardrails cannot: all of the traffic shifts at once."
    cdk.run("deploy", stack, "--require-approval=never", *context, on_line=on_line)
    resources = _resources(stack)
    if _ENDPOINT in resources:
        if lifecycle.hosting.weights == "from_file":
            # CloudFormation has nothing to do where only the live weights are others.
            _set_weights(lifecycle.hosting)
        yield confirm(resources[_ENDPOINT].rpartition("/")[2], resources[_CONFIGURATION])
    else:
        yield "There is no endpoint: no model has a role yet. Run the lifecycle, or approve one."


def confirm(endpoint: str, configuration: str) -> str:
    """Say that an endpoint is in service with a configuration, given by name or ARN.

    Raises:
        CommandError: If it is not.
    """
    wanted = configuration.rpartition("/")[2]
    described = boto3.client("sagemaker").describe_endpoint(EndpointName=endpoint)
    status, runs = described["EndpointStatus"], described["EndpointConfigName"]
    if status == "InService" and runs == wanted:
        return f"Endpoint {endpoint} is in service with {wanted}: {_variants(described)}."
    reason = described.get("FailureReason", "SageMaker gives no reason")
    raise CommandError(
        f"Endpoint {endpoint} was to run {wanted}; it is {status} and runs {runs}: {reason}"
    )


def _set_weights(hosting: Hosting) -> None:
    name, live = hosting.endpoint_name, _live_weights(hosting.endpoint_name)
    wanted = {each.name: each.weight for each in hosting.variants if each.name in live}
    if all(live[variant] == weight for variant, weight in wanted.items()):
        return
    client = boto3.client("sagemaker")
    client.update_endpoint_weights_and_capacities(
        EndpointName=name,
        DesiredWeightsAndCapacities=[
            {"VariantName": variant, "DesiredWeight": weight} for variant, weight in wanted.items()
        ],
    )
    client.get_waiter("endpoint_in_service").wait(
        EndpointName=name, WaiterConfig={"Delay": _POLL_SECONDS, "MaxAttempts": _POLLS}
    )


def _live_weights(endpoint: str) -> dict[str, float]:
    try:
        return {each["name"]: each["weight"] for each in traffic.variants(endpoint)}
    except ClientError as error:
        if "Could not find" in str(error):
            return {}
        raise


def _resources(stack: str) -> dict[str, str]:
    client = boto3.client("cloudformation")
    found = client.describe_stack_resources(StackName=stack)["StackResources"]
    return {each["ResourceType"]: each.get("PhysicalResourceId", "") for each in found}


def _variants(described: Any) -> str:
    return ", ".join(
        f"{each['VariantName']} with weight {each['CurrentWeight']:g}"
        for each in described["ProductionVariants"]
    )
