"""Who is champion and challenger, and what changes that: an approval, a promotion, a roll-back.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant
from stacks.constructs.lifecycle_functions import LifecycleFunctions
from stacks.constructs.registered_models import RegisteredModels
from stacks.constructs.secure_bucket import SecureBucket
from stacks.constructs.training_environment import TrainingEnvironment


class ModelRoles(Construct):
    """The function that changes the roles, and the rule by which an approval invokes it.

    Attributes:
        function: Takes `{"action": "approve", "promote" or "rollback", "by", "package"}`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: TrainingEnvironment,
        registered: RegisteredModels,
        results: SecureBucket,
        functions: LifecycleFunctions,
    ) -> None:
        """Make function and rule.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            environment: Has the results bucket, and the key of the log.
            registered: The roles' parameters, and the group whose approvals count.
            results: Takes the record of every change, below `roles/`.
            functions: Have the layer; the one that registers gives roles too.
        """
        super().__init__(scope, id_)
        changer = EvaluationFunction(
            self,
            "Change",
            handler="roles_handler",
            description="Makes a model the challenger, promotes it, or rolls back.",
            encryption_key=environment.encryption_key,
            environment={
                "PARAMETER_PREFIX": registered.prefix,
                "RESULTS_BUCKET": environment.results.bucket_name,
            },
            layers=[functions.numbers],
        )
        self.function = changer.function
        for role in (changer.role, functions.register.role):
            _grant_roles(role, registered, results)
        rule = events.Rule(
            self,
            "Approved",
            description="A model package of the project was approved.",
            event_pattern=events.EventPattern(
                source=["aws.sagemaker"],
                detail_type=["SageMaker Model Package State Change"],
                detail={
                    "ModelPackageGroupName": [registered.group_name],
                    "ModelApprovalStatus": ["Approved"],
                },
            ),
        )
        rule.add_target(targets.LambdaFunction(self.function))


def _grant_roles(role: iam.IRole, registered: RegisteredModels, results: SecureBucket) -> None:
    grant(
        role,
        actions=["ssm:GetParameter", "ssm:PutParameter"],
        resources=[
            parameter.parameter_arn
            for parameters in (registered.parameters, registered.isolation)
            for parameter in parameters.values()
        ],
    )
    results.grant_read(role, "roles/")
    results.grant_write(role, "roles/")
