"""The hosting stack: one endpoint for the registered models."""

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct

from config import Lifecycle
from stacks.constructs.data_capture import DataCapture
from stacks.constructs.online_evaluation import CAPTURED, OnlineEvaluation
from stacks.constructs.rollout import RolloutMachine, can_roll_out
from stacks.constructs.weighted_endpoint import WeightedEndpoint
from stacks.storage import StorageStack
from stacks.training import TrainingStack


class HostingStack(Stack):
    """Has no endpoint while no model is registered; deployed again, it has."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        lifecycle: Lifecycle,
        storage: StorageStack,
        training: TrainingStack,
        env: Environment,
    ) -> None:
        """Make the stack."""
        project = lifecycle.project.name
        super().__init__(scope, id_, env=env, description=f"Hosting of {project}.")
        # CloudFormation reads the parameters by name, so it does not see that they come from there.
        self.add_stack_dependency(training)
        endpoint = WeightedEndpoint(
            self,
            "Endpoint",
            project=project,
            hosting=lifecycle.hosting,
            group_name=training.registered.group_name,
            execution_role=training.execution_role,
            encryption_key=storage.encryption_key,
            capture=DataCapture(
                lifecycle.online.capture_percentage,
                lifecycle.online.capture,
                f"s3://{storage.results.bucket.bucket_name}/{CAPTURED}",
            ),
        )
        output = CfnOutput(self, "EndpointName", value=lifecycle.hosting.endpoint_name)
        output.condition = endpoint.exists
        if lifecycle.online.capture_percentage and lifecycle.data.problem_type == "binary":
            online = OnlineEvaluation(
                self,
                "Online",
                lifecycle=lifecycle,
                data=storage.data,
                results=storage.results,
                encryption_key=storage.encryption_key,
                exists=endpoint.exists,
            )
            CfnOutput(self, "OnlineFunctionName", value=online.function.function_name)
            if lifecycle.rollout and can_roll_out(lifecycle.hosting):
                rollout = RolloutMachine(
                    self,
                    "Rollout",
                    lifecycle=lifecycle,
                    rollout=lifecycle.rollout,
                    online=online,
                    alarms=endpoint.alarms,
                    data=storage.data,
                    results=storage.results,
                    encryption_key=storage.encryption_key,
                )
                CfnOutput(self, "RolloutFunctionName", value=rollout.control.function_name)
