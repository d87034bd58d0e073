"""Live requests to the endpoint, counted by the variant that answered."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.errors import CommandError

_CLIENTS = 8


def invoke(endpoint: str, row: str, target_variant: str | None = None) -> tuple[str, str]:
    """Send one CSV row of features; returns (prediction, variant).

    Raises:
        CommandError: With SageMaker's reason.
    """
    accept = _accept(endpoint, target_variant)
    return _invoke(boto3.client("sagemaker-runtime"), endpoint, row, target_variant, accept)


def send(
    endpoint: str, rows: Mapping[str, str], done: Callable[[int], None] = lambda count: None
) -> Counter[str]:
    """Send every row as a request of its own, some at the same time.

    Args:
        endpoint: Its name.
        rows: Of features, as CSV, by their inference ids.
        done: Is told how many have been answered.

    Returns:
        How many each variant answered.
    """
    client = boto3.client("sagemaker-runtime", config=Config(max_pool_connections=_CLIENTS))
    accept = _accept(endpoint, None)
    answered: Counter[str] = Counter()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        for _, variant in pool.map(
            lambda each: _invoke(client, endpoint, each[1], None, accept, each[0]), rows.items()
        ):
            answered[variant] += 1
            done(answered.total())
    return answered


def variants(endpoint: str) -> list[dict[str, Any]]:
    """Name and current weight of each production variant."""
    described = boto3.client("sagemaker").describe_endpoint(EndpointName=endpoint)
    return [
        {"name": variant["VariantName"], "weight": variant["CurrentWeight"]}
        for variant in described["ProductionVariants"]
    ]


def _accept(endpoint: str, target_variant: str | None) -> str | None:
    """The MIME type in which every variant that may answer does; None if there are several."""
    client = boto3.client("sagemaker")
    configuration = client.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    described = client.describe_endpoint_config(EndpointConfigName=configuration)
    types = set()
    for variant in described["ProductionVariants"]:
        if target_variant in (None, variant["VariantName"]):
            model = client.describe_model(ModelName=variant["ModelName"])
            package = model["Containers"][0]["ModelPackageName"]
            found = client.describe_model_package(ModelPackageName=package)
            types.add(found["InferenceSpecification"]["SupportedResponseMIMETypes"][0])
    return types.pop() if len(types) == 1 else None


def _invoke(
    client: Any,
    endpoint: str,
    row: str,
    target_variant: str | None,
    accept: str | None,
    identity: str | None = None,
) -> tuple[str, str]:
    named = {"TargetVariant": target_variant, "Accept": accept, "InferenceId": identity}
    options = {name: value for name, value in named.items() if value}
    try:
        answer = client.invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Body=row, **options
        )
    except ClientError as error:
        message = error.response["Error"]["Message"]
        raise CommandError(
            f"Endpoint {endpoint} refused the row {row[:200]!r}: {message}"
        ) from error
    return answer["Body"].read().decode().strip(), answer["InvokedProductionVariant"]
