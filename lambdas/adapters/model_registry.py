"""SageMaker's model registry.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html
"""

from typing import TYPE_CHECKING, cast

import boto3
from botocore.exceptions import ClientError

from adapters.algorithm_packages import AlgorithmPackages
from adapters.aws_errors import domain_errors
from adapters.client_tokens import client_token
from evaluation.promotion import Container, Finalist, RegisterRequest

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.literals import (
        ProductionVariantInstanceTypeType,
        TransformInstanceTypeType,
    )

_ABSENT = ("ResourceNotFound", "ValidationException")


class ModelRegistry:
    """Registers models as versions in one model package group, which it makes if it is absent.

    A model of an algorithm of AWS Marketplace gets a model package of its own beside the group.
    """

    def __init__(self, group: str, client: "SageMakerClient | None" = None) -> None:
        self._group = group
        self._client = client or boto3.client("sagemaker")
        self._algorithm_packages = AlgorithmPackages(group, self._client)

    def register(self, finalist: Finalist, request: RegisterRequest, *, approved: bool) -> str:
        """Create a model package, and return its ARN.

        Only one that is approved can be deployed; a model of AWS Marketplace needs no approval.

        The same finalist of the same run again, as in a retry, gives the same model package.
        """
        if finalist.container is None:
            return self._algorithm_packages.register(finalist, request)
        return self._add_version(finalist, finalist.container, request, approved)

    def _add_version(
        self,
        finalist: Finalist,
        container: Container,
        request: RegisterRequest,
        approved: bool,
    ) -> str:
        self._make_group()
        metrics = {k: repr(v) for k, v in finalist.metrics.items() if v is not None}
        with domain_errors(f"model package group {self._group}: {finalist.candidate}"):
            answer = self._client.create_model_package(
                ModelPackageGroupName=self._group,
                ModelPackageDescription=f"{finalist.candidate} of run {request.run}",
                ModelApprovalStatus="Approved" if approved else "PendingManualApproval",
                InferenceSpecification={
                    "Containers": [
                        {
                            "Image": container.image,
                            "ModelDataUrl": finalist.model_data,
                            "Environment": container.environment,
                        }
                    ],
                    "SupportedContentTypes": ["text/csv"],
                    "SupportedResponseMIMETypes": [finalist.accept],
                    "SupportedTransformInstanceTypes": [
                        cast("TransformInstanceTypeType", name)
                        for name in request.transform_instance_types
                    ],
                    "SupportedRealtimeInferenceInstanceTypes": [
                        cast("ProductionVariantInstanceTypeType", name)
                        for name in request.hosting_instance_types
                    ],
                },
                ModelMetrics={
                    "ModelQuality": {
                        "Statistics": {
                            "ContentType": "application/json",
                            "S3Uri": finalist.evaluation,
                        }
                    }
                },
                CustomerMetadataProperties={
                    "run": request.run,
                    "candidate": finalist.candidate,
                    "training_job": finalist.training_job,
                    **metrics,
                },
                ClientToken=client_token(request.run, finalist),
            )
        return answer["ModelPackageArn"]

    def _make_group(self) -> None:
        # CloudFormation has no model package groups in China.
        with domain_errors(f"model package group {self._group}"):
            try:
                self._client.describe_model_package_group(ModelPackageGroupName=self._group)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _ABSENT:
                    raise
                self._client.create_model_package_group(ModelPackageGroupName=self._group)
