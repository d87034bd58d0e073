"""The states that send rows to a temporary endpoint, in place of a transform job.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html, where
CreateEndpoint has no `.sync`.
"""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.jsonata import (
    Expression,
    Value,
    concatenated,
    first_of,
    flattened,
    given,
    jsonata,
    merged,
    or_null,
)
from stacks.constructs.sagemaker_task import (
    CAUGHT,
    INPUT,
    SageMakerTask,
    catch,
    lambda_task,
    sdk_task,
)
from stacks.constructs.shard_stage import SHORT_REASON
from stacks.constructs.training_environment import TRAINING_JOB, TrainingEnvironment, tags
from stacks.constructs.workflow_permissions import sagemaker_arns

VARIANT = "replay"
# Ever longer, up to a minute: an hour is then about 600 of the 25,000 events of a history.
_FIRST_SECONDS = 2
_MOST_SECONDS = 60
_MOST_WAITS = 65
_OBJECTS_PER_FUNCTION = 4
_FUNCTIONS = 4
_INSTANCES = "candidate.transform.TransformResources"


class ReplayStage(Construct):
    """Makes an endpoint of the model, sends it a shard's rows, and deletes it whatever happens.

    The endpoint and its configuration have the model's name.

    Attributes:
        start: The first state.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        environment: TrainingEnvironment,
        function: lambda_.IFunction,
        passed: sfn.IChainable,
        failed: sfn.IChainable,
    ) -> None:
        """Make the states.

        Args:
            scope: Where the states belong.
            id_: Their id there.
            name: What is trained, to name the states by.
            environment: Where the rows are, and the predictions go.
            function: Sends the rows.
            passed: What comes after; its input is the first state's.
            failed: Where an error leads; its input has `error` and `reason` besides.
        """
        super().__init__(scope, id_)
        self._scope, self._name, self._environment = scope, name, environment
        delete = self._delete(passed, failed)
        replay = self._replay(function, delete)
        self.start = self._configure(delete)
        self.start.next(self._create(replay, delete))

    def _configure(self, delete: sfn.IChainable) -> SageMakerTask:
        key = "VolumeKmsKeyId"
        encrypted = given(f"{_INSTANCES}.{key}").text
        request = merged(
            {
                "EndpointConfigName": TRAINING_JOB,
                "ProductionVariants": [
                    {
                        "VariantName": VARIANT,
                        "ModelName": TRAINING_JOB,
                        "InstanceType": given(f"{_INSTANCES}.InstanceType"),
                        "InitialInstanceCount": given(f"{_INSTANCES}.InstanceCount"),
                        "InitialVariantWeight": 1,
                    }
                ],
                "Tags": tags(self._environment),
            },
            Expression(f'($exists({encrypted}) ? {{"KmsKeyId": {encrypted}}} : {{}})'),
        )
        # The SDK's integration takes no request that is one expression.
        state = SageMakerTask(
            self._scope,
            f"Configure{self._name}Endpoint",
            action="createEndpointConfig",
            arguments=request,
            output=INPUT,
            timeout=Duration.minutes(5),
        )
        catch(state, delete)
        return state

    def _create(self, replay: sfn.IChainable, delete: sfn.IChainable) -> tasks.CallAwsService:
        request: dict[str, Value] = {
            "EndpointName": TRAINING_JOB,
            "EndpointConfigName": TRAINING_JOB,
            "Tags": tags(self._environment),
        }
        create = self._task(
            "Create", "createEndpoint", request, "endpoint", also=["endpoint-config"]
        )
        describe = self._task(
            "Describe",
            "describeEndpoint",
            {"EndpointName": TRAINING_JOB},
            "endpoint",
            output=merged(
                INPUT,
                {
                    "waits": Expression(f"{first_of(given('waits'), 0).text} + 1"),
                    "endpoint_status": Expression("$states.result.EndpointStatus"),
                    "endpoint_reason": or_null(Expression("$states.result.FailureReason")),
                },
            ),
        )
        seconds = f"$min([{_MOST_SECONDS}, {_FIRST_SECONDS} * $power(2, $states.input.waits - 1)])"
        wait = sfn.Wait.jsonata(
            self._scope,
            f"WaitFor{self._name}Endpoint",
            time=sfn.WaitTime.seconds(jsonata(Expression(seconds))),
        )
        refused = sfn.Pass.jsonata(
            self._scope,
            f"{self._name}EndpointFailed",
            outputs=jsonata(
                merged(
                    INPUT,
                    {
                        "error": "EndpointFailed",
                        "reason": concatenated(
                            "endpoint ",
                            TRAINING_JOB,
                            " is ",
                            given("endpoint_status"),
                            ": ",
                            first_of(
                                given("endpoint_reason"),
                                Expression(
                                    '$states.input.endpoint_status = "Creating" '
                                    '? "it is not in service after an hour" '
                                    ': "SageMaker gives no reason"'
                                ),
                            ),
                        ),
                    },
                )
            ),
        )
        status = sfn.Choice.jsonata(self._scope, f"{self._name}EndpointStatus")
        status.when(_condition('$states.input.endpoint_status = "InService"'), replay)
        creating = (
            f'$states.input.endpoint_status = "Creating" and $states.input.waits < {_MOST_WAITS}'
        )
        status.when(_condition(creating), wait)
        status.otherwise(refused)
        for state in (create, describe):
            catch(state, delete)
        create.next(describe).next(status)
        wait.next(describe)
        refused.next(delete)
        return create

    def _replay(self, function: lambda_.IFunction, delete: sfn.IChainable) -> sfn.DistributedMap:
        name = self._name
        stage = sfn.DistributedMap.jsonata(
            self._scope,
            f"{name}Replay",
            label=f"{name}Replay",
            max_concurrency=_FUNCTIONS,
            item_reader=sfn.S3ObjectsItemReader(
                bucket=self._environment.data,
                prefix=jsonata(concatenated("prepared/", given("run"), "/", given("shard"), "/")),
            ),
            item_selector={"key": jsonata(Expression("$states.context.Map.Item.Value.Key"))},
            item_batcher=sfn.ItemBatcher(
                max_items_per_batch=_OBJECTS_PER_FUNCTION,
                batch_input=jsonata(
                    {
                        "run": given("run"),
                        "candidate": given("candidate.name"),
                        "endpoint": TRAINING_JOB,
                        "accept": given("candidate.accept"),
                        "labelled": given("candidate.labelled"),
                        "output_filter": given("candidate.transform.DataProcessing.OutputFilter"),
                    }
                ),
            ),
            map_execution_type=sfn.StateMachineType.STANDARD,
            outputs=jsonata(
                merged(INPUT, {"reasons": flattened(Expression("$states.result.reason"))})
            ),
        )
        send = lambda_task(
            self._scope,
            f"Send{name}Rows",
            function=function,
            payload={
                **{
                    key: given(f"BatchInput.{key}")
                    for key in (
                        "run",
                        "candidate",
                        "endpoint",
                        "accept",
                        "labelled",
                        "output_filter",
                    )
                },
                "keys": flattened(given("Items.key")),
            },
            output={},
        )
        unsent = sfn.Pass.jsonata(
            self._scope, f"{name}RowsNotSent", outputs=jsonata({"reason": SHORT_REASON})
        )
        catch(send, unsent)
        stage.item_processor(send)
        refused = sfn.Pass.jsonata(
            self._scope,
            f"{name}ReplayRefused",
            outputs=jsonata(
                merged(
                    INPUT,
                    {"error": "ReplayRefused", "reason": Expression("$states.input.reasons[0]")},
                )
            ),
        )
        choice = sfn.Choice.jsonata(self._scope, f"Any{name}RowNotSent")
        choice.when(_condition("$count($states.input.reasons) > 0"), refused).otherwise(delete)
        catch(stage, delete)
        refused.next(delete)
        stage.next(choice)
        return stage

    def _delete(self, passed: sfn.IChainable, failed: sfn.IChainable) -> tasks.CallAwsService:
        outcome = sfn.Choice.jsonata(self._scope, f"{self._name}RowsSent")
        outcome.when(_condition("$exists($states.input.reason)"), failed).otherwise(passed)
        configuration = self._task(
            "DeleteConfigurationOf",
            "deleteEndpointConfig",
            {"EndpointConfigName": TRAINING_JOB},
            "endpoint-config",
        )
        endpoint = self._task(
            "Delete", "deleteEndpoint", {"EndpointName": TRAINING_JOB}, "endpoint"
        )
        # The first failure is the one to tell; what cannot be deleted is one too.
        told = jsonata(merged(CAUGHT, INPUT))
        endpoint.add_catch(configuration, outputs=told)
        configuration.add_catch(outcome, outputs=told)
        endpoint.next(configuration).next(outcome)
        return endpoint

    def _task(
        self,
        verb: str,
        action: str,
        parameters: Mapping[str, Value],
        resource: str,
        *,
        also: Sequence[str] = (),
        output: Value = INPUT,
    ) -> tasks.CallAwsService:
        return sdk_task(
            self._scope,
            f"{verb}{self._name}Endpoint",
            action=action,
            parameters=parameters,
            resources=[
                sagemaker_arns(self._scope, resource=each, project=self._environment.project)
                for each in (resource, *also)
            ],
            output=output,
        )


def _condition(text: str) -> sfn.Condition:
    return sfn.Condition.jsonata(jsonata(Expression(text)))
