"""The Lambda functions between the jobs: they judge, rank and register."""

from collections.abc import Iterable

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant
from stacks.constructs.images import repository_arn
from stacks.constructs.registered_models import RegisteredModels
from stacks.constructs.secure_bucket import SecureBucket


class LifecycleFunctions(Construct):
    """One function a handler, each with what it needs and no more.

    Attributes:
        kfold: Judges a candidate's folds.
        leaderboard: Ranks the candidates.
        holdout: Judges a finalist.
        register: Registers the finalists that pass.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        results: SecureBucket,
        models: SecureBucket,
        registered: RegisteredModels,
        images: Iterable[str],
        encryption_key: kms.IKey,
    ) -> None:
        """Make the functions.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            results: Has the predictions, takes the evaluations.
            models: Has the model data.
            registered: Takes the models.
            images: The images that serve the models.
            encryption_key: Encrypts the logs.
        """
        super().__init__(scope, id_)
        environment = {
            "RESULTS_BUCKET": results.bucket.bucket_name,
            "MODEL_PACKAGE_GROUP": registered.group_name,
            "PARAMETER_PREFIX": registered.prefix,
        }

        def function(name: str, handler: str, description: str) -> EvaluationFunction:
            return EvaluationFunction(
                self,
                name,
                handler=handler,
                description=description,
                encryption_key=encryption_key,
                environment=environment,
            )

        self.kfold = function("KFold", "kfold_handler", "Metrics of a candidate's folds.")
        self.leaderboard = function(
            "Leaderboard", "leaderboard_handler", "Ranks the candidates by their folds."
        )
        self.holdout = function(
            "Holdout", "holdout_handler", "Metrics of a finalist, and whether it passes the gates."
        )
        self.register = function(
            "Register", "register_handler", "Registers the finalists that pass the gates."
        )
        for judge in (self.kfold, self.holdout):
            results.grant_read(judge.role, "predictions/")
            results.grant_write(judge.role, "evaluations/")
        results.grant_read(self.leaderboard.role, "evaluations/")
        results.grant_write(self.leaderboard.role, "evaluations/")
        # SageMaker looks at what a package is made of as the caller of CreateModelPackage.
        results.grant_read(self.register.role, "evaluations/")
        models.grant_read(self.register.role, "models/")
        _grant_registration(self.register.role, registered, images)


def _grant_registration(
    role: iam.IRole, registered: RegisteredModels, images: Iterable[str]
) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-model-registry.html"""
    stack = Stack.of(role)
    packages = f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:model-package"
    group = f"{packages}-group/{registered.group_name}"
    grant(
        role,
        actions=["ecr:BatchGetImage", "ecr:DescribeImages"],
        resources=sorted({repository_arn(image, partition=stack.partition) for image in images}),
    )
    grant(
        role,
        actions=["ssm:PutParameter"],
        resources=[parameter.parameter_arn for parameter in registered.parameters.values()],
    )
    grant(
        role,
        actions=["sagemaker:CreateModelPackageGroup", "sagemaker:DescribeModelPackageGroup"],
        resources=[group],
    )
    grant(
        role,
        actions=["sagemaker:CreateModelPackage"],
        resources=[group, f"{packages}/{registered.group_name}/*"],
        wildcard_reason="SageMaker numbers the versions of a model package group itself.",
    )
