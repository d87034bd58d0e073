"""The state machine of the whole lifecycle: prepare, train, evaluate, register."""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from config import Lifecycle
from stacks.constructs import acknowledgements, judgement
from stacks.constructs.candidate_stage import candidate_stage
from stacks.constructs.champion_stage import champion_stage
from stacks.constructs.finalist_stage import finalist_stage
from stacks.constructs.grants import grant_download
from stacks.constructs.json_asset import json_asset
from stacks.constructs.jsonata import Expression, Value, flattened, given, jsonata, merged
from stacks.constructs.lifecycle_functions import LifecycleFunctions
from stacks.constructs.registered_models import RegisteredModels
from stacks.constructs.sagemaker_task import INPUT, REASON, SageMakerTask, catch, lambda_task
from stacks.constructs.subscription_stage import subscription_stage
from stacks.constructs.training_environment import TrainingEnvironment
from stacks.constructs.tuning_stage import longest_tuning, with_tuned
from stacks.constructs.workflow import Workflow
from stacks.constructs.workflow_permissions import (
    PROCESSING,
    TRAINING,
    TRANSFORM,
    TUNING,
    grant_endpoints,
    grant_execution,
    grant_jobs,
    grant_model_packages,
    grant_models,
    grant_registered_models,
    grant_trials,
)

_RUN_CHARACTERS = 15
_PAYLOAD = "$states.result.Payload"
_ALL_REASONS = '$join($states.input.failed.reason, "; ")'
_MAPS = ("Candidates", "FoldShards", "HoldoutShards")
_CHAMPION = ("ChampionShards",)
_REPLAYS = ("FoldReplay", "FinalistReplay")
# Step Functions takes 32,768 characters of a cause.
_LONGEST_CAUSE = 8000


class LifecycleWorkflow(Construct):
    """Takes no input; its output is `{"run", "leaderboard", "champion", "challenger", "holdout",
    "failed", "report"}`, where `report` is the S3 URI of the page, null if it failed.

    The state machine's language is JSONPath, because the map over the candidates needs it; every
    other state says that its own is JSONata.

    Attributes:
        state_machine: The state machine.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: TrainingEnvironment,
        specifications: Sequence[Mapping[str, Value]],
        prepare: SageMakerTask,
        functions: LifecycleFunctions,
        registered: RegisteredModels,
        lifecycle: Lifecycle,
    ) -> None:
        """Make the state machine.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            environment: Where the jobs run, read and write.
            specifications: The candidates.
            prepare: The state that prepares the run's data.
            functions: What judges, ranks and registers.
            registered: Has the champion.
            lifecycle: Says how the candidates are evaluated, and how many train at a time.
        """
        super().__init__(scope, id_)
        tuning_seconds = longest_tuning(lifecycle.candidates)
        self._evaluation = lifecycle.evaluation
        self._environment = environment
        self._registered = registered
        self._n_repeats = lifecycle.data.split.n_repeats
        self._functions = functions
        self._configuration = json_asset(self, "Configuration", lifecycle.resolved())
        grant_download(functions.report.role, self._configuration)
        definition = self._definition(
            prepare=prepare,
            specifications=specifications,
            candidates=candidate_stage(
                self,
                environment=environment,
                shard=functions.shard.function,
                kfold=functions.kfold.function,
                replay=functions.replay.function if functions.replay else None,
                lifecycle=lifecycle,
                tuning_seconds=tuning_seconds,
            ),
            finalists=finalist_stage(
                self,
                environment=environment,
                shard=functions.shard.function,
                holdout=functions.holdout.function,
                replay=functions.replay.function if functions.replay else None,
                lifecycle=lifecycle,
            ),
            subscriptions=subscription_stage(
                self,
                environment=environment,
                check=functions.subscription.function,
                source=lifecycle.data.source,
            )
            if functions.subscription
            else None,
            lifecycle=lifecycle,
        )
        workflow = Workflow(
            self,
            "Workflow",
            name=f"{environment.project}-lifecycle",
            definition=definition,
            query_language=sfn.QueryLanguage.JSON_PATH,
            comment="Prepare, train, evaluate and register.",
            encryption_key=environment.encryption_key,
            functions=[
                each.function
                for each in (
                    functions.shard,
                    functions.replay,
                    functions.kfold,
                    functions.leaderboard,
                    functions.holdout,
                    functions.compare,
                    functions.report,
                    functions.register,
                    functions.subscription,
                )
                if each
            ],
        )
        self.state_machine = workflow.state_machine
        compared = lifecycle.evaluation.compares_with_champion
        labels = (*_MAPS, *(_REPLAYS if functions.replay else ()))
        self._acknowledge_children((*labels, *(_CHAMPION if compared else ())))
        role = self.state_machine.role
        project = environment.project
        grant_jobs(role, kinds=(PROCESSING, TRAINING, TRANSFORM), project=project)
        if tuning_seconds is not None:
            grant_jobs(role, kinds=(TUNING,), project=project)
            grant_trials(functions.kfold.role, project=project)
        grant_models(role, project=project)
        if functions.replay:
            grant_endpoints(role, project=project)
        if environment.marketplace:
            grant_model_packages(role, project=project)
        if environment.marketplace or lifecycle.evaluation.compares_with_champion:
            grant_registered_models(role, project=project)
        grant_execution(
            role,
            execution_role=environment.execution_role,
            encryption_key=environment.encryption_key,
        )

    def _acknowledge_children(self, labels: Sequence[str]) -> None:
        stack = Stack.of(self)
        name = stack.split_arn(
            self.state_machine.state_machine_arn, ArnFormat.COLON_RESOURCE_NAME
        ).resource_name
        executions = f"arn:{stack.partition}:states:{stack.region}:{stack.account}:execution:{name}"
        for arn in (f"{executions}:*", *(f"{executions}/{label}:*" for label in labels)):
            acknowledgements.acknowledge_wildcard(
                self.state_machine,
                arn,
                "A distributed map starts child executions of its own state machine; Step "
                "Functions names them.",
            )

    def _definition(
        self,
        *,
        prepare: SageMakerTask,
        specifications: Sequence[Mapping[str, Value]],
        candidates: sfn.DistributedMap,
        finalists: sfn.Map,
        subscriptions: sfn.Map | None,
        lifecycle: Lifecycle,
    ) -> sfn.Chain:
        plan = sfn.Pass.jsonata(
            self,
            "Plan",
            outputs=jsonata(
                {
                    "run": Expression(
                        "$replace($substring($states.context.Execution.Name, 0, "
                        f'{_RUN_CHARACTERS}), /[^a-zA-Z0-9-]/, "-")'
                    ),
                    "candidates": specifications,
                }
            ),
        )
        rank = self._rank()
        compare = self._compare(lifecycle)
        report = self._report(lifecycle)
        register = self._register(lifecycle)
        catch(prepare, self._failure("PreparationFailed", given("reason")))
        # This map's language is JSONPath, and so is its Catch.
        candidates.add_catch(
            sfn.Fail.jsonata(
                self,
                "CandidatesFailed",
                error="CandidatesFailed",
                cause=jsonata(
                    Expression(REASON.text.replace("$states.errorOutput", "$states.input.failure"))
                ),
            ),
            result_path="$.failure",
        )
        catch(rank, self._failure("RankingFailed", given("reason")))
        catch(finalists, self._failure("FinalistsFailed", given("reason")))
        catch(compare, self._failure("ComparisonFailed", given("reason")))
        # What trained for hours is registered, even if nobody can read of it.
        unreported = sfn.Pass.jsonata(
            self, "ReportFailed", outputs=jsonata(merged(INPUT, {"report": None}))
        )
        catch(report, unreported)
        unreported.next(register)
        catch(
            register,
            sfn.Fail.jsonata(
                self,
                "RegistrationFailed",
                error=jsonata(given("error")),
                cause=jsonata(_shortened("$states.input.reason")),
            ),
        )
        judged = sfn.Choice.jsonata(self, "AnyFinalistJudged")
        judged.when(_some("finalists"), compare.next(report).next(register)).otherwise(
            self._failure("NoFinalistCompleted", Expression(_ALL_REASONS))
        )
        ranked = sfn.Choice.jsonata(self, "AnyCandidateCompleted")
        finalists.next(judged)
        ranked.when(_some("finalists"), self._champion(finalists, lifecycle)).otherwise(
            self._failure("NoCandidateCompleted", Expression(_ALL_REASONS))
        )
        start = plan.next(subscriptions) if subscriptions else plan
        return start.next(prepare).next(candidates).next(rank).next(ranked)

    def _champion(self, then: sfn.IChainable, lifecycle: Lifecycle) -> sfn.IChainable:
        if not lifecycle.evaluation.compares_with_champion:
            return then
        return champion_stage(
            self,
            environment=self._environment,
            registered=self._registered,
            shard=self._functions.shard.function,
            lifecycle=lifecycle,
            passed=then,
            failed=self._failure("ChampionFailed", given("reason")),
        )

    def _failure(self, name: str, cause: Expression) -> sfn.Fail:
        return sfn.Fail.jsonata(self, name, error=name, cause=jsonata(_shortened(cause.text)))

    def _rank(self) -> tasks.LambdaInvoke:
        return lambda_task(
            self,
            "Rank",
            function=self._functions.leaderboard.function,
            payload={
                "run": given("run"),
                "rank_by": self._evaluation.rank_by,
                "finalists": self._evaluation.finalists,
                "confidence_level": self._evaluation.confidence_level,
                "n_repeats": self._n_repeats,
                "results": given("results"),
            },
            output={
                "run": given("run"),
                "candidates": flattened(with_tuned()),
                "leaderboard": Expression(f"{_PAYLOAD}.leaderboard"),
                "finalists": flattened(Expression(f"{_PAYLOAD}.finalists")),
                "failed": flattened(Expression(f"{_PAYLOAD}.failed")),
            },
        )

    def _compare(self, lifecycle: Lifecycle) -> tasks.LambdaInvoke:
        return lambda_task(
            self,
            "Compare",
            function=self._functions.compare.function,
            payload={
                "run": given("run"),
                "candidates": flattened(given("finalists.candidate")),
                "rank_by": self._evaluation.rank_by,
                "problem": judgement.problem(lifecycle),
                "confidence": judgement.confidence(lifecycle),
            },
            output=INPUT,
        )

    def _report(self, lifecycle: Lifecycle) -> tasks.LambdaInvoke:
        return lambda_task(
            self,
            "Report",
            function=self._functions.report.function,
            payload={
                "run": given("run"),
                "project": lifecycle.project.name,
                "problem": judgement.problem(lifecycle),
                "configuration": self._configuration.s3_object_url,
            },
            output=merged(INPUT, {"report": Expression(f"{_PAYLOAD}.report")}),
        )

    def _register(self, lifecycle: Lifecycle) -> tasks.LambdaInvoke:
        return lambda_task(
            self,
            "Register",
            function=self._functions.register.function,
            payload={
                "run": given("run"),
                "rank_by": self._evaluation.rank_by,
                "finalists": given("finalists"),
                "approval": lifecycle.hosting.approval,
                "hosting_instance_types": sorted(
                    {variant.instance_type for variant in lifecycle.hosting.every_variant}
                ),
                "transform_instance_types": [lifecycle.batch.instance_type],
            },
            output={
                "run": given("run"),
                "leaderboard": given("leaderboard"),
                "champion": Expression(f"{_PAYLOAD}.champion"),
                "challenger": Expression(f"{_PAYLOAD}.challenger"),
                "holdout": flattened(given("finalists.holdout")),
                "failed": given("failed"),
                "report": given("report"),
            },
        )


def _some(key: str) -> sfn.Condition:
    return sfn.Condition.jsonata(jsonata(Expression(f"$count($states.input.{key}) > 0")))


def _shortened(text: str) -> Expression:
    return Expression(f"$substring({text}, 0, {_LONGEST_CAUSE})")
