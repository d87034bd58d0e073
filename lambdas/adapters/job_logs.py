"""The logs of training jobs in CloudWatch Logs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3

from adapters.aws_errors import domain_errors

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

GROUP = "/aws/sagemaker/TrainingJobs"
_MOST_PAGES = 100


class JobLogs:
    """Reads what the first host of a training job wrote."""

    def __init__(self, client: "CloudWatchLogsClient | None" = None) -> None:
        self._client = client or boto3.client("logs")

    def lines(self, training_job: str) -> Iterator[str]:
        """Yield the lines in the order of time; of a very long log only the first 100 MB.

        Raises:
            EvaluationError: If the log may not be read, or there is none.
        """
        with domain_errors(f"the log of training job {training_job}"):
            # Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
            streams = self._client.describe_log_streams(
                logGroupName=GROUP, logStreamNamePrefix=f"{training_job}/algo-1-"
            )["logStreams"]
            for stream in streams:
                yield from self._events(stream["logStreamName"])

    def _events(self, stream: str) -> Iterator[str]:
        after: dict[str, Any] = {}
        for _ in range(_MOST_PAGES):
            answer = self._client.get_log_events(
                logGroupName=GROUP, logStreamName=stream, startFromHead=True, **after
            )
            for event in answer["events"]:
                yield event["message"]
            token = answer["nextForwardToken"]
            if after.get("nextToken") == token:
                return
            after = {"nextToken": token}
