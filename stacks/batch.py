"""The batch stack: scores what arrives under a prefix."""

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from config import Lifecycle
from stacks.constructs.batch_workflow import BatchWorkflow
from stacks.storage import StorageStack
from stacks.training import TrainingStack


class BatchStack(Stack):
    """A state machine that is started by hand, and by each object under the input prefix."""

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
        project, batch = lifecycle.project.name, lifecycle.batch
        super().__init__(scope, id_, env=env, description=f"Batch transform of {project}.")
        workflow = BatchWorkflow(
            self,
            "Batch",
            project=project,
            batch=batch,
            data=storage.data.bucket,
            results=storage.results.bucket,
            champion=training.registered.parameters["champion"],
            isolation=training.registered.isolation["champion"],
            execution_role=training.execution_role,
            encryption_key=storage.encryption_key,
        )
        events.Rule(
            self,
            "ObjectCreated",
            description=f"Starts a batch transform for each object below {batch.input_prefix}.",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [storage.data.bucket.bucket_name]},
                    "object": {
                        "key": [{"prefix": batch.input_prefix}],
                        # The console's folders are objects without content.
                        "size": [{"numeric": [">", 0]}],
                    },
                },
            ),
            targets=[targets.SfnStateMachine(workflow.state_machine)],
        )
        CfnOutput(self, "BatchStateMachineArn", value=workflow.state_machine.state_machine_arn)
        CfnOutput(self, "BatchInputPrefix", value=batch.input_prefix)
