"""An endpoint's live data: its variants, what was captured of them, and the labels that came."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from adapters.aws_errors import domain_errors
from evaluation.online.captured import Captured, read_captured
from evaluation.online.ground_truth import Truth, read_ground_truth
from evaluation.online.joined import Joined

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

_CAPTURED = "captured/"


@dataclass(frozen=True)
class LiveEndpoint:
    """An endpoint as it is: since when, and the weight of each variant, in their order."""

    name: str
    since: datetime
    weights: dict[str, float]


class LiveData:
    """Reads one endpoint's data."""

    def __init__(
        self,
        endpoint: str,
        *,
        results_bucket: str,
        data_bucket: str,
        ground_truth: str,
        s3: "S3Client | None" = None,
        sagemaker: "SageMakerClient | None" = None,
    ) -> None:
        """Read what was captured in one bucket, and labels below a prefix of another."""
        self._endpoint = endpoint
        self._results_bucket = results_bucket
        self._data_bucket = data_bucket
        self._ground_truth = ground_truth
        self._s3 = s3 or boto3.client("s3")
        self._sagemaker = sagemaker or boto3.client("sagemaker")

    def endpoint(self) -> LiveEndpoint | None:
        """Return the endpoint; None if there is none."""
        with domain_errors(f"endpoint {self._endpoint}"):
            try:
                found = self._sagemaker.describe_endpoint(EndpointName=self._endpoint)
            except ClientError as error:
                if "Could not find" in error.response["Error"].get("Message", ""):
                    return None
                raise
        weights = {
            each["VariantName"]: each["CurrentWeight"] for each in found["ProductionVariants"]
        }
        return LiveEndpoint(self._endpoint, found["LastModifiedTime"], weights)

    def named(self, since: datetime, weights: dict[str, float]) -> LiveEndpoint:
        """Return the endpoint with weights that are known."""
        return LiveEndpoint(self._endpoint, since, weights)

    def joined(self, endpoint: LiveEndpoint, since: datetime, until: datetime) -> Joined:
        """Join what was captured of the endpoint in a period with the labels that came in it.

        Raises:
            EvaluationError: If an object is not of its format.
        """
        return Joined.of(self._captured(endpoint, since, until), self._truths(since))

    def _captured(
        self, endpoint: LiveEndpoint, since: datetime, until: datetime
    ) -> Iterator[Captured]:
        for variant in endpoint.weights:
            hour = since.replace(minute=0, second=0, microsecond=0)
            while hour <= until:
                folder = f"{_CAPTURED}{endpoint.name}/{variant}/{hour:%Y/%m/%d/%H}/"
                for key in self._keys(self._results_bucket, folder, since):
                    uri = f"s3://{self._results_bucket}/{key}"
                    lines = self._lines(self._results_bucket, key)
                    yield from read_captured(lines, variant, uri, since)
                hour += timedelta(hours=1)

    def _truths(self, since: datetime) -> Iterator[Truth]:
        # The newest object last, as its labels are those that count.
        for key in self._keys(self._data_bucket, self._ground_truth, since):
            uri = f"s3://{self._data_bucket}/{key}"
            yield from read_ground_truth(self._lines(self._data_bucket, key), uri)

    def _keys(self, bucket: str, prefix: str, since: datetime) -> list[str]:
        with domain_errors(f"s3://{bucket}/{prefix}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            found = [
                (item["LastModified"], item["Key"])
                for page in pages
                for item in page.get("Contents", [])
                if item["LastModified"] >= since and item["Size"]
            ]
        return [key for _, key in sorted(found)]

    def _lines(self, bucket: str, key: str) -> Iterator[bytes]:
        with domain_errors(f"s3://{bucket}/{key}"):
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
            yield from body.iter_lines()
