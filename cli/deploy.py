"""Deploying the endpoint, and making sure that it runs what was asked for."""

from typing import Any

import boto3

from cli.cdk import Cdk, OnLine
from cli.errors import CommandError

_CONFIGURATION = "AWS::SageMaker::EndpointConfig"
_ENDPOINT = "AWS::SageMaker::Endpoint"


def deploy(cdk: Cdk, project: str, on_line: OnLine) -> str:
    """Deploy the hosting stack, and return in a sentence what the endpoint runs.

    Raises:
        CommandError: If the stack cannot be deployed, or the endpoint runs something else than its
            configuration: SageMaker then has rolled back, and says why.
    """
    stack = f"{project}-hosting"
    cdk.run("deploy", stack, "--require-approval=never", on_line=on_line)
    resources = _resources(stack)
    if _ENDPOINT not in resources:
        return "There is no endpoint: no model has a role yet. Run the lifecycle, or approve one."
    return confirm(resources[_ENDPOINT].rpartition("/")[2], resources[_CONFIGURATION])


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


def _resources(stack: str) -> dict[str, str]:
    client = boto3.client("cloudformation")
    found = client.describe_stack_resources(StackName=stack)["StackResources"]
    return {each["ResourceType"]: each.get("PhysicalResourceId", "") for each in found}


def _variants(described: Any) -> str:
    return ", ".join(
        f"{each['VariantName']} with weight {each['CurrentWeight']:g}"
        for each in described["ProductionVariants"]
    )
