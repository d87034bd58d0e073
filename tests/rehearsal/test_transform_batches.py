"""Batch transform divides objects into requests as asked, and writes whole objects or nothing."""

import gzip
import itertools
import json
import os
import struct
from typing import Any

import pytest

from tests.rehearsal.conftest import BUCKET
from tests.rehearsal.transforms import (
    create_probe,
    log_lines,
    outputs,
    put,
    request,
    transform,
    wait,
)

MEBIBYTE = 1024**2
BINARY = {"ContentType": "application/octet-stream"}


@pytest.fixture(scope="module")
def probe(sagemaker: Any, s3: Any) -> str:
    return create_probe(sagemaker, s3)


@pytest.fixture(scope="module")
def logs(client: Any) -> Any:
    return client("logs")


def recordio(data: bytes) -> bytes:
    return struct.pack("<II", 0xCED7230A, len(data)) + data + bytes(-len(data) % 4)


def test_an_object_becomes_requests_within_the_payload_that_run_at_the_same_time(
    sagemaker: Any, s3: Any, probe: str, name: str
) -> None:
    rows = [f"{index},{'x' * 1000}" for index in range(3500)]
    put(s3, name, {"big.csv": "\n".join(rows).encode()})
    job = transform(
        sagemaker,
        name,
        probe,
        Environment={"MODE": "meet"},
        BatchStrategy="MultiRecord",
        MaxPayloadInMB=1,
        MaxConcurrentTransforms=2,
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    firsts = outputs(s3, name)["big.csv.out"].decode().splitlines()
    numbers = [int(line.partition(",")[0]) for line in firsts]
    assert len(numbers) == 4
    assert numbers == sorted(numbers)
    for start, end in zip(numbers, [*numbers[1:], len(rows)], strict=True):
        assert len("\n".join(rows[start:end])) <= MEBIBYTE
    for start, end in itertools.pairwise(numbers):  # no smaller than they must be
        assert len("\n".join(rows[start : end + 1])) > MEBIBYTE


def test_a_single_record_a_request_from_compressed_objects_of_a_manifest_on_two_instances(
    sagemaker: Any, s3: Any, logs: Any, probe: str, name: str
) -> None:
    objects = {f"{part}/rows.csv.gz": f"{part},1\n{part},22\n\n{part}" for part in "abc"}
    put(s3, name, {key: gzip.compress(text.encode()) for key, text in objects.items()})
    manifest = [{"prefix": f"s3://{BUCKET}/{name}/in/"}, "a/rows.csv.gz", "c/rows.csv.gz"]
    s3.put_object(Bucket=BUCKET, Key=f"{name}/manifest", Body=json.dumps(manifest))
    source = {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/{name}/manifest"}
    job = transform(
        sagemaker,
        name,
        probe,
        input={"DataSource": {"S3DataSource": source}, "CompressionType": "Gzip"},
        output={"KmsKeyId": "alias/results"},
        Environment={"MODE": "sizes"},
        BatchStrategy="SingleRecord",
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    expected = b"1,3\n1,4\n1,0\n1,1\n"
    assert outputs(s3, name) == {
        "a/rows.csv.gz.out": expected,
        "c/rows.csv.gz.out": expected,
    }
    head = s3.head_object(Bucket=BUCKET, Key=f"{name}/out/a/rows.csv.gz.out")
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"].endswith("alias/results")
    streams = log_lines(logs, f"{name}/")
    data_logs = [stream for stream in streams if stream.endswith("/data-log")]
    assert len(data_logs) == 2
    assert sorted(streams) == sorted(
        stream for log in data_logs for stream in (log, log.removesuffix("/data-log"))
    )
    (line,) = streams[data_logs[0]]
    assert line.endswith(
        f":[sagemaker logs]: MaxConcurrentTransforms={os.cpu_count()}, MaxPayloadInMB=6, "
        "BatchStrategy=SINGLE_RECORD"
    )


@pytest.mark.parametrize(
    ("split", "strategy", "written"),
    [
        ("None", None, recordio(b"one!") + recordio(b"\0\n\xff")),
        ("RecordIO", "MultiRecord", recordio(b"one!") + recordio(b"\0\n\xff")),
        ("RecordIO", "SingleRecord", b"one!\0\n\xff"),
    ],
    ids=["whole", "together", "alone"],
)
def test_binary_records_arrive_as_they_are_and_alone_without_their_padding(
    sagemaker: Any, s3: Any, probe: str, name: str, split: str, strategy: str | None, written: bytes
) -> None:
    put(s3, name, {"two.rec": recordio(b"one!") + recordio(b"\0\n\xff")})
    job = transform(
        sagemaker,
        name,
        probe,
        input={**BINARY, "SplitType": split},
        output={"Accept": "application/octet-stream", "AssembleWith": "None"},
        Environment={"MODE": "echo"},
        **({"BatchStrategy": strategy} if strategy else {}),
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert outputs(s3, name) == {"two.rec.out": written}


def test_an_object_that_fails_has_no_output_and_the_others_have_theirs(
    sagemaker: Any, s3: Any, logs: Any, probe: str, name: str
) -> None:
    put(s3, name, {"a.csv": b"good\nbad\n", "b.csv": b"good\n", "c.csv": b"x" * (MEBIBYTE + 1)})
    job = transform(
        sagemaker,
        name,
        probe,
        Environment={"MODE": "refuse"},
        BatchStrategy="SingleRecord",
        MaxPayloadInMB=1,
        ModelClientConfig={"InvocationsMaxRetries": 0},
    )
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        "AlgorithmError: See job logs for more information. "
        f"{BUCKET}/{name}/in/a.csv: 500: a bad row"
    )
    assert outputs(s3, name) == {"b.csv.out": b"fine\n"}
    lines = log_lines(logs, f"{name}/")
    (data_log,) = (lines[stream] for stream in lines if stream.endswith("/data-log"))
    told = [line.partition("[sagemaker logs]: ")[2] for line in data_log[1:]]
    assert f"{BUCKET}/{name}/in/a.csv: AlgorithmError: 500" in told
    assert f"{BUCKET}/{name}/in/a.csv: a bad row" in told
    assert any(
        line.startswith(f"{BUCKET}/{name}/in/c.csv: ClientError: a record has more than")
        for line in told
    )


def test_a_container_that_finds_a_request_too_large_says_so(
    sagemaker: Any, s3: Any, probe: str, name: str
) -> None:
    put(s3, name, {"rows.csv": b"1\n" * 4 * MEBIBYTE})
    job = transform(sagemaker, name, probe, Environment={"MODE": "sizes"}, MaxPayloadInMB=20)
    assert job["TransformJobStatus"] == "Failed"
    assert f"ClientError: See job logs for more information. {BUCKET}/" in job["FailureReason"]
    assert "rows.csv: 413: the body has 8388607 bytes" in job["FailureReason"]


def test_requests_that_fail_are_sent_again(sagemaker: Any, s3: Any, probe: str, name: str) -> None:
    put(s3, name, {"rows.csv": b"1\n"})
    job = transform(
        sagemaker,
        name,
        probe,
        Environment={"MODE": "recover"},
        ModelClientConfig={"InvocationsMaxRetries": 2},
    )
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert outputs(s3, name) == {"rows.csv.out": b"fine\n"}


def test_an_answer_that_takes_too_long_fails_the_job(
    sagemaker: Any, s3: Any, probe: str, name: str
) -> None:
    put(s3, name, {"rows.csv": b"1\n"})
    job = transform(
        sagemaker,
        name,
        probe,
        Environment={"MODE": "sleep"},
        ModelClientConfig={"InvocationsMaxRetries": 0, "InvocationsTimeoutInSeconds": 1},
    )
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].endswith("rows.csv: Unable to get response from algorithm")


def test_a_stopped_job_ends_without_waiting_for_its_answers(
    sagemaker: Any, s3: Any, logs: Any, probe: str, name: str
) -> None:
    put(s3, name, {"rows.csv": b"1\n"})
    sagemaker.create_transform_job(**request(name, probe, Environment={"MODE": "sleep"}))
    while "asleep" not in str(log_lines(logs, f"{name}/")):
        pass
    sagemaker.stop_transform_job(TransformJobName=name)
    job = wait(sagemaker, name)
    assert job["TransformJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    assert job["TransformEndTime"] >= job["TransformStartTime"] >= job["CreationTime"]
    assert outputs(s3, name) == {}
    with pytest.raises(sagemaker.exceptions.ClientError, match=r"is in status Stopped"):
        sagemaker.stop_transform_job(TransformJobName=name)


def test_a_description_has_the_request_and_the_defaults(
    sagemaker: Any, s3: Any, probe: str, name: str
) -> None:
    put(s3, name, {"empty.csv": b""})
    wanted = request(
        name,
        probe,
        input={"SplitType": "None"},
        Environment={"MODE": "sizes"},
        ExperimentConfig={"ExperimentName": "flights"},
    )
    del wanted["TransformInput"]["SplitType"], wanted["TransformOutput"]["AssembleWith"]
    sagemaker.create_transform_job(**wanted)
    job = wait(sagemaker, name)
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert job["TransformInput"]["SplitType"] == "None"
    assert job["TransformInput"]["CompressionType"] == "None"
    assert job["TransformOutput"]["AssembleWith"] == "None"
    assert job["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    assert job["ExperimentConfig"] == {"ExperimentName": "flights"}
    assert job["Environment"] == {"MODE": "sizes"}
    assert outputs(s3, name) == {"empty.csv.out": b""}
