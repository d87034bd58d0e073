"""Deletes the temporary endpoints that executions could not delete themselves.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.lifecycle_functions import LifecycleFunctions
from stacks.constructs.training_environment import TrainingEnvironment
from stacks.constructs.workflow_permissions import grant_endpoint_cleanup

# A fold that fails stops the others of its candidate at once, and the execution goes on.
_ENDS = ["SUCCEEDED", "ABORTED", "TIMED_OUT", "FAILED"]


class EndpointCleanup(Construct):
    """A rule on the ends of a state machine's executions, and the function that it invokes."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: TrainingEnvironment,
        functions: LifecycleFunctions,
        state_machine: sfn.IStateMachine,
    ) -> None:
        """Make rule and function.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            environment: Says what the endpoints are called.
            functions: Have the layer.
            state_machine: Whose executions are watched.
        """
        super().__init__(scope, id_)
        discard = EvaluationFunction(
            self,
            "Discard",
            handler="discard_endpoints_handler",
            description="Deletes what an execution left of its temporary endpoints.",
            encryption_key=environment.encryption_key,
            environment={"PROJECT": environment.project},
            layers=[functions.numbers],
        )
        grant_endpoint_cleanup(discard.role, project=environment.project)
        rule = events.Rule(
            self,
            "Rule",
            description="An execution of the lifecycle has ended.",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "stateMachineArn": [state_machine.state_machine_arn],
                    "status": _ENDS,
                },
            ),
        )
        rule.add_target(targets.LambdaFunction(discard.function))
