"""The training stack: from the data to registered models."""

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct

from config import Lifecycle
from stacks.constructs.candidate_specification import CandidateSpecifications
from stacks.constructs.execution_role import ExecutionRole
from stacks.constructs.lifecycle_functions import LifecycleFunctions
from stacks.constructs.lifecycle_workflow import LifecycleWorkflow
from stacks.constructs.preparation import Preparation
from stacks.constructs.registered_models import RegisteredModels, parameter_prefix
from stacks.constructs.train_and_score import TrainingEnvironment
from stacks.storage import StorageStack


class TrainingStack(Stack):
    """The lifecycle's state machine and what it needs.

    Attributes:
        execution_role: SageMaker's role, for the jobs and models of the other stacks too.
        registered: The model package group, and champion's and challenger's parameters.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        lifecycle: Lifecycle,
        storage: StorageStack,
        env: Environment,
    ) -> None:
        """Make the stack."""
        project = lifecycle.project.name
        super().__init__(scope, id_, env=env, description=f"Training of {project}.")
        key = storage.encryption_key
        execution = ExecutionRole(self, "Execution", encryption_key=key)
        storage.data.grant_read(execution.role)
        storage.data.grant_write(execution.role, "prepared/")
        storage.models.grant_read(execution.role)
        storage.models.grant_write(execution.role)
        storage.results.grant_write(execution.role)
        self.execution_role = execution.role
        self.registered = RegisteredModels(self, "Registered", project=project)
        candidates = CandidateSpecifications(
            self,
            "Specifications",
            file=lifecycle.path.name,
            candidates=lifecycle.candidates,
            region=self.region,
            encryption_key=key,
            execution_role=execution,
        )
        preparation = Preparation(
            self,
            "Preparation",
            project=project,
            data=lifecycle.data,
            processing=lifecycle.processing,
            bucket=storage.data.bucket,
            encryption_key=key,
            execution_role=execution,
        )
        functions = LifecycleFunctions(
            self,
            "Functions",
            results=storage.results,
            models=storage.models,
            package_group=self.registered.group,
            champions=self.registered.parameters,
            parameter_prefix=parameter_prefix(project),
            encryption_key=key,
        )
        workflow = LifecycleWorkflow(
            self,
            "Lifecycle",
            environment=TrainingEnvironment(
                project=project,
                data=storage.data.bucket,
                models=storage.models.bucket,
                results=storage.results.bucket,
                execution_role=execution.role,
                encryption_key=key,
                longest_training_seconds=max(
                    candidate.max_runtime_seconds for candidate in lifecycle.candidates
                ),
            ),
            specifications=candidates.specifications,
            prepare=preparation.state,
            functions=functions,
            evaluation=lifecycle.evaluation,
            n_splits=lifecycle.data.split.n_splits,
            parallel=lifecycle.parallel,
            instance_types=_instance_types(lifecycle),
        )
        CfnOutput(self, "LifecycleStateMachineArn", value=workflow.state_machine.state_machine_arn)
        CfnOutput(
            self, "ModelPackageGroupName", value=self.registered.group.model_package_group_name
        )
        for role, parameter in self.registered.parameters.items():
            CfnOutput(self, f"{role.capitalize()}ParameterName", value=parameter.parameter_name)


def _instance_types(lifecycle: Lifecycle) -> list[str]:
    hosting = {variant.instance_type for variant in lifecycle.hosting.variants}
    training = {candidate.instance_type for candidate in lifecycle.candidates}
    return sorted(hosting | training | {lifecycle.batch.instance_type})
