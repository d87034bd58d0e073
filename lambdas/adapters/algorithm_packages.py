"""Model packages that are made of a trained job and its algorithm of AWS Marketplace.

They have no group: SageMaker documents a SourceAlgorithmSpecification for packages on their own.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-create-model-package.html
"""

import time
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from adapters.client_tokens import client_token
from evaluation.errors import EvaluationError
from evaluation.promotion import Finalist, RegisterRequest

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_POLL_SECONDS = 2.0
# Less than the 15 minutes of a Lambda function, so that it can still say what it waited for.
_LONGEST_SECONDS = 600.0


class AlgorithmPackages:
    """Makes model packages whose names start with one prefix, such as `flights-1a2b3c4d`."""

    def __init__(self, prefix: str, client: "SageMakerClient | None" = None) -> None:
        self._prefix = prefix
        self._client = client or boto3.client("sagemaker")

    def register(self, finalist: Finalist, request: RegisterRequest) -> str:
        """Create a model package, wait until it is complete and return its ARN.

        The same finalist of the same run again, as in a retry, gives the same model package.

        Raises:
            EvaluationError: If SageMaker refuses it, or it does not become complete.
        """
        name = f"{self._prefix}-{request.run}-{finalist.candidate}"
        subject = f"model package {name}"
        tags = {
            "run": request.run,
            "candidate": finalist.candidate,
            "training_job": finalist.training_job,
            "evaluation": finalist.evaluation,
        }
        with domain_errors(subject):
            answer = self._client.create_model_package(
                ModelPackageName=name,
                ModelPackageDescription=f"{finalist.candidate} of run {request.run}",
                SourceAlgorithmSpecification={
                    "SourceAlgorithms": [
                        {"AlgorithmName": finalist.algorithm, "ModelDataUrl": finalist.model_data}
                    ]
                },
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
                ClientToken=client_token(request.run, finalist),
            )
            self._wait(answer["ModelPackageArn"], subject)
        return answer["ModelPackageArn"]

    def _wait(self, arn: str, subject: str) -> None:
        deadline = time.monotonic() + _LONGEST_SECONDS
        while True:
            described = self._client.describe_model_package(ModelPackageName=arn)
            status = described["ModelPackageStatus"]
            if status == "Completed":
                return
            if status not in ("Pending", "InProgress") or time.monotonic() > deadline:
                details = described["ModelPackageStatusDetails"]
                reasons = [
                    item["FailureReason"]
                    for item in (
                        *details.get("ValidationStatuses", []),
                        *details.get("ImageScanStatuses", []),
                    )
                    if "FailureReason" in item
                ]
                raise EvaluationError(": ".join([subject, f"is {status}", *reasons]))
            time.sleep(_POLL_SECONDS)
