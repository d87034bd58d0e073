"""What a state machine's role may do with SageMaker's jobs and models.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html, with the managed
rules by which `.sync` learns that a job has ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import IConstruct

from stacks.constructs.grants import grant

_NAMES = (
    "Jobs and models are named when the workflow runs; all names start with the project's name, "
    "to which the ARN is held."
)


@dataclass(frozen=True)
class JobKind:
    """A kind of SageMaker job.

    Attributes:
        name: As in the actions, `CreateTrainingJob` and so on.
        resource: As in the ARNs.
        rule: The managed EventBridge rule of its `.sync` integration.
    """

    name: str
    resource: str
    rule: str


TRAINING = JobKind(
    "TrainingJob", "training-job", "StepFunctionsGetEventsForSageMakerTrainingJobsRule"
)
TRANSFORM = JobKind(
    "TransformJob", "transform-job", "StepFunctionsGetEventsForSageMakerTransformJobsRule"
)
PROCESSING = JobKind(
    "ProcessingJob", "processing-job", "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
)

TUNING = JobKind(
    "HyperParameterTuningJob",
    "hyper-parameter-tuning-job",
    "StepFunctionsGetEventsForSageMakerTuningJobsRule",
)


def sagemaker_arns(scope: IConstruct, *, resource: str, project: str) -> str:
    """The ARN, with a wildcard, of the project's SageMaker resources of a kind."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:{resource}/{project}-*"


def grant_jobs(role: iam.IRole, *, kinds: Iterable[JobKind], project: str) -> None:
    """Let the role run jobs of these kinds to their end, and stop them."""
    stack = Stack.of(role)
    rules = f"arn:{stack.partition}:events:{stack.region}:{Aws.ACCOUNT_ID}:rule/"
    for kind in kinds:
        grant(
            role,
            actions=[
                f"sagemaker:Create{kind.name}",
                f"sagemaker:Describe{kind.name}",
                f"sagemaker:Stop{kind.name}",
                # `.sync` marks each job as its own by a tag.
                "sagemaker:AddTags",
                "sagemaker:ListTags",
            ],
            resources=[sagemaker_arns(role, resource=kind.resource, project=project)],
            wildcard_reason=_NAMES,
        )
        grant(
            role,
            actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            resources=[rules + kind.rule],
        )


def grant_descriptions(role: iam.IRole, *, project: str) -> None:
    """Let the role describe the project's training, transform and processing jobs."""
    for kind in (TRAINING, TRANSFORM, PROCESSING):
        grant(
            role,
            actions=[f"sagemaker:Describe{kind.name}"],
            resources=[sagemaker_arns(role, resource=kind.resource, project=project)],
            wildcard_reason=_NAMES,
        )


def grant_training_logs(role: iam.IRole, *, project: str) -> None:
    """Let the role read the logs of the project's training jobs.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    """
    stack = Stack.of(role)
    group = (
        f"arn:{stack.partition}:logs:{stack.region}:{Aws.ACCOUNT_ID}:"
        "log-group:/aws/sagemaker/TrainingJobs"
    )
    grant(
        role,
        actions=["logs:DescribeLogStreams"],
        resources=[group, f"{group}:*"],
        wildcard_reason="This form of the ARN of a log group stands for its streams.",
    )
    grant(
        role,
        actions=["logs:GetLogEvents"],
        resources=[f"{group}:log-stream:{project}-*"],
        wildcard_reason=_NAMES,
    )


def grant_trials(role: iam.IRole, *, project: str) -> None:
    """Let the role read what the project's tuning jobs tried."""
    grant(
        role,
        actions=["sagemaker:ListTrainingJobsForHyperParameterTuningJob"],
        resources=[sagemaker_arns(role, resource=TUNING.resource, project=project)],
        wildcard_reason=_NAMES,
    )


def grant_models(role: iam.IRole, *, project: str) -> None:
    """Let the role make and delete models."""
    grant(
        role,
        actions=["sagemaker:CreateModel", "sagemaker:DeleteModel", "sagemaker:AddTags"],
        resources=[sagemaker_arns(role, resource="model", project=project)],
        wildcard_reason=_NAMES,
    )


def grant_endpoints(role: iam.IRole, *, project: str) -> None:
    """Let the role make and delete endpoints, and their configurations."""
    for actions, name in (
        (["CreateEndpointConfig", "DeleteEndpointConfig"], "endpoint-config"),
        (["CreateEndpoint", "DeleteEndpoint", "DescribeEndpoint"], "endpoint"),
    ):
        grant(
            role,
            actions=[f"sagemaker:{action}" for action in (*actions, "AddTags")],
            resources=[sagemaker_arns(role, resource=name, project=project)],
            wildcard_reason=_NAMES,
        )


def grant_endpoint_cleanup(role: iam.IRole, *, project: str) -> None:
    """Let the role find the project's endpoints, and delete them with what belongs to them."""
    grant(
        role,
        actions=[f"sagemaker:List{kind}" for kind in ("Endpoints", "EndpointConfigs", "Models")],
        resources=["*"],
        wildcard_reason="SageMaker has no resource level for lists.",
    )
    for actions, name in (
        (["DescribeEndpoint", "DeleteEndpoint"], "endpoint"),
        (["DeleteEndpointConfig"], "endpoint-config"),
        (["DeleteModel"], "model"),
    ):
        grant(
            role,
            actions=[f"sagemaker:{action}" for action in (*actions, "ListTags")],
            resources=[sagemaker_arns(role, resource=name, project=project)],
            wildcard_reason=_NAMES,
        )


def grant_requests(role: iam.IRole, *, project: str) -> None:
    """Let the role send requests to the project's endpoints."""
    grant(
        role,
        actions=["sagemaker:InvokeEndpoint"],
        resources=[sagemaker_arns(role, resource="endpoint", project=project)],
        wildcard_reason=_NAMES,
    )


def grant_model_packages(role: iam.IRole, *, project: str) -> None:
    """Let the role make model packages of trained models, and delete them."""
    grant(
        role,
        actions=[
            "sagemaker:CreateModelPackage",
            "sagemaker:DescribeModelPackage",
            "sagemaker:DeleteModelPackage",
            "sagemaker:AddTags",
        ],
        resources=[sagemaker_arns(role, resource="model-package", project=project)],
        wildcard_reason=_NAMES,
    )


def grant_training_requests(role: iam.IRole, *, project: str) -> None:
    """Let the role ask for the project's training jobs, and stop them."""
    grant(
        role,
        actions=["sagemaker:CreateTrainingJob", "sagemaker:StopTrainingJob", "sagemaker:AddTags"],
        resources=[sagemaker_arns(role, resource=TRAINING.resource, project=project)],
        wildcard_reason=_NAMES,
    )


def grant_registered_models(role: iam.IRole, *, project: str) -> None:
    """Let the role make models of the project's model packages.

    SageMaker checks CreateModel on the model package too:
    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html
    """
    grant(
        role,
        actions=["sagemaker:CreateModel"],
        resources=[sagemaker_arns(role, resource="model-package", project=project)],
        wildcard_reason=_NAMES,
    )


def grant_execution(
    role: iam.IRole, *, execution_role: iam.IRole, encryption_key: kms.IKey
) -> None:
    """Let the role hand SageMaker its execution role, and the key of the jobs' volumes."""
    grant(
        role,
        actions=["iam:PassRole"],
        resources=[execution_role.role_arn],
        conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    )
    grant(role, actions=["kms:DescribeKey"], resources=[encryption_key.key_arn])
    grant(
        role,
        actions=["kms:CreateGrant"],
        resources=[encryption_key.key_arn],
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )
