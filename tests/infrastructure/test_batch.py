import json
from typing import Any

import pytest

from tests.infrastructure.aws_requests import problems
from tests.infrastructure.synthesis import Synthesis, evaluated, expressions, parsed, state, states

RUN = "20261124-221530"
SCORED = {
    "run": RUN,
    "model": "m",
    "input": "s3://b/in/",
    "output": "s3://b/out/",
    "accept": "text/csv",
}
EVENT = {
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "b"}, "object": {"key": "batch/input/x.csv"}},
}


@pytest.fixture(scope="module")
def definition(synthesis: Synthesis) -> dict[str, Any]:
    return synthesis.definition("batch")


def planned(definition: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    output: dict[str, Any] = evaluated(
        state(definition, "Plan")["Output"],
        input=given,
        context={"Execution": {"Name": RUN}},
    )
    return output


def test_the_whole_machine_is_in_jsonata(definition: dict[str, Any]) -> None:
    assert definition["QueryLanguage"] == "JSONata"
    for expression in expressions(definition):
        parsed(expression)


@pytest.mark.parametrize(
    ("given", "uri"),
    [
        ({"input": "s3://b/some/prefix/"}, "s3://b/some/prefix/"),
        (EVENT, "s3://b/batch/input/x.csv"),
    ],
)
def test_the_input_is_given_or_an_events(
    definition: dict[str, Any], given: dict[str, Any], uri: str
) -> None:
    assert planned(definition, given)["input"] == uri


def test_without_input_the_whole_prefix_is_scored(definition: dict[str, Any]) -> None:
    assert planned(definition, {})["input"].endswith("/batch/input/")


def test_each_run_writes_to_a_prefix_of_its_own(definition: dict[str, Any]) -> None:
    assert planned(definition, {})["output"].endswith(f"/batch/{RUN}/")


def test_without_a_champion_it_fails_and_says_what_to_do(definition: dict[str, Any]) -> None:
    choice = state(definition, "AnyChampion")
    (rule,) = choice["Choices"]
    assert evaluated(rule["Condition"], input={"model_package": "none"}) is True
    assert evaluated(rule["Condition"], input={"model_package": "arn:aws:x"}) is False
    assert "run the lifecycle first" in state(definition, rule["Next"])["Cause"]


def test_a_row_of_the_output_is_the_inputs_with_its_score(definition: dict[str, Any]) -> None:
    arguments = state(definition, "Score")["Arguments"]
    request = evaluated(arguments, input=SCORED, context={"State": {"RetryCount": 1}})
    assert problems("sagemaker", "CreateTransformJob", request) == []
    assert request["TransformOutput"]["Accept"] == "text/csv"
    assert request["DataProcessing"] == {"JoinSource": "Input"}
    assert request["TransformJobName"] == "m-1"
    assert request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == "s3://b/in/"
    assert request["TransformOutput"]["S3OutputPath"] == "s3://b/out/"
    assert request["TransformOutput"]["KmsKeyId"]


def test_a_champion_that_answers_in_json_lines_is_asked_for_them(
    definition: dict[str, Any],
) -> None:
    arguments = state(definition, "Score")["Arguments"]
    given = SCORED | {"accept": "application/jsonlines; verbose=true"}
    request = evaluated(arguments, input=given, context={"State": {"RetryCount": 1}})
    assert problems("sagemaker", "CreateTransformJob", request) == []
    assert request["TransformOutput"]["Accept"] == "application/jsonlines; verbose=true"
    # SageMaker joins records of one format only.
    assert request["DataProcessing"] == {"JoinSource": "None"}


@pytest.mark.parametrize(
    ("package", "accept"),
    [
        ({"SupportedResponseMIMETypes": ["application/jsonlines"]}, "application/jsonlines"),
        ({"SupportedResponseMIMETypes": ["application/json", "text/csv"]}, "text/csv"),
        ({}, "text/csv"),
    ],
)
def test_the_package_says_in_what_the_champion_answers(
    definition: dict[str, Any], package: dict[str, Any], accept: str
) -> None:
    describe = state(definition, "DescribeChampion")
    assert describe["Resource"].endswith("aws-sdk:sagemaker:describeModelPackage")
    given = {"run": RUN, "model_package": "arn:aws:sagemaker:x"}
    assert evaluated(describe["Arguments"], input=given) == {
        "ModelPackageName": "arn:aws:sagemaker:x"
    }
    result = {"InferenceSpecification": package}
    assert evaluated(describe["Output"], input=given, result=result) == {**given, "accept": accept}


def test_the_model_comes_from_the_registered_package(definition: dict[str, Any]) -> None:
    arguments = state(definition, "CreateModel")["Arguments"]
    given = {"run": RUN, "model_package": "arn:aws:sagemaker:x", "isolated": True}
    request = evaluated(arguments, input=given, context={"State": {"RetryCount": 0}})
    assert request["EnableNetworkIsolation"] is True
    assert request["Containers"] == [{"ModelPackageName": "arn:aws:sagemaker:x"}]
    assert request["ModelName"] == f"flights-batch-{RUN}-0"


@pytest.mark.parametrize("isolated", [True, False])
def test_the_champion_is_read_with_its_isolation(
    definition: dict[str, Any], isolated: bool
) -> None:
    document: dict[str, Any] = {"run": RUN}
    for name, value in (
        ("ReadChampion", "arn:aws:sagemaker:x"),
        ("ReadIsolation", str(isolated).lower()),
    ):
        output = state(definition, name)["Output"]
        document = evaluated(output, input=document, result={"Parameter": {"Value": value}})
    assert document == {"run": RUN, "model_package": "arn:aws:sagemaker:x", "isolated": isolated}
    assert state(definition, "ReadIsolation")["Next"] == "DescribeChampion"
    assert state(definition, "DescribeChampion")["Next"] == "CreateModel"


def test_the_job_is_waited_for_and_the_model_deleted_either_way(
    definition: dict[str, Any],
) -> None:
    score = state(definition, "Score")
    assert score["Resource"].endswith("createTransformJob.sync")
    (catch,) = score["Catch"]
    for name in (score["Next"], catch["Next"]):
        assert state(definition, name)["Resource"].endswith("deleteModel")
    assert state(definition, catch["Next"])["Next"] == "BatchFailed"


def test_a_failure_names_the_input_and_sagemakers_reason(definition: dict[str, Any]) -> None:
    (catch,) = state(definition, "Score")["Catch"]
    caught = evaluated(
        catch["Output"],
        input={"input": "s3://b/in/"},
        errorOutput={
            "Error": "States.TaskFailed",
            "Cause": json.dumps({"FailureReason": "ClientError: no columns"}),
        },
    )
    failure = state(definition, "BatchFailed")
    assert evaluated(failure["Cause"], input=caught) == (
        "input s3://b/in/: ClientError: no columns"
    )


def test_every_task_retries_with_jitter(definition: dict[str, Any]) -> None:
    for _, each in states(definition):
        if each["Type"] == "Task":
            assert {retry["JitterStrategy"] for retry in each["Retry"]} == {"FULL"}


def test_an_object_under_the_input_prefix_starts_it(synthesis: Synthesis) -> None:
    (rule,) = synthesis.properties("batch", "AWS::Events::Rule")
    pattern = rule["EventPattern"]
    assert pattern["source"] == ["aws.s3"]
    assert pattern["detail-type"] == ["Object Created"]
    assert pattern["detail"]["object"] == {
        "key": [{"prefix": "batch/input/"}],
        "size": [{"numeric": [">", 0]}],
    }
    assert "DataBucket" in json.dumps(pattern["detail"]["bucket"])
    (target,) = rule["Targets"]
    machines = synthesis.document("batch")["Resources"]
    assert machines[target["Arn"]["Ref"]]["Type"] == "AWS::StepFunctions::StateMachine"


def test_outputs(synthesis: Synthesis) -> None:
    outputs = synthesis.document("batch")["Outputs"]
    assert "BatchStateMachineArn" in outputs
    assert outputs["BatchInputPrefix"]["Value"] == "batch/input/"
