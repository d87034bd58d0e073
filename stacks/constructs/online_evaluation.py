"""The scheduled function that compares an endpoint's variants on live data."""

import json

from aws_cdk import Aws, CfnCondition, CfnResource, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from config import Lifecycle
from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant
from stacks.constructs.lifecycle_functions import REQUIREMENTS
from stacks.constructs.python_layer import PythonLayer
from stacks.constructs.secure_bucket import SecureBucket

CAPTURED = "captured/"
NAMESPACE = "SageMakerLifecycle"


class OnlineEvaluation(Construct):
    """Joins what was captured with the labels that came, and writes what the variants are worth.

    Attributes:
        function: Takes no input.
        settings: How the variants are compared.
        numbers: The layer that a comparison needs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        lifecycle: Lifecycle,
        data: SecureBucket,
        results: SecureBucket,
        encryption_key: kms.IKey,
        exists: CfnCondition | None,
    ) -> None:
        """Make function and schedule.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            lifecycle: Says how.
            data: Has the labels, below `online.ground_truth`.
            results: Has what was captured, and takes the comparison, below `online/`.
            encryption_key: Encrypts the log.
            exists: Whether there is an endpoint, and a schedule.
        """
        super().__init__(scope, id_)
        online, endpoint = lifecycle.online, lifecycle.hosting.endpoint_name
        # A layer of its own: one of another stack could not be replaced while this one uses it.
        self.numbers = PythonLayer(
            self,
            "Numbers",
            requirements=REQUIREMENTS,
            description="numpy and pyarrow, for the function that compares.",
        )
        self.settings = {
            "loss": online.loss,
            "margin": online.margin,
            "error_margin": online.error_margin,
            "alpha": online.alpha,
            "planned_rows": online.planned_rows,
            "threshold": _threshold(lifecycle),
            "n_resamples": lifecycle.evaluation.n_resamples,
        }
        compare = EvaluationFunction(
            self,
            "Compare",
            handler="online_handler",
            description="Compares the variants of an endpoint on live data.",
            encryption_key=encryption_key,
            environment={
                "ENDPOINT_NAME": endpoint,
                "DATA_BUCKET": data.bucket.bucket_name,
                "RESULTS_BUCKET": results.bucket.bucket_name,
                "GROUND_TRUTH_PREFIX": online.ground_truth,
                "WINDOW_HOURS": str(online.window_hours),
                "SETTINGS": json.dumps(self.settings),
            },
            layers=[self.numbers],
        )
        self.function = compare.function
        self._data, self._results, self._ground_truth = data, results, online.ground_truth
        self.grant_read(compare.role)
        results.grant_write(compare.role, "online/")
        _grant(compare.role, endpoint)
        rule = events.Rule(
            self,
            "Schedule",
            description="When the variants are compared.",
            schedule=events.Schedule.rate(Duration.minutes(online.every_minutes)),
        )
        rule.add_target(targets.LambdaFunction(self.function))
        for each in self.node.find_all():
            if isinstance(each, CfnResource) and each.cfn_resource_type in (
                "AWS::Events::Rule",
                "AWS::Lambda::Permission",
            ):
                each.cfn_options.condition = exists

    def grant_read(self, role: iam.IRole) -> None:
        """Let a role read what was captured, the labels, and the metrics of the variants."""
        self._data.grant_read(role, self._ground_truth)
        self._results.grant_read(role, CAPTURED)
        grant(
            role,
            actions=["cloudwatch:GetMetricData"],
            resources=["*"],
            wildcard_reason="CloudWatch has no resource level for reading metrics.",
        )


def _threshold(lifecycle: Lifecycle) -> float:
    # One that is chosen on the folds is known to the run only.
    threshold = lifecycle.evaluation.threshold
    return 0.5 if threshold is None or threshold.value is None else threshold.value


def _grant(role: iam.IRole, endpoint: str) -> None:
    stack = Stack.of(role)
    # SageMaker's ARNs have names in lower case.
    arn = (
        f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:"
        f"endpoint/{endpoint.lower()}"
    )
    grant(role, actions=["sagemaker:DescribeEndpoint"], resources=[arn])
    grant(
        role,
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        wildcard_reason="CloudWatch has no resource level here; a condition holds the namespace.",
    )
