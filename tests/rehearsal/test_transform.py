"""Batch transform joins each record with its own prediction, and says what it cannot do."""

import json
import re
from typing import Any

import pytest
from sklearn.metrics import roc_auc_score

from tests.rehearsal.conftest import BUCKET, Prepared
from tests.rehearsal.transforms import create_probe, outputs, put, request, transform

JSON_LINES = {"ContentType": "application/jsonlines", "SplitType": "Line"}
PEOPLE = [{"id": index, "features": list(range(index))} for index in range(4)]


@pytest.fixture(scope="module")
def probe(sagemaker: Any, s3: Any) -> str:
    return create_probe(sagemaker, s3)


def source(uri: str) -> dict[str, Any]:
    return {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}


def test_the_output_is_label_and_score_of_every_row_in_order(
    sagemaker: Any, s3: Any, prepared: Prepared, model: str, name: str
) -> None:
    job = transform(
        sagemaker,
        name,
        model,
        input=source(f"s3://{BUCKET}/prepared/"),
        DataProcessing={
            "InputFilter": "$[1:]",
            "JoinSource": "Input",
            "OutputFilter": "$[0,-1]",
        },
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    written = outputs(s3, name)
    for index, shard in enumerate(prepared.shards):
        lines = written[f"shard-{index}/part-{index}.csv.out"].decode().splitlines()
        pairs = [line.split(",") for line in lines]
        assert [label for label, _ in pairs] == [row.partition(",")[0] for row in shard]
        labels, scores = zip(*((int(label), float(score)) for label, score in pairs), strict=True)
        assert roc_auc_score(labels, scores) > 0.95


def test_what_the_model_refuses_fails_the_job_with_its_words(
    sagemaker: Any, prepared: Prepared, model: str, name: str
) -> None:
    job = transform(sagemaker, name, model, input=source(prepared.uri(2)))
    assert job["TransformJobStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("ClientError: See job logs for more information")
    assert f"{BUCKET}/prepared/shard-2/part-2.csv: 400: Unable to evaluate payload" in reason


def test_json_lines_are_filtered_joined_and_filtered_again(
    sagemaker: Any, s3: Any, probe: str, name: str
) -> None:
    put(s3, name, {"people.jsonl": "\n".join(map(json.dumps, PEOPLE)).encode()})
    job = transform(
        sagemaker,
        name,
        probe,
        input=JSON_LINES,
        output={"Accept": "application/jsonlines"},
        Environment={"MODE": "count"},
        DataProcessing={
            "InputFilter": "$.features",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        },
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    lines = outputs(s3, name)["people.jsonl.out"].decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": index, "SageMakerOutput": {"count": index}} for index in range(4)
    ]


def test_a_json_document_is_joined_below_its_own_keys_or_below_sagemaker_input(
    sagemaker: Any, s3: Any, probe: str, name: str
) -> None:
    put(s3, name, {"object.json": b'{\n "a": 1\n}', "array.json": b"[1, 2,\n 3]"})
    job = transform(
        sagemaker,
        name,
        probe,
        input={"ContentType": "application/json", "SplitType": "None"},
        output={"Accept": "application/json", "AssembleWith": "None"},
        Environment={"MODE": "echo"},
        DataProcessing={"JoinSource": "Input"},
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    written = outputs(s3, name)
    assert json.loads(written["object.json.out"]) == {"a": 1, "SageMakerOutput": {"a": 1}}
    assert json.loads(written["array.json.out"]) == {
        "SageMakerInput": [1, 2, 3],
        "SageMakerOutput": [1, 2, 3],
    }


@pytest.mark.parametrize(
    ("mode", "processing", "problem"),
    [
        ("sizes", {"JoinSource": "Input"}, "2 records were sent and 1 predictions came back"),
        ("columns", {"InputFilter": "$[7]"}, r"InputFilter \$\[7\] selects nothing: .* in 1,2"),
        ("columns", {"OutputFilter": "$[1:]"}, r"OutputFilter \$\[1:\] selects nothing"),
    ],
)
def test_records_that_cannot_be_processed_fail_the_job(
    sagemaker: Any,
    s3: Any,
    probe: str,
    name: str,
    mode: str,
    processing: dict[str, str],
    problem: str,
) -> None:
    put(s3, name, {"rows.csv": b"1,2\n3,4\n"})
    job = transform(sagemaker, name, probe, Environment={"MODE": mode}, DataProcessing=processing)
    assert job["TransformJobStatus"] == "Failed"
    assert re.search(problem, job["FailureReason"])
    assert outputs(s3, name) == {}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"DataProcessing": {"InputFilter": "label"}}, r"InputFilter: 'label' is no JSONPath"),
        ({"DataProcessing": {"OutputFilter": "$..id"}}, r"OutputFilter: .* from '\.\.id' on"),
        (
            {"DataProcessing": {"JoinSource": "Input"}, "output": {"Accept": "application/json"}},
            r"text/csv cannot be joined with output of application/json",
        ),
        (
            {"DataProcessing": {"InputFilter": "$[1:]"}, "input": {"ContentType": "image/png"}},
            r"ContentType: DataProcessing needs one of text/csv, .*has image/png",
        ),
        (
            {"DataProcessing": {"InputFilter": "$[1:]"}, "input": {"SplitType": "RecordIO"}},
            r"records of SplitType RecordIO cannot be filtered",
        ),
        ({"MaxPayloadInMB": 0}, r"MaxPayloadInMB: 0.*not available in the rehearsal"),
        ({"MaxPayloadInMB": 101}, r"MaxPayloadInMB must be at most 100"),
        ({"MaxPayloadInMB": 26, "MaxConcurrentTransforms": 4}, r"at most 100 MB.*4 \* 26 = 104"),
        (
            {"DataCaptureConfig": {"DestinationS3Uri": "s3://data/capture"}},
            r"DataCaptureConfig.*not available in the rehearsal",
        ),
        (
            {"output": {"S3OutputPath": "https://host/out"}},
            r"TransformOutput.S3OutputPath: https://host/out is not an S3 URI",
        ),
        ({"ModelName": "absent"}, r'Could not find model ".*model/absent"'),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_request_that_cannot_work_is_refused_at_once(
    sagemaker: Any, probe: str, name: str, changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(sagemaker.exceptions.ClientError, match=problem):
        sagemaker.create_transform_job(**request(name, probe, **changes))
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not find"):
        sagemaker.describe_transform_job(TransformJobName=name)
