"""Map and Parallel states: their items, their children's results, their first failure."""

import json
import time
from typing import Any

from tests.rehearsal.conftest import BUCKET, ROLE, XGBOOST, channel, training_request
from tests.rehearsal.machines import JSONATA, Machines, only

ECHO = only({"Type": "Pass", **JSONATA, "Output": "{% $states.input %}", "End": True})
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def distributed(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return only(
        {
            "Type": "Map",
            **JSONATA,
            "ItemProcessor": {**DISTRIBUTED, **processor},
            **fields,
            "End": True,
        }
    )


def test_a_distributed_map_iterates_over_what_jsonata_makes(machines: Machines) -> None:
    definition = distributed(
        ECHO,
        Items="{% $states.input.names %}",
        ItemSelector={"name": "{% $states.context.Map.Item.Value %}"},
    )
    ended = machines.run(definition, {"names": ["a", "b"]})
    assert json.loads(ended["output"]) == [{"name": "a"}, {"name": "b"}]


def test_an_item_reader_takes_jsonata_arguments(machines: Machines, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{machines.name}.jsonl", Body=b'{"fold": 0}\n{"fold": 1}\n')
    definition = distributed(
        ECHO,
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "Arguments": {"Bucket": BUCKET, "Key": "{% $states.input.key %}"},
            "ReaderConfig": {"InputType": "JSONL"},
        },
    )
    ended = machines.run(definition, {"key": f"{machines.name}.jsonl"})
    assert json.loads(ended["output"]) == [{"fold": 0}, {"fold": 1}]


def test_an_item_batcher_gives_each_child_several_items(machines: Machines) -> None:
    definition = distributed(
        ECHO,
        Items="{% [1..5] %}",
        ItemBatcher={
            "MaxItemsPerBatch": 2,
            "BatchInput": {"run": "{% $states.context.Execution.Name %}"},
        },
    )
    output = json.loads(machines.run(definition)["output"])
    assert [batch["Items"] for batch in output] == [[1, 2], [3, 4], [5]]
    assert {batch["BatchInput"]["run"] for batch in output} == {machines.name}


def test_a_result_writer_leaves_a_manifest_and_the_childrens_results(
    machines: Machines, s3: Any
) -> None:
    choice = {
        "Type": "Choice",
        **JSONATA,
        "Choices": [{"Condition": "{% $states.input = 2 %}", "Next": "Bad"}],
        "Default": "Good",
    }
    child = only(
        choice,
        Good={"Type": "Pass", **JSONATA, "Output": {"fold": "{% $states.input %}"}, "End": True},
        Bad={"Type": "Fail", "Error": "Odd", "Cause": "fold 2"},
    )
    definition = distributed(
        child,
        Items="{% [1..3] %}",
        ToleratedFailureCount=1,
        ResultWriter={
            "Resource": "arn:aws:states:::s3:putObject",
            "Arguments": {"Bucket": BUCKET, "Prefix": "{% 'maps/' & $states.input.run %}"},
        },
    )
    ended = machines.run(definition, {"run": machines.name})
    details = json.loads(ended["output"])["ResultWriterDetails"]
    assert details["Key"].startswith(f"maps/{machines.name}/")

    def read(key: str) -> Any:
        return json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    files = read(details["Key"])["ResultFiles"]
    succeeded = read(files["SUCCEEDED"][0]["Key"])
    assert [json.loads(child["Output"]) for child in succeeded] == [{"fold": 1}, {"fold": 3}]
    failed = read(files["FAILED"][0]["Key"])
    assert [(child["Error"], child["Cause"], child["Input"]) for child in failed] == [
        ("Odd", "fold 2", "2")
    ]
    run = machines.client.describe_map_run(mapRunArn=json.loads(ended["output"])["MapRunArn"])
    assert run["status"] == "SUCCEEDED"
    assert (run["itemCounts"]["succeeded"], run["itemCounts"]["failed"]) == (2, 1)


def test_a_failed_iteration_stops_the_jobs_of_the_others(
    machines: Machines, sagemaker: Any, prepared: Any
) -> None:
    request = training_request(
        f"{machines.name}-slow",
        channel("train", prepared.uri(0)),
        HyperParameters={"num_round": "1000000", "objective": "binary:logistic"},
    )
    train = {
        "Type": "Task",
        **JSONATA,
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
        "Arguments": request,
        "End": True,
    }
    fail = {"Type": "Wait", "Seconds": 1, "Next": "Fail"}
    definition = only(
        {
            "Type": "Parallel",
            "Branches": [
                only(train),
                only(fail, Fail={"Type": "Fail", "Error": "Gate", "Cause": "no"}),
            ],
            "End": True,
        }
    )
    ended = machines.run(definition)
    assert (ended["status"], ended["error"]) == ("FAILED", "Gate")
    assert _status(sagemaker, request["TrainingJobName"]) == "Stopped"


def test_a_stopped_execution_stops_its_job(
    machines: Machines, sagemaker: Any, prepared: Any
) -> None:
    request = training_request(
        machines.name,
        channel("train", prepared.uri(0)),
        HyperParameters={"num_round": "1000000", "objective": "binary:logistic"},
    )
    arn = machines.start(
        only(
            {
                "Type": "Task",
                **JSONATA,
                "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
                "Arguments": request,
                "End": True,
            }
        )
    )
    while not sagemaker.list_training_jobs(NameContains=machines.name)["TrainingJobSummaries"]:
        time.sleep(0.02)
    machines.client.stop_execution(executionArn=arn, error="Enough", cause="by hand")
    assert machines.wait(arn)["status"] == "ABORTED"
    assert _status(sagemaker, machines.name) == "Stopped"
    tags = sagemaker.describe_training_job(TrainingJobName=machines.name)["TrainingJobArn"]
    assert tags.endswith(machines.name)


def _status(sagemaker: Any, name: str) -> str:
    while True:
        status: str = sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
        if status not in ("InProgress", "Stopping"):
            return status
        time.sleep(0.02)


def test_an_inline_map_runs_at_most_40_iterations_at_a_time(machines: Machines) -> None:
    wait = {"Type": "Wait", "Seconds": 1, "End": True}
    arn = machines.start(
        only({"Type": "Map", "ItemProcessor": only(wait), "ItemsPath": "$.items", "End": True}),
        {"items": list(range(45))},
    )
    assert machines.wait(arn)["status"] == "SUCCEEDED"
    kinds = [event["type"] for event in machines.events(arn)]
    assert kinds[: kinds.index("MapIterationSucceeded")].count("MapIterationStarted") == 40


def test_a_model_is_made_as_the_machines_role(machines: Machines, sagemaker: Any) -> None:
    task = {
        "Type": "Task",
        **JSONATA,
        "Resource": "arn:aws:states:::sagemaker:createModel",
        "Arguments": {
            "ModelName": machines.name,
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"Image": XGBOOST},
        },
        "End": True,
    }
    assert machines.run(only(task))["status"] == "SUCCEEDED"
    assert sagemaker.describe_model(ModelName=machines.name)["ExecutionRoleArn"] == ROLE
