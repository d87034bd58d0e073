"""The preparation with Apache Spark, as a processing job asks for it."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.conftest import BUCKET, INSTANCE, ROLE
from tests.rehearsal.test_processing import ended, logged
from tests.unit.preparations import CONFIGURATION, flights

pytest.importorskip("pyspark", reason="requirements-spark.txt is not installed")

IMAGE = "173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py312-v1"
PROGRAM = Path(__file__).parents[2] / "algorithms" / "preparation"
INPUT, OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"


@pytest.fixture
def request_of(s3: Any, name: str, tmp_path: Path) -> Callable[[bytes], dict[str, Any]]:
    """A job on two instances, of the data."""

    def make(data: bytes) -> dict[str, Any]:
        shutil.make_archive(str(tmp_path / "preparation"), "zip", PROGRAM)
        files = {
            "code/preparation.zip": (tmp_path / "preparation.zip").read_bytes(),
            "driver/spark_main.py": (PROGRAM / "spark_main.py").read_bytes(),
            "config/configuration.json": json.dumps(CONFIGURATION).encode(),
            "raw/flights.csv": data,
        }
        for key, body in files.items():
            s3.put_object(Bucket=BUCKET, Key=f"{name}/{key}", Body=body)
        output = f"s3://{BUCKET}/{name}/prepared/"
        return {
            "ProcessingJobName": name,
            "RoleArn": ROLE,
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": [
                    "smspark-submit",
                    "--py-files",
                    f"{INPUT}/code/preparation.zip",
                    f"{INPUT}/driver/spark_main.py",
                ],
                "ContainerArguments": [
                    *("--config", f"{INPUT}/config/configuration.json"),
                    *("--output-uri", output),
                ],
            },
            "ProcessingResources": {
                "ClusterConfig": {**INSTANCE, "InstanceCount": 2, "VolumeSizeInGB": 10}
            },
            "ProcessingInputs": [
                {
                    "InputName": folder,
                    "S3Input": {
                        "S3Uri": f"s3://{BUCKET}/{name}/{folder}/",
                        "LocalPath": f"{INPUT}/{folder}",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
                for folder in ("code", "driver", "config", "raw")
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "prepared",
                        "S3Output": {
                            "S3Uri": output,
                            "LocalPath": OUTPUT,
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
        }

    return make


def prepared_rows(s3: Any, prefix: str) -> list[list[str]]:
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    texts = [s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in listed]
    return [row for text in texts for row in csv.reader(io.StringIO(text.decode()))]


def test_two_instances_prepare_each_row_once(
    request_of: Callable[[bytes], dict[str, Any]],
    sagemaker: Any,
    s3: Any,
    client: Callable[[str], Any],
    name: str,
) -> None:
    sample = flights()
    sagemaker.create_processing_job(**request_of(sample.to_csv(index=False).encode()))
    job = ended(sagemaker, name)
    assert job["ProcessingJobStatus"] == "Completed", job.get("FailureReason")
    kept = sample["arr_delay"].dropna()
    rows = [
        row
        for part in ("holdout", *(f"fold-{number}" for number in range(5)))
        for row in prepared_rows(s3, f"{name}/prepared/{part}/")
    ]
    assert len(rows) == len(kept)
    assert sum(row[0] == "1" for row in rows) == (kept > 15).sum()
    log = logged(client, "/aws/sagemaker/ProcessingJobs", name)
    assert sum("Spark 3.5" in line for line in log) == 1  # on one of the two hosts


def test_what_is_wrong_with_the_data_is_the_jobs_failure_reason(
    request_of: Callable[[bytes], dict[str, Any]], sagemaker: Any, name: str
) -> None:
    sagemaker.create_processing_job(**request_of(b"month,day\n1,1\n"))
    job = ended(sagemaker, name)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "flights.csv" in job["ExitMessage"]
    assert "exit code: 1" in job["FailureReason"]
