"""Whether the account may train with an algorithm of AWS Marketplace.

Only CreateTrainingJob says so: DescribeAlgorithm has answered for an algorithm that
CreateTrainingJob then refused (https://github.com/aws/amazon-sagemaker-examples issue 2293).
"""

from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from adapters.aws_errors import domain_errors
from evaluation.errors import NotSubscribed

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_REFUSAL = "not subscribed"
# No instance is free at this moment: the folds will wait for one, so this is no refusal.
_NO_INSTANCE = "ResourceLimitExceeded"


class Subscriptions:
    """Asks SageMaker for training jobs, and stops each at once."""

    def __init__(self, client: "SageMakerClient | None" = None) -> None:
        self._client = client or boto3.client("sagemaker")

    def check(self, candidate: str, request: dict[str, Any]) -> None:
        """Ask for a candidate's training job, and stop it before it has an instance to pay for.

        With no instance left in the account's quota, there is no answer and no complaint.

        Args:
            candidate: Its name.
            request: The arguments of CreateTrainingJob.

        Raises:
            NotSubscribed: If the account is not subscribed to the algorithm.
            EvaluationError: If SageMaker refuses the request for another reason.
            ServiceUnavailable: If the call was throttled or not answered.
        """
        algorithm = request["AlgorithmSpecification"]["AlgorithmName"]
        with domain_errors(f"candidate {candidate}: {algorithm}"):
            try:
                self._client.create_training_job(**request)
            except ClientError as error:
                if error.response["Error"]["Code"] == _NO_INSTANCE:
                    return
                message = error.response["Error"].get("Message", "")
                if _REFUSAL not in message:
                    raise
                raise NotSubscribed(
                    f"candidate {candidate}: this account is not subscribed to {algorithm} "
                    f"({message.rstrip('.')}). Subscribe to it in AWS Marketplace with this "
                    "account, or leave the candidate out with `enabled: false`."
                ) from error
        self._stop(request["TrainingJobName"])

    def _stop(self, name: str) -> None:
        with domain_errors(f"training job {name}"):
            try:
                self._client.stop_training_job(TrainingJobName=name)
            except ClientError as error:
                # It has ended by itself.
                if error.response["Error"]["Code"] != "ValidationException":
                    raise
