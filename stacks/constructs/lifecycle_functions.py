"""The Lambda functions between the jobs: they judge, rank and register."""

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant
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
        package_group: sagemaker.CfnModelPackageGroup,
        champions: dict[str, ssm.StringParameter],
        parameter_prefix: str,
        encryption_key: kms.IKey,
    ) -> None:
        """Make the functions."""
        super().__init__(scope, id_)
        environment = {
            "RESULTS_BUCKET": results.bucket.bucket_name,
            "MODEL_PACKAGE_GROUP": package_group.model_package_group_name,
            "PARAMETER_PREFIX": parameter_prefix,
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
        results.grant_read(self.register.role, "evaluations/")
        # SageMaker reads the model data as the caller of CreateModelPackage.
        models.grant_read(self.register.role, "models/")
        _grant_registry(self.register.role, package_group)
        grant(
            self.register.role,
            actions=["ssm:PutParameter"],
            resources=[parameter.parameter_arn for parameter in champions.values()],
        )


def _grant_registry(role: iam.IRole, package_group: sagemaker.CfnModelPackageGroup) -> None:
    stack = Stack.of(role)
    packages = f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:model-package"
    name = package_group.model_package_group_name
    grant(
        role,
        actions=["sagemaker:CreateModelPackage"],
        resources=[f"{packages}-group/{name}", f"{packages}/{name}/*"],
        wildcard_reason="SageMaker numbers the versions of a model package group itself.",
    )
