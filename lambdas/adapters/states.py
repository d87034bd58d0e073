"""States of the evaluation in the results bucket."""

from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from evaluation.errors import EvaluationError
from evaluation.problem import Problem
from evaluation.states.shard import ShardState

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class StateStore:
    """Writes the states of a shard's parts, and reads them merged."""

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._client = client or boto3.client("s3")

    def write(self, run: str, candidate: str, shard: str, name: str, state: ShardState) -> None:
        """Write the state of a part of a shard, in place of what is there."""
        key = f"{_folder(run, candidate, shard)}{name}.npz"
        with domain_errors(f"s3://{self._bucket}/{key}"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=state.to_bytes())

    def read(self, run: str, candidate: str, shard: str, problem: Problem) -> ShardState:
        """Read the parts of a shard, merged.

        Raises:
            EvaluationError: If there is none, or if none of them has a row.
        """
        folder = _folder(run, candidate, shard)
        merged = ShardState(problem)
        with domain_errors(f"s3://{self._bucket}/{folder}"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=folder):
                for item in page.get("Contents", []):
                    answer = self._client.get_object(Bucket=self._bucket, Key=item["Key"])
                    merged.merge(ShardState.from_bytes(answer["Body"].read(), problem))
        if not merged.overall.rows:
            raise EvaluationError(
                f"s3://{self._bucket}/predictions/{run}/{candidate}/{shard}/: holds no rows in "
                "objects that end in .out"
            )
        return merged


def _folder(run: str, candidate: str, shard: str) -> str:
    return f"evaluations/{run}/{candidate}/states/{shard}/"
