"""The Lambda functions between the jobs: they judge, rank and register."""

from collections.abc import Iterable
from pathlib import Path

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant
from stacks.constructs.images import repository_arn
from stacks.constructs.python_layer import PythonLayer
from stacks.constructs.registered_models import RegisteredModels
from stacks.constructs.secure_bucket import SecureBucket
from stacks.constructs.training_environment import TrainingEnvironment
from stacks.constructs.workflow_permissions import (
    grant_descriptions,
    grant_execution,
    grant_requests,
    grant_training_logs,
    grant_training_requests,
)

_LAMBDAS = Path(__file__).parents[2] / "lambdas"
REQUIREMENTS = _LAMBDAS / "requirements.txt"
CHARTS = _LAMBDAS / "report" / "requirements.txt"


class LifecycleFunctions(Construct):
    """One function a handler, each with what it needs and no more.

    Attributes:
        shard: Reads predictions, and keeps the states of their rows.
        replay: Sends rows to temporary endpoints; None where transform jobs score them.
        kfold: Judges a candidate's folds.
        leaderboard: Ranks the candidates.
        holdout: Judges a finalist.
        compare: Tests whether the finalists differ.
        report: Writes the report.
        register: Registers the finalists that pass.
        subscription: Finds a missing subscription; None where no candidate needs one.
        numbers: The layer of the functions.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        data: SecureBucket,
        results: SecureBucket,
        models: SecureBucket,
        registered: RegisteredModels,
        images: Iterable[str],
        environment: TrainingEnvironment,
        replays: bool,
    ) -> None:
        """Make the functions.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            data: Has the labels of predictions that are without.
            results: Has the predictions, takes the evaluations.
            models: Has the model data.
            registered: Takes the models.
            images: The images that serve the models.
            environment: Where the workflow's jobs run, read and write.
            replays: Whether rows are sent to temporary endpoints in place of transform jobs.
        """
        super().__init__(scope, id_)
        variables = {
            "DATA_BUCKET": data.bucket.bucket_name,
            "RESULTS_BUCKET": results.bucket.bucket_name,
            "MODEL_PACKAGE_GROUP": registered.group_name,
            "PARAMETER_PREFIX": registered.prefix,
        }
        self.numbers = PythonLayer(
            self,
            "Numbers",
            requirements=REQUIREMENTS,
            description="numpy and pyarrow, for the functions that judge.",
        )

        charts = PythonLayer(
            self,
            "Charts",
            requirements=CHARTS,
            description="matplotlib and jinja2, for the report.",
        )

        def function(
            name: str, handler: str, description: str, *more: PythonLayer
        ) -> EvaluationFunction:
            return EvaluationFunction(
                self,
                name,
                handler=handler,
                description=description,
                encryption_key=environment.encryption_key,
                environment=variables,
                layers=[self.numbers, *more],
            )

        self.shard = function(
            "Shard", "shard_handler", "Keeps the states of rows that were scored."
        )
        self.kfold = function("KFold", "kfold_handler", "Metrics of a candidate's folds.")
        self.leaderboard = function(
            "Leaderboard", "leaderboard_handler", "Ranks the candidates by their folds."
        )
        self.holdout = function(
            "Holdout", "holdout_handler", "Metrics of a finalist, and whether it passes the gates."
        )
        self.compare = function(
            "Compare", "compare_handler", "Tests whether the finalists differ on the holdout."
        )
        self.report = function("Report", "report_handler", "Writes the report of a run.", charts)
        # Where matplotlib may keep what it knows of fonts.
        self.report.function.add_environment("MPLCONFIGDIR", "/tmp/matplotlib")
        self.register = function(
            "Register", "register_handler", "Registers the finalists that pass the gates."
        )
        data.grant_read(self.shard.role, "prepared/")
        results.grant_read(self.shard.role, "predictions/")
        results.grant_write(self.shard.role, "evaluations/")
        data.grant_read(self.report.role, "prepared/")
        models.grant_read(self.report.role, "models/")
        grant_descriptions(self.report.role, project=environment.project)
        grant_training_logs(self.report.role, project=environment.project)
        for judge in (self.kfold, self.leaderboard, self.holdout, self.compare, self.report):
            results.grant_read(judge.role, "evaluations/")
            results.grant_write(judge.role, "evaluations/")
        # SageMaker looks at what a package is made of as the caller of CreateModelPackage.
        results.grant_read(self.register.role, "evaluations/")
        models.grant_read(self.register.role, "models/")
        _grant_registration(self.register.role, registered, images)
        self.replay = None
        if replays:
            self.replay = function(
                "Replay", "replay_handler", "Sends rows to a temporary endpoint."
            )
            data.grant_read(self.replay.role, "prepared/")
            results.grant_write(self.replay.role, "predictions/")
            results.grant_write(self.replay.role, "evaluations/")
            grant_requests(self.replay.role, project=environment.project)
        self.subscription = None
        if environment.marketplace:
            _grant_algorithm_packages(self.register.role, registered)
            self.subscription = function(
                "Subscription", "subscription_handler", "Finds a missing subscription."
            )
            grant_training_requests(self.subscription.role, project=environment.project)
            grant_execution(
                self.subscription.role,
                execution_role=environment.execution_role,
                encryption_key=environment.encryption_key,
            )


def _grant_registration(
    role: iam.IRole, registered: RegisteredModels, images: Iterable[str]
) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-model-registry.html"""
    stack = Stack.of(role)
    packages = f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:model-package"
    group = f"{packages}-group/{registered.group_name}"
    repositories = sorted({repository_arn(image, partition=stack.partition) for image in images})
    if repositories:
        grant(role, actions=["ecr:BatchGetImage", "ecr:DescribeImages"], resources=repositories)
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


def _grant_algorithm_packages(role: iam.IRole, registered: RegisteredModels) -> None:
    stack = Stack.of(role)
    packages = f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:model-package"
    grant(
        role,
        actions=[
            "sagemaker:CreateModelPackage",
            "sagemaker:DescribeModelPackage",
            "sagemaker:AddTags",
        ],
        resources=[f"{packages}/{registered.group_name}-*"],
        wildcard_reason="A package is named by its run and its candidate.",
    )
