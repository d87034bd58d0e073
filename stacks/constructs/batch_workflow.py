"""The state machine that lets the champion score unlabelled rows."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from config import Batch
from stacks.constructs.jsonata import (
    Expression,
    Value,
    concatenated,
    first_of,
    given,
    jsonata,
    merged,
)
from stacks.constructs.registered_model_states import (
    IS_CSV,
    IS_UNREGISTERED,
    PACKAGE,
    VALUE,
    describe_package,
    read_parameter,
    score_rows,
)
from stacks.constructs.sagemaker_task import (
    INPUT,
    SageMakerTask,
    catch,
    delete_model,
)
from stacks.constructs.workflow import Workflow
from stacks.constructs.workflow_permissions import (
    TRANSFORM,
    grant_execution,
    grant_jobs,
    grant_models,
    grant_registered_models,
    sagemaker_arns,
)

_LONGEST_JOB = Duration.days(1)
_RUN = given("run")
_MODEL = given("model")
_ATTEMPT = Expression("$string($states.context.State.RetryCount)")


class BatchWorkflow(Construct):
    """Scores CSV rows without a label; a row of the output is the input's and its score or scores.

    Of a champion that does not answer in CSV, it is the answer alone, in the input's order: output
    in JSON Lines cannot be joined with input in CSV.

    The input is `{"input": "s3://..."}`, an "Object Created" event of S3, or nothing, which means
    all of the input prefix. The output is `{"model_package", "input", "output"}`.

    Attributes:
        state_machine: The state machine.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        project: str,
        batch: Batch,
        data: s3.IBucket,
        results: s3.IBucket,
        champion: ssm.IStringParameter,
        isolation: ssm.IStringParameter,
        execution_role: iam.IRole,
        encryption_key: kms.IKey,
    ) -> None:
        """Make the state machine.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            project: The first word of every name.
            batch: The input prefix, and what the job runs on.
            data: Has the input.
            results: Takes the output, below `batch/<run>/`.
            champion: Has the model package that scores.
            isolation: Says whether its model is isolated from the network.
            execution_role: The role of job and model.
            encryption_key: Encrypts the output and the log.
        """
        super().__init__(scope, id_)
        self._project = project
        self._batch = batch
        self._data = data
        self._results = results
        self._champion = champion
        self._isolation = isolation
        self._execution_role = execution_role
        self._key = encryption_key
        workflow = Workflow(
            self,
            "Workflow",
            name=f"{project}-batch",
            definition=self._definition(),
            query_language=sfn.QueryLanguage.JSONATA,
            comment="Score unlabelled rows with the champion.",
            encryption_key=encryption_key,
        )
        self.state_machine = workflow.state_machine
        role = self.state_machine.role
        grant_jobs(role, kinds=(TRANSFORM,), project=project)
        grant_models(role, project=project)
        grant_registered_models(role, project=project)
        grant_execution(role, execution_role=execution_role, encryption_key=encryption_key)

    def _definition(self) -> sfn.Chain:
        failed = sfn.Fail.jsonata(
            self,
            "BatchFailed",
            error="BatchFailed",
            cause=jsonata(
                concatenated(
                    "input ",
                    given("input"),
                    ": ",
                    given("reason"),
                )
            ),
        )
        name = self._champion.parameter_name
        unregistered = sfn.Fail.jsonata(
            self,
            "NoChampion",
            error="NoChampion",
            cause=f"No champion is registered in {name}: run the lifecycle first.",
        )
        read = read_parameter(
            self, "ReadChampion", parameter=self._champion, output={"model_package": VALUE}
        )
        isolated = Expression(f'{VALUE.text} = "true"')
        read_isolation = read_parameter(
            self, "ReadIsolation", parameter=self._isolation, output={"isolated": isolated}
        )
        describe = describe_package(self, "DescribeChampion", project=self._project)
        create, score = self._create_model(), self._score()
        delete = self._delete_model(
            "DeleteModel",
            {
                "model_package": PACKAGE,
                "input": given("input"),
                "output": given("output"),
            },
        )
        discard = self._delete_model("DiscardModel", INPUT)
        discard.add_catch(failed, outputs=jsonata(INPUT))
        discard.next(failed)
        for state in (read, read_isolation, describe, create, delete):
            catch(state, failed)
        catch(score, discard)
        registered = sfn.Choice.jsonata(self, "AnyChampion")
        registered.when(IS_UNREGISTERED, unregistered).otherwise(
            read_isolation.next(describe).next(create).next(score).next(delete)
        )
        return self._plan().next(read).next(registered)

    def _plan(self) -> sfn.Pass:
        run = '$replace($substring($states.context.Execution.Name, 0, 15), /[^a-zA-Z0-9-]/, "-")'
        event = (
            "($exists($states.input.detail.object.key) ? "
            '"s3://" & $states.input.detail.bucket.name & "/" & $states.input.detail.object.key)'
        )
        everything = f"s3://{self._data.bucket_name}/{self._batch.input_prefix}"
        results = f"s3://{self._results.bucket_name}/batch/"
        return sfn.Pass.jsonata(
            self,
            "Plan",
            outputs=jsonata(
                {
                    "run": Expression(run),
                    "input": first_of(given("input"), Expression(event), everything),
                    "output": concatenated(results, Expression(run), "/"),
                }
            ),
        )

    def _create_model(self) -> SageMakerTask:
        model = concatenated(f"{self._project}-batch-", _RUN, "-", _ATTEMPT)
        return SageMakerTask(
            self,
            "CreateModel",
            action="createModel",
            arguments={
                "ModelName": model,
                "Containers": [{"ModelPackageName": PACKAGE}],
                "EnableNetworkIsolation": given("isolated"),
                "ExecutionRoleArn": self._execution_role.role_arn,
                "Tags": self._tags(),
            },
            output=merged(INPUT, {"model": model}),
            timeout=Duration.minutes(5),
        )

    def _score(self) -> SageMakerTask:
        return score_rows(
            self,
            "Score",
            model=_MODEL,
            rows=given("input"),
            output=given("output"),
            data_processing={"JoinSource": Expression(f'{IS_CSV.text} ? "Input" : "None"')},
            batch=self._batch,
            encryption_key=self._key,
            tags=self._tags(),
            timeout=_LONGEST_JOB,
        )

    def _delete_model(self, id_: str, output: Value) -> tasks.CallAwsService:
        models = sagemaker_arns(self, resource="model", project=self._project)
        return delete_model(self, id_, model_name=_MODEL, model_arns=models, output=output)

    def _tags(self) -> list[Value]:
        return [{"Key": "project", "Value": self._project}, {"Key": "run", "Value": _RUN}]
