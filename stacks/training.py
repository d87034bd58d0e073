"""The training stack: from the data to registered models."""

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct

from config import Lifecycle, Marketplace
from stacks.constructs.candidate_specification import CandidateSpecifications
from stacks.constructs.endpoint_cleanup import EndpointCleanup
from stacks.constructs.execution_role import ExecutionRole
from stacks.constructs.lifecycle_functions import LifecycleFunctions
from stacks.constructs.lifecycle_workflow import LifecycleWorkflow
from stacks.constructs.model_roles import ModelRoles
from stacks.constructs.preparation import Preparation
from stacks.constructs.registered_models import RegisteredModels
from stacks.constructs.training_environment import TrainingEnvironment
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
        project, key = lifecycle.project.name, storage.encryption_key
        super().__init__(scope, id_, env=env, description=f"Training of {project}.")
        execution = ExecutionRole(self, "Execution", encryption_key=key)
        execution.grant_storage(data=storage.data, models=storage.models, results=storage.results)
        self.execution_role = execution.role
        self.registered = RegisteredModels(self, "Registered", project=project)
        environment = TrainingEnvironment(
            project=project,
            data=storage.data.bucket,
            models=storage.models.bucket,
            results=storage.results.bucket,
            execution_role=execution.role,
            encryption_key=key,
            watched=any(each.entry.debugger for each in lifecycle.candidates),
            longest_training_seconds=max(
                each.entry.longest_seconds for each in lifecycle.candidates
            ),
            marketplace=any(isinstance(each.entry, Marketplace) for each in lifecycle.candidates),
        )
        candidates = CandidateSpecifications(
            self,
            "Specifications",
            lifecycle=lifecycle,
            encryption_key=key,
            execution_role=execution,
            debugger_output=f"s3://{storage.models.bucket.bucket_name}/debugger/",
        )
        preparation = Preparation(
            self,
            "Preparation",
            environment=environment,
            lifecycle=lifecycle,
            execution_role=execution,
        )
        functions = LifecycleFunctions(
            self,
            "Functions",
            data=storage.data,
            results=storage.results,
            models=storage.models,
            registered=self.registered,
            images=candidates.images,
            environment=environment,
            replays=lifecycle.evaluation.offline == "endpoint",
        )
        workflow = LifecycleWorkflow(
            self,
            "Lifecycle",
            environment=environment,
            specifications=candidates.specifications,
            prepare=preparation.state,
            functions=functions,
            registered=self.registered,
            lifecycle=lifecycle,
        )
        roles = ModelRoles(
            self,
            "Roles",
            environment=environment,
            registered=self.registered,
            results=storage.results,
            functions=functions,
        )
        if functions.replay:
            EndpointCleanup(
                self,
                "EndpointCleanup",
                environment=environment,
                functions=functions,
                state_machine=workflow.state_machine,
            )
        if environment.marketplace:
            # SageMaker looks at what a package is made of as the caller of CreateModelPackage.
            storage.models.grant_read(workflow.state_machine.role, "models/")
        self._add_outputs(workflow, roles)

    def _add_outputs(self, workflow: LifecycleWorkflow, roles: ModelRoles) -> None:
        CfnOutput(self, "LifecycleStateMachineArn", value=workflow.state_machine.state_machine_arn)
        CfnOutput(self, "RolesFunctionName", value=roles.function.function_name)
        CfnOutput(self, "ModelPackageGroupName", value=self.registered.group_name)
        for role, parameter in self.registered.parameters.items():
            CfnOutput(self, f"{role.capitalize()}ParameterName", value=parameter.parameter_name)
