import copy
import json
from typing import Any

import pytest

from config import Lifecycle
from tests.infrastructure.aws_requests import problems
from tests.infrastructure.synthesis import (
    Synthesis,
    evaluated,
    expressions,
    named,
    parsed,
    state,
    states,
)

TASKS = {
    "arn:aws:states:::sagemaker:createProcessingJob.sync": 1,
    "arn:aws:states:::sagemaker:createTrainingJob.sync": 2,
    "arn:aws:states:::sagemaker:createTransformJob.sync": 2,
    "arn:aws:states:::sagemaker:createModel": 2,
    "arn:aws:states:::aws-sdk:sagemaker:deleteModel": 4,
    "arn:aws:states:::lambda:invoke": 8,
    "arn:aws:states:::aws-sdk:sagemaker:describeTrainingJob": 2,
}
RUN = "20261124-221530"


@pytest.fixture(scope="module")
def definition(synthesis: Synthesis) -> dict[str, Any]:
    return synthesis.definition("training")


@pytest.fixture
def candidate(definition: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(state(definition, "Plan")["Output"]["candidates"][0])


def context(retries: int = 0, **more: Any) -> dict[str, Any]:
    return {"State": {"RetryCount": retries}, **more}


class TestDefinition:
    def test_jobs_are_waited_for_by_the_integration(self, definition: dict[str, Any]) -> None:
        resources = [each["Resource"] for _, each in states(definition) if "Resource" in each]
        assert {resource: resources.count(resource) for resource in resources} == TASKS

    def test_only_the_distributed_map_is_in_jsonpath(self, definition: dict[str, Any]) -> None:
        assert definition.get("QueryLanguage", "JSONPath") == "JSONPath"
        languages = {
            name: each.get("QueryLanguage", "JSONPath") for name, each in states(definition)
        }
        assert languages.pop("Candidates") == "JSONPath"
        assert set(languages.values()) == {"JSONata"}

    def test_every_expression_parses(self, definition: dict[str, Any]) -> None:
        for expression in expressions(definition):
            parsed(expression)

    def test_every_task_retries_with_backoff_and_jitter(self, definition: dict[str, Any]) -> None:
        for _, each in states(definition):
            if each["Type"] == "Task":
                assert each["TimeoutSeconds"] > 0
                for retry in each["Retry"]:
                    assert retry["JitterStrategy"] == "FULL"
                    assert retry["BackoffRate"] == 2
                    assert retry["MaxDelaySeconds"] >= 60
                assert each["Catch"][-1]["ErrorEquals"] == ["States.ALL"]

    def test_sagemakers_limits_and_throttling_are_waited_out(
        self, definition: dict[str, Any]
    ) -> None:
        for _, each in states(definition):
            if "sagemaker" in each.get("Resource", ""):
                retried = {name for retry in each["Retry"] for name in retry["ErrorEquals"]}
                assert {
                    "SageMaker.ResourceLimitExceededException",
                    "SageMaker.AmazonSageMakerException",
                    "ThrottlingException",
                } <= retried
                assert "States.ALL" not in retried
                assert "States.TaskFailed" not in retried

    def test_every_failure_is_told(self, definition: dict[str, Any]) -> None:
        for _, each in states(definition):
            if each["Type"] == "Fail":
                assert each["Error"]
                assert each["Cause"]

    def test_children_run_as_executions_of_their_own(self, definition: dict[str, Any]) -> None:
        stage = state(definition, "Candidates")
        assert stage["ItemProcessor"]["ProcessorConfig"] == {
            "Mode": "DISTRIBUTED",
            "ExecutionType": "STANDARD",
        }
        assert stage["ItemSelector"] == {
            "run.$": "$.run",
            "candidate.$": "$$.Map.Item.Value",
        }
        assert stage["ResultPath"] == "$.results"

    def test_the_file_limits_what_runs_at_a_time(
        self, definition: dict[str, Any], from_file: Synthesis
    ) -> None:
        other = from_file.definition("training")
        for workflow, candidates, folds in ((definition, 2, 2), (other, 7, 3)):
            assert state(workflow, "Candidates")["MaxConcurrency"] == candidates
            assert state(workflow, "Folds")["MaxConcurrency"] == folds
            assert state(workflow, "Finalists")["MaxConcurrency"] == candidates

    def test_executions_are_logged_and_traced_without_their_data(
        self, synthesis: Synthesis
    ) -> None:
        for stack in ("training", "batch"):
            (machine,) = synthesis.properties(stack, "AWS::StepFunctions::StateMachine")
            logging = machine["LoggingConfiguration"]
            assert logging["Level"] == "ALL"
            assert logging["IncludeExecutionData"] is False
            assert machine["TracingConfiguration"] == {"Enabled": True}


class TestPlan:
    @pytest.mark.parametrize(
        ("name", "run"),
        [
            ("20261124-221530", "20261124-221530"),
            ("20261124-221530-again", "20261124-221530"),
            ("my_run.1", "my-run-1"),
        ],
    )
    def test_the_run_is_fit_for_job_names(
        self, definition: dict[str, Any], name: str, run: str
    ) -> None:
        output = state(definition, "Plan")["Output"]["run"]
        assert evaluated(output, context={"Execution": {"Name": name}}) == run


class TestPreparation:
    @pytest.fixture
    def request_(self, definition: dict[str, Any]) -> dict[str, Any]:
        arguments = state(definition, "Prepare")["Arguments"]
        request: dict[str, Any] = named(
            evaluated(arguments, input={"run": RUN}, context=context(1))
        )
        return request

    def test_sagemaker_takes_the_request(self, request_: dict[str, Any]) -> None:
        assert problems("sagemaker", "CreateProcessingJob", request_) == []
        assert request_["ProcessingJobName"] == f"flights-{RUN}-prepare-1"

    def test_program_and_configuration_are_where_the_command_looks(
        self, synthesis: Synthesis, request_: dict[str, Any]
    ) -> None:
        inputs = {each["InputName"]: each["S3Input"] for each in request_["ProcessingInputs"]}
        specification = request_["AppSpecification"]
        python, program = specification["ContainerEntrypoint"]
        arguments = specification["ContainerArguments"]
        assert python == "python3"
        for path, name in ((program, "code"), (arguments[1], "config")):
            folder, _, file = path.rpartition("/")
            assert inputs[name]["LocalPath"] == folder
            assert inputs[name]["S3Uri"].endswith(f"/{file}")
        assert arguments[0::2] == ["--config", "--output-uri"]
        assert arguments[3] == f"s3://data-bucket/prepared/{RUN}/"
        assert inputs["raw"]["S3Uri"] == "s3://data-bucket/raw/"

    def test_the_configuration_is_the_files_data_section(
        self, synthesis: Synthesis, request_: dict[str, Any]
    ) -> None:
        name = request_["AppSpecification"]["ContainerArguments"][1].rpartition("/")[2]
        configuration = json.loads((synthesis.directory / f"asset.{name}").read_text())
        assert configuration.keys() == {
            *("target", "features", "split", "format", "sample_weight", "slices")
        }
        assert configuration["slices"] == ["carrier", "origin"]
        assert configuration["target"] == {
            "column": "arr_delay",
            "positive": {"greater_than": 15.0},
        }
        assert configuration["features"]["derived"]["departure_minute"] == {
            "from": "sched_dep_time",
            "as": "minute_of_day",
        }

    def test_output_is_encrypted_and_written_at_the_end(self, request_: dict[str, Any]) -> None:
        configuration = request_["ProcessingOutputConfig"]
        assert configuration["KmsKeyId"]
        (output,) = configuration["Outputs"]
        assert output["S3Output"]["S3UploadMode"] == "EndOfJob"
        assert output["S3Output"]["S3Uri"] == f"s3://data-bucket/prepared/{RUN}/"

    def test_the_volume_has_the_key_where_the_instance_takes_one(
        self, request_: dict[str, Any], from_file: Synthesis
    ) -> None:
        assert request_["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"]
        arguments = state(from_file.definition("training"), "Prepare")["Arguments"]
        other = evaluated(arguments, input={"run": RUN}, context=context())
        assert "VolumeKmsKeyId" not in other["ProcessingResources"]["ClusterConfig"]

    def test_its_failure_ends_the_run_with_the_programs_message(
        self, definition: dict[str, Any]
    ) -> None:
        cause = json.dumps({"ExitMessage": "raw/: no rows", "FailureReason": "AlgorithmError"})
        (catch,) = state(definition, "Prepare")["Catch"]
        caught = evaluated(
            catch["Output"],
            input={"run": RUN},
            errorOutput={"Error": "States.TaskFailed", "Cause": cause},
        )
        failure = state(definition, catch["Next"])
        assert failure["Error"] == "PreparationFailed"
        assert evaluated(failure["Cause"], input=caught) == "raw/: no rows"


class TestTrainAndScore:
    @pytest.fixture
    def fold(self, definition: dict[str, Any], candidate: dict[str, Any]) -> dict[str, Any]:
        stage = state(definition, "Folds")
        assert stage["Items"] == [0, 1, 2, 3, 4]
        item: dict[str, Any] = evaluated(
            stage["ItemSelector"],
            input={"run": RUN, "candidate": candidate},
            context={"Map": {"Item": {"Value": 3}}},
        )
        return item

    @pytest.fixture
    def finalist(self, definition: dict[str, Any], candidate: dict[str, Any]) -> dict[str, Any]:
        item: dict[str, Any] = evaluated(
            state(definition, "Finalists")["ItemSelector"],
            input={"run": RUN},
            context={"Map": {"Item": {"Value": candidate}}},
        )
        return item

    def test_a_fold_trains_on_the_other_folds_and_validates_on_its_own(
        self, definition: dict[str, Any], fold: dict[str, Any]
    ) -> None:
        arguments = state(definition, "TrainFold")["Arguments"]
        request = named(evaluated(arguments, input=fold, context=context(2)))
        assert problems("sagemaker", "CreateTrainingJob", request) == []
        assert request["TrainingJobName"] == f"flights-{RUN}-xgboost-f3-2"
        channels = {each["ChannelName"]: each for each in request["InputDataConfig"]}
        assert {each["ContentType"] for each in channels.values()} == {"text/csv"}
        sources = {name: each["DataSource"]["S3DataSource"] for name, each in channels.items()}
        assert sources == {
            "train": {
                "S3DataType": "ManifestFile",
                "S3Uri": f"s3://data-bucket/prepared/{RUN}/manifests/train-fold-3.json",
                "S3DataDistributionType": "FullyReplicated",
            },
            "validation": {
                "S3DataType": "S3Prefix",
                "S3Uri": f"s3://data-bucket/prepared/{RUN}/fold-3/",
                "S3DataDistributionType": "FullyReplicated",
            },
        }
        assert request["OutputDataConfig"]["S3OutputPath"] == f"s3://model-bucket/models/{RUN}/"
        assert request["OutputDataConfig"]["KmsKeyId"]

    def test_a_finalist_trains_on_all_folds(
        self, definition: dict[str, Any], finalist: dict[str, Any]
    ) -> None:
        arguments = state(definition, "TrainFinalist")["Arguments"]
        request = named(evaluated(arguments, input=finalist, context=context()))
        assert problems("sagemaker", "CreateTrainingJob", request) == []
        assert request["TrainingJobName"] == f"flights-{RUN}-xgboost-all-0"
        (channel,) = request["InputDataConfig"]
        assert channel["ChannelName"] == "train"
        assert channel["DataSource"]["S3DataSource"]["S3Uri"] == (
            f"s3://data-bucket/prepared/{RUN}/manifests/train-all.json"
        )

    def test_further_keys_of_a_candidate_reach_sagemaker(
        self, definition: dict[str, Any], fold: dict[str, Any]
    ) -> None:
        fold["candidate"]["training"]["EnableManagedSpotTraining"] = True
        arguments = state(definition, "TrainFold")["Arguments"]
        request = evaluated(arguments, input=fold, context=context())
        assert request["EnableManagedSpotTraining"] is True
        assert request["HyperParameters"]["num_round"] == "100"

    def test_names_are_short_enough_at_their_longest(
        self, definition: dict[str, Any], fold: dict[str, Any]
    ) -> None:
        # 16 characters of project are the most; the tests' project has 7.
        fold["candidate"]["name"] = "x" * 20
        fold["suffix"] = "f49"
        arguments = state(definition, "TrainFold")["Arguments"]
        name = evaluated(arguments, input=fold, context=context(15))["TrainingJobName"]
        assert len(name) + 16 - len("flights") <= 63

    def test_the_model_serves_what_was_trained(
        self, definition: dict[str, Any], fold: dict[str, Any]
    ) -> None:
        trained = self._trained(definition, fold)
        request = named(evaluated(state(definition, "CreateFoldModel")["Arguments"], input=trained))
        assert problems("sagemaker", "CreateModel", request) == []
        assert request["ModelName"] == "the-training-job"
        container = fold["candidate"]["container"]
        assert request["PrimaryContainer"] == container | {"ModelDataUrl": "s3://m/model.tar.gz"}
        assert request["EnableNetworkIsolation"] is False

    @pytest.mark.parametrize(("name", "shard"), [("Fold", "fold-3"), ("Finalist", "holdout")])
    def test_labels_ride_along_with_the_scores(
        self,
        definition: dict[str, Any],
        fold: dict[str, Any],
        finalist: dict[str, Any],
        name: str,
        shard: str,
    ) -> None:
        trained = self._trained(definition, fold if name == "Fold" else finalist, name)
        arguments = state(definition, f"Score{name}")["Arguments"]
        request = named(evaluated(arguments, input=trained, context=context()))
        assert problems("sagemaker", "CreateTransformJob", request) == []
        assert request["DataProcessing"] == {
            "InputFilter": "$[1:]",
            "JoinSource": "Input",
            "OutputFilter": "$[0,-1]",
        }
        assert request["BatchStrategy"] == "MultiRecord"
        assert request["TransformInput"]["SplitType"] == "Line"
        assert request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == (
            f"s3://data-bucket/prepared/{RUN}/{shard}/"
        )
        assert request["TransformOutput"]["AssembleWith"] == "Line"
        assert request["TransformOutput"]["KmsKeyId"]
        assert request["TransformOutput"]["S3OutputPath"] == (
            f"s3://results-bucket/predictions/{RUN}/xgboost/{shard}/"
        )

    def test_a_fold_ends_with_what_the_evaluation_needs(
        self, definition: dict[str, Any], fold: dict[str, Any]
    ) -> None:
        trained = named(self._trained(definition, fold))
        last = state(definition, "DeleteFoldModel")
        assert last["End"] is True
        assert evaluated(last["Arguments"], input=trained) == {"ModelName": "the-training-job"}
        assert evaluated(last["Output"], input=trained, result={}) == {
            "fold": 3,
            "training_job": "the-training-job",
            "training_seconds": 12,
            "rules": [],
        }

    def test_a_model_that_cannot_score_is_deleted_before_the_fold_fails(
        self, definition: dict[str, Any]
    ) -> None:
        (catch,) = state(definition, "ScoreFold")["Catch"]
        discard = state(definition, catch["Next"])
        assert discard["Resource"].endswith("deleteModel")
        assert discard["Next"] == "FoldFailed"
        assert [each["Next"] for each in discard["Catch"]] == ["FoldFailed"]

    def _trained(
        self, definition: dict[str, Any], item: dict[str, Any], name: str = "Fold"
    ) -> dict[str, Any]:
        result = {
            "TrainingJobName": "the-training-job",
            "TrainingTimeInSeconds": 12,
            "ModelArtifacts": {"S3ModelArtifacts": "s3://m/model.tar.gz"},
        }
        output = state(definition, f"Train{name}")["Output"]
        trained: dict[str, Any] = evaluated(output, input=item, result=result)
        return trained


class TestFailures:
    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (
                {
                    "Error": "States.TaskFailed",
                    "Cause": json.dumps({"FailureReason": "AlgorithmError: ValueError: bad C"}),
                },
                "AlgorithmError: ValueError: bad C",
            ),
            (
                {"Error": "SageMaker.AmazonSageMakerException", "Cause": "No such image"},
                "No such image",
            ),
            ({"Error": "E", "Cause": '{"FailureReason": "cut o'}, '{"FailureReason": "cut o'),
            ({"Error": "E", "Cause": "{run} is not set: {}"}, "{run} is not set: {}"),
            ({"Error": "E", "Cause": "x" * 32_000}, "x" * 2000),
            ({"Error": "States.Timeout", "Cause": ""}, "States.Timeout"),
            ({"Error": "States.Timeout"}, "States.Timeout"),
        ],
    )
    def test_a_failed_fold_names_candidate_fold_and_sagemakers_reason(
        self, definition: dict[str, Any], error: dict[str, str], reason: str
    ) -> None:
        (catch,) = state(definition, "TrainFold")["Catch"]
        item = {"run": RUN, "candidate": {"name": "xgboost"}, "fold": 3}
        caught = evaluated(catch["Output"], input=item, errorOutput=error)
        cause = evaluated(state(definition, catch["Next"])["Cause"], input=caught)
        assert cause == f"candidate xgboost, fold 3: {reason}"

    def test_a_failed_candidate_is_a_result_like_others(self, definition: dict[str, Any]) -> None:
        (catch,) = state(definition, "Folds")["Catch"]
        caught = evaluated(
            catch["Output"],
            input={"run": RUN, "candidate": {"name": "xgboost", "option": "built_in"}},
            errorOutput={"Error": "FoldFailed", "Cause": "candidate xgboost, fold 3: bad"},
        )
        end = state(definition, catch["Next"])
        assert end["End"] is True
        assert evaluated(end["Output"], input=caught) == {
            "candidate": "xgboost",
            "option": "built_in",
            "status": "Failed",
            "reason": "candidate xgboost, fold 3: bad",
        }

    def test_without_a_finalist_the_run_fails_with_all_reasons(
        self, definition: dict[str, Any]
    ) -> None:
        choice = state(definition, "AnyCandidateCompleted")
        failed = [{"candidate": "a", "reason": "a broke"}, {"candidate": "b", "reason": "b too"}]
        given = {"finalists": [], "failed": failed}
        (rule,) = choice["Choices"]
        assert evaluated(rule["Condition"], input=given) is False
        assert evaluated(rule["Condition"], input={"finalists": ["a"]}) is True
        failure = state(definition, choice["Default"])
        assert failure["Error"] == "NoCandidateCompleted"
        assert evaluated(failure["Cause"], input=given) == "a broke; b too"

    def test_gates_that_no_finalist_passes_are_told(self, definition: dict[str, Any]) -> None:
        (catch,) = state(definition, "Register")["Catch"]
        message = "a: test_roc_auc >= 0.7: got 0.61"
        caught = evaluated(
            catch["Output"],
            input={},
            errorOutput={
                "Error": "GatesFailed",
                "Cause": json.dumps({"errorMessage": message, "errorType": "GatesFailed"}),
            },
        )
        failure = state(definition, catch["Next"])
        assert evaluated(failure["Error"], input=caught) == "GatesFailed"
        assert evaluated(failure["Cause"], input=caught) == message


class TestStages:
    def test_the_finalists_are_the_ranked_ones(self, definition: dict[str, Any]) -> None:
        candidates = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
        items = state(definition, "Finalists")["Items"]
        for names in (["c"], ["a", "b"]):
            chosen = evaluated(items, input={"candidates": candidates, "finalists": names})
            assert [each["name"] for each in chosen] == names

    def test_a_finalist_that_fails_is_dropped_with_its_reason(
        self, definition: dict[str, Any]
    ) -> None:
        judged = {"candidate": "a", "status": "Completed"}
        output = evaluated(
            state(definition, "Finalists")["Output"],
            input={"run": RUN, "leaderboard": "s3://l", "failed": [{"candidate": "c"}]},
            result=[judged, {"candidate": "b", "status": "Failed", "reason": "broke"}],
        )
        assert output["finalists"] == [judged]
        assert output["failed"] == [{"candidate": "c"}, {"candidate": "b", "reason": "broke"}]

    def test_the_gates_of_the_file_reach_the_function(
        self, definition: dict[str, Any], lifecycle: Lifecycle
    ) -> None:
        payload = state(definition, "EvaluateHoldout")["Arguments"]["Payload"]
        (gate,) = lifecycle.evaluation.gates
        assert payload["gates"] == [gate.model_dump(mode="json", exclude_none=True)]
        assert str(gate) == "test_roc_auc >= 0.65"

    def test_a_model_is_registered_for_what_it_is_hosted_and_transformed_on(
        self, definition: dict[str, Any], from_file: Synthesis
    ) -> None:
        # CreateModelPackage refuses an instance type that batch transform does not have.
        for workflow, hosting in (
            (definition, ["ml.m5.large"]),
            (from_file.definition("training"), ["ml.g5.xlarge"]),
        ):
            payload = state(workflow, "Register")["Arguments"]["Payload"]
            assert payload["hosting_instance_types"] == hosting
            assert payload["transform_instance_types"] == ["ml.m5.large"]

    def test_the_ranking_gets_metric_and_number_of_finalists(
        self, definition: dict[str, Any]
    ) -> None:
        payload = state(definition, "Rank")["Arguments"]["Payload"]
        results = [{"candidate": "a", "status": "Failed", "reason": "broke"}]
        assert evaluated(payload, input={"run": RUN, "results": results}) == {
            "run": RUN,
            "rank_by": "test_roc_auc",
            "finalists": 2,
            "confidence_level": 0.95,
            "n_repeats": 1,
            "results": results,
        }

    @pytest.mark.parametrize("challenger", [None, {"candidate": "b", "model_package": "arn"}])
    def test_a_run_ends_with_a_small_summary(
        self, definition: dict[str, Any], challenger: dict[str, str] | None
    ) -> None:
        champion = {"candidate": "a", "model_package": "arn"}
        output = evaluated(
            state(definition, "Register")["Output"],
            input={
                "run": RUN,
                "leaderboard": "s3://l",
                "failed": [],
                "finalists": [{"candidate": "a", "holdout": {"passed": True}}],
                "report": "s3://report.html",
            },
            result={"Payload": {"champion": champion, "challenger": challenger, "models": []}},
        )
        assert output == {
            "run": RUN,
            "leaderboard": "s3://l",
            "champion": champion,
            "challenger": challenger,
            "holdout": [{"passed": True}],
            "failed": [],
            "report": "s3://report.html",
        }

    def test_the_report_is_written_before_the_registration_and_cannot_prevent_it(
        self, definition: dict[str, Any]
    ) -> None:
        report = state(definition, "Report")
        assert state(definition, "Compare")["Next"] == "Report"
        assert report["Next"] == "Register"
        payload = evaluated(report["Arguments"]["Payload"], input={"run": RUN})
        assert payload["project"] == "flights"
        assert payload["run"] == RUN
        assert payload["problem"]["type"] == "binary"
        output = evaluated(
            report["Output"], input={"run": RUN}, result={"Payload": {"report": "s3://r"}}
        )
        assert output == {"run": RUN, "report": "s3://r"}
        caught = state(definition, report["Catch"][-1]["Next"])
        assert caught["Next"] == "Register"
        assert evaluated(caught["Output"], input={"run": RUN}) == {"run": RUN, "report": None}


def test_outputs_and_parameters(synthesis: Synthesis) -> None:
    outputs = synthesis.document("training")["Outputs"]
    assert {
        "LifecycleStateMachineArn",
        "ModelPackageGroupName",
        "ChampionParameterName",
        "ChallengerParameterName",
    } <= outputs.keys()
    parameters = synthesis.properties("training", "AWS::SSM::Parameter")
    assert {(each["Name"], each["Value"]) for each in parameters} == {
        ("/flights/models/champion", "none"),
        ("/flights/models/challenger", "none"),
        ("/flights/models/champion-network-isolation", "false"),
        ("/flights/models/challenger-network-isolation", "false"),
    }


def test_each_life_of_the_stack_has_a_model_package_group_of_its_own(
    synthesis: Synthesis,
) -> None:
    name = synthesis.document("training")["Outputs"]["ModelPackageGroupName"]["Value"]
    assert "AWS::StackId" in json.dumps(name)
