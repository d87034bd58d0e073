"""The role that SageMaker's jobs, models and endpoints work under.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

from collections.abc import Iterable

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from stacks.constructs.grants import grant, grant_download
from stacks.constructs.images import repository_arn
from stacks.constructs.secure_bucket import SecureBucket
from stacks.constructs.workflow_permissions import TRAINING, sagemaker_arns


class ExecutionRole(Construct):
    """A role for SageMaker that may log and use the key; storage and images are granted.

    Attributes:
        role: The role.
    """

    def __init__(self, scope: Construct, id_: str, *, encryption_key: kms.IKey) -> None:
        """Make the role."""
        super().__init__(scope, id_)
        stack = Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "sagemaker.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
            description="What SageMaker's jobs, models and endpoints may do.",
        )
        grant(
            self.role,
            actions=[
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            resources=[
                f"arn:{stack.partition}:logs:{stack.region}:{Aws.ACCOUNT_ID}:"
                "log-group:/aws/sagemaker/*"
            ],
            wildcard_reason=(
                "SageMaker creates one log group for each kind of job and each endpoint, all of "
                "them below /aws/sagemaker/."
            ),
        )
        grant(
            self.role,
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}},
            wildcard_reason=(
                "cloudwatch:PutMetricData, ecr:GetAuthorizationToken have no resource level; the "
                "first is held to SageMaker's namespaces by a condition."
            ),
        )
        grant(
            self.role,
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            resources=[encryption_key.key_arn],
        )
        grant(
            self.role,
            actions=["kms:CreateGrant"],
            resources=[encryption_key.key_arn],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        )

    def grant_storage(
        self, *, data: SecureBucket, models: SecureBucket, results: SecureBucket
    ) -> None:
        """Let the jobs read data and models, and write what they make."""
        data.grant_read(self.role)
        data.grant_write(self.role, "prepared/")
        models.grant_read(self.role)
        models.grant_write(self.role)
        results.grant_write(self.role)

    def grant_pull(self, images: Iterable[str]) -> None:
        """Let the role pull images, given by their URIs, if there are any."""
        resources = sorted(
            {repository_arn(uri, partition=Stack.of(self).partition) for uri in images}
        )
        if not resources:
            return
        grant(self.role, actions=["ecr:GetAuthorizationToken"], resources=["*"])
        grant(
            self.role,
            actions=[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            resources=resources,
        )

    def grant_stop(self, *, project: str) -> None:
        """Let SageMaker Debugger's rules find the project's training jobs, and stop them."""
        grant(
            self.role,
            actions=["sagemaker:ListTrainingJobs"],
            resources=["*"],
            wildcard_reason="sagemaker:ListTrainingJobs has no resource level.",
        )
        grant(
            self.role,
            actions=["sagemaker:StopTrainingJob"],
            resources=[sagemaker_arns(self, resource=TRAINING.resource, project=project)],
            wildcard_reason=(
                "Training jobs are named when the workflow runs; all names start with the "
                "project's name, to which the ARN is held."
            ),
        )

    def grant_download(self, asset: assets.Asset) -> None:
        """Let the role download one asset, and find it by its key."""
        grant_download(self.role, asset)
