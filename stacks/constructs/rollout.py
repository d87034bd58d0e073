"""Rolls the challenger out: a state machine, who controls it, and what stops it."""

import json
from collections.abc import Mapping

from aws_cdk import Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config import Hosting, Lifecycle, Rollout
from stacks.constructs import acknowledgements
from stacks.constructs.deployment_guardrails import (
    ALARM_REASON,
    VariantAlarms,
    alarm_statement,
    every_alarm,
)
from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant
from stacks.constructs.online_evaluation import OnlineEvaluation
from stacks.constructs.rollout_workflow import rollout_definition
from stacks.constructs.secure_bucket import SecureBucket
from stacks.constructs.workflow import Workflow

_EVENTS = "rollouts/"


def can_roll_out(hosting: Hosting) -> bool:
    """Whether the endpoint has two variants, one of the champion and one of the challenger."""
    return sorted(each.role or "" for each in hosting.variants) == ["challenger", "champion"]


class RolloutMachine(Construct):
    """Shifts the traffic from champion to challenger, as long as the challenger is not worse.

    Attributes:
        state_machine: Takes no input, or a rollout and its step to go on from.
        control: The function that starts, stops, resumes and aborts.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        lifecycle: Lifecycle,
        rollout: Rollout,
        online: OnlineEvaluation,
        alarms: VariantAlarms,
        data: SecureBucket,
        results: SecureBucket,
        encryption_key: kms.IKey,
    ) -> None:
        """Make the state machine, its two functions, the alarms' rule and the alarm on failure.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            lifecycle: Names project, endpoint and variants.
            rollout: The steps.
            online: Has the settings of the comparison, and the layer.
            alarms: Each gives the traffic back.
            data: Has the labels.
            results: Has what was captured, and takes history and looks, below `rollouts/`.
            encryption_key: Encrypts the logs.
        """
        super().__init__(scope, id_)
        name = f"{lifecycle.project.name}-rollout"
        stack = Stack.of(self)
        arn = f"arn:{stack.partition}:states:{stack.region}:{Aws.ACCOUNT_ID}"
        self._machine_arn = f"{arn}:stateMachine:{name}"
        self._executions_arn = f"{arn}:execution:{name}:*"
        self._key = encryption_key
        hosting = lifecycle.hosting
        roles = {each.role: each.name for each in hosting.variants}
        common = {
            "ENDPOINT_NAME": hosting.endpoint_name,
            "CHAMPION": roles["champion"],
            "CHALLENGER": roles["challenger"],
            "STATE_MACHINE": self._machine_arn,
            "RESULTS_BUCKET": results.bucket.bucket_name,
        }
        steps = self._steps(common, rollout, lifecycle, online, alarms, data, results)
        controls = EvaluationFunction(
            self,
            "Control",
            handler="rollout_control_handler",
            description="Starts, stops, resumes and aborts a rollout.",
            encryption_key=encryption_key,
            environment=common,
        )
        self.control = controls.function
        for role in (steps.role, controls.role):
            self._grant(role, hosting.endpoint_name, results)
        grant(controls.role, actions=["states:StartExecution"], resources=[self._machine_arn])
        grant(controls.role, actions=["states:StopExecution"], resources=[self._executions_arn])
        self.state_machine = Workflow(
            self,
            "Workflow",
            name=name,
            definition=rollout_definition(
                self, steps.function, check_seconds=rollout.check_seconds
            ),
            query_language=sfn.QueryLanguage.JSONATA,
            comment="Shift traffic to the challenger, step by step.",
            encryption_key=encryption_key,
            functions=[steps.function],
        ).state_machine
        self._give_back_on(alarms)
        self._tell_failures()

    def _steps(
        self,
        common: Mapping[str, str],
        rollout: Rollout,
        lifecycle: Lifecycle,
        online: OnlineEvaluation,
        alarms: VariantAlarms,
        data: SecureBucket,
        results: SecureBucket,
    ) -> EvaluationFunction:
        plan = rollout.model_dump(
            mode="json", include={"steps", "minutes", "rows", "longest_minutes"}
        )
        function = EvaluationFunction(
            self,
            "Step",
            handler="rollout_handler",
            description="Does one step of a rollout, and judges it.",
            encryption_key=self._key,
            environment={
                **common,
                "ALARMS": Stack.of(self).to_json_string(alarms.names),
                "DATA_BUCKET": data.bucket.bucket_name,
                "GROUND_TRUTH_PREFIX": lifecycle.online.ground_truth,
                "PLAN": json.dumps(plan),
                "SETTINGS": json.dumps(online.settings),
            },
            layers=[online.numbers],
        )
        online.grant_read(function.role)
        function.role.add_to_principal_policy(alarm_statement(self))
        acknowledgements.acknowledge_wildcard(function.role, every_alarm(self), ALARM_REASON)
        return function

    def _grant(self, role: iam.IRole, endpoint: str, results: SecureBucket) -> None:
        stack = Stack.of(self)
        start = f"arn:{stack.partition}:sagemaker:{stack.region}:{Aws.ACCOUNT_ID}:endpoint/"
        grant(
            role,
            actions=[
                "sagemaker:DescribeEndpoint",
                "sagemaker:UpdateEndpointWeightsAndCapacities",
            ],
            # SageMaker's ARNs have names in lower case.
            resources=[start + endpoint.lower()],
        )
        grant(
            role,
            actions=["states:DescribeExecution"],
            resources=[self._executions_arn],
            wildcard_reason="Executions are named when they start; the ARN is of one machine's.",
        )
        bus = f"arn:{stack.partition}:events:{stack.region}:{Aws.ACCOUNT_ID}:event-bus/default"
        grant(role, actions=["events:PutEvents"], resources=[bus])
        results.grant_read(role, _EVENTS)
        results.grant_write(role, _EVENTS)

    def _give_back_on(self, alarms: VariantAlarms) -> None:
        if not alarms.names:
            return
        rule = events.Rule(
            self,
            "Alarmed",
            description="An alarm of the endpoint ends the rollout at once.",
            event_pattern=events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                detail={"alarmName": alarms.names, "state": {"value": ["ALARM"]}},
            ),
        )
        rule.add_target(targets.LambdaFunction(self.control))

    def _tell_failures(self) -> None:
        for metric in ("ExecutionsFailed", "ExecutionsTimedOut"):
            cloudwatch.CfnAlarm(
                self,
                metric,
                alarm_description="A rollout failed: the weights are as it left them.",
                namespace="AWS/States",
                metric_name=metric,
                dimensions=[
                    cloudwatch.CfnAlarm.DimensionProperty(
                        name="StateMachineArn", value=self._machine_arn
                    )
                ],
                statistic="Sum",
                comparison_operator="GreaterThanThreshold",
                threshold=0,
                period=60,
                evaluation_periods=1,
                treat_missing_data="notBreaching",
            )
