"""The states around a model that is made of a model package, and that of a trained job.

SageMaker makes such a package in its own time, and Step Functions does not wait for it.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-mkt-create-model-package.html
"""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.constructs.jsonata import Expression, Value, first_of, given, jsonata, merged
from stacks.constructs.sagemaker_task import INPUT, catch, sdk_task
from stacks.constructs.training_environment import TRAINING_JOB, TrainingEnvironment, tags
from stacks.constructs.workflow_permissions import sagemaker_arns

_PACKAGE = given("model_package")
_STATUS = given("package_status")
_POLL = Duration.seconds(3)
_DETAILS = "$states.result.ModelPackageStatusDetails"
_REASON = first_of(
    Expression(f"{_DETAILS}.ValidationStatuses.FailureReason"),
    Expression(f"{_DETAILS}.ImageScanStatuses.FailureReason"),
    "SageMaker gives no reason",
)


class ModelPackageStates(Construct):
    """Where a candidate has no container, its model is made of a model package.

    The package has the name of the training job. In the input of the states after it,
    `model_package` is its ARN.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        environment: TrainingEnvironment,
        failed: sfn.IChainable,
    ) -> None:
        """Make the states that make and discard the package.

        Args:
            scope: Where the states belong.
            id_: Their id there.
            name: What is trained, to name the states by.
            environment: Where the jobs run, read and write.
            failed: Where an error leads.
        """
        super().__init__(scope, id_)
        self._scope = scope
        self._name = name
        self._environment = environment
        self._arns = sagemaker_arns(scope, resource="model-package", project=environment.project)
        delete = self._delete(f"Discard{name}Package", INPUT)
        # The first failure is the one to tell.
        delete.add_catch(failed, outputs=jsonata(INPUT))
        delete.next(failed)
        self.discard = self._choice(f"Any{name}PackageToDiscard", _exists(_PACKAGE), delete, failed)

    def make(self, then: sfn.IChainable) -> sfn.Choice:
        """Make the package where the candidate needs one, and go on when it is complete."""
        create = self._task(
            f"Create{self._name}Package",
            "createModelPackage",
            {
                "ModelPackageName": TRAINING_JOB,
                "SourceAlgorithmSpecification": {
                    "SourceAlgorithms": [
                        {
                            "AlgorithmName": given(
                                "candidate.training.AlgorithmSpecification.AlgorithmName"
                            ),
                            "ModelDataUrl": given("model_data"),
                        }
                    ]
                },
                "Tags": tags(self._environment),
            },
            merged(INPUT, {"model_package": Expression("$states.result.ModelPackageArn")}),
        )
        describe = self._task(
            f"Describe{self._name}Package",
            "describeModelPackage",
            {"ModelPackageName": _PACKAGE},
            merged(
                INPUT,
                {
                    "package_status": Expression("$states.result.ModelPackageStatus"),
                    "package_reason": _REASON,
                },
            ),
        )
        wait = sfn.Wait.jsonata(
            self._scope, f"WaitFor{self._name}Package", time=sfn.WaitTime.duration(_POLL)
        )
        refused = sfn.Pass.jsonata(
            self._scope,
            f"{self._name}PackageFailed",
            outputs=jsonata(
                merged(
                    INPUT,
                    {
                        "error": "ModelPackageFailed",
                        "reason": Expression(
                            f'"model package " & {_PACKAGE.text} & " is " & {_STATUS.text} & ": " '
                            f"& {given('package_reason').text}"
                        ),
                    },
                )
            ),
        )
        status = sfn.Choice.jsonata(self._scope, f"{self._name}PackageStatus")
        status.when(_condition(f'{_STATUS.text} = "Completed"'), then)
        status.when(_condition(f'{_STATUS.text} in ["Pending", "InProgress"]'), wait)
        status.otherwise(refused)
        catch(create, self.discard)
        catch(describe, self.discard)
        create.next(describe).next(status)
        wait.next(describe)
        refused.next(self.discard)
        needed = f"$not($exists({given('candidate.container').text}.Image))"
        return self._choice(f"Any{self._name}Package", needed, create, then)

    def delete(self, then: sfn.IChainable) -> sfn.Choice:
        """Delete the package if there is one, and go on."""
        delete = self._delete(f"Delete{self._name}Package", INPUT)
        catch(delete, self.discard)
        delete.next(then)
        return self._choice(f"Any{self._name}PackageToDelete", _exists(_PACKAGE), delete, then)

    def _delete(self, id_: str, output: Value) -> tasks.CallAwsService:
        return self._task(id_, "deleteModelPackage", {"ModelPackageName": _PACKAGE}, output)

    def _task(
        self, id_: str, action: str, parameters: Mapping[str, Value], output: Value
    ) -> tasks.CallAwsService:
        return sdk_task(
            self._scope,
            id_,
            action=action,
            parameters=parameters,
            resources=[self._arns],
            output=output,
        )

    def _choice(
        self, id_: str, condition: str, then: sfn.IChainable, otherwise: sfn.IChainable
    ) -> sfn.Choice:
        choice = sfn.Choice.jsonata(self._scope, id_)
        return choice.when(_condition(condition), then).otherwise(otherwise)


def _exists(value: Expression) -> str:
    return f"$exists({value.text})"


def _condition(text: str) -> sfn.Condition:
    return sfn.Condition.jsonata(jsonata(Expression(text)))
