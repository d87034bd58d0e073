"""Several instances: one process a host, each with its own tree, that find each other."""

from collections.abc import Callable
from typing import Any

import pytest
import xgboost
from sklearn.metrics import roc_auc_score

from tests.rehearsal.conftest import (
    BUCKET,
    Prepared,
    channel,
    training_request,
)
from tests.rehearsal.scripts import (
    archive_files,
    ended,
    model_files,
    reports,
    script_request,
    secondary,
)

# Host 2 says hello to host 1 by its name, and writes nothing before it has heard the answer.
MEET = """
import json, os, pathlib, socket, sys, time
base = pathlib.Path("/opt/ml")
config = {p.stem: json.loads(p.read_text()) for p in (base / "input/config").iterdir()}
me = config["resourceconfig"]["current_host"]
if me == "algo-1":
    server = socket.create_server(("algo-1", 7777))
    connection, _ = server.accept()
    connection.sendall(connection.recv(100).upper())
    heard = ""
else:
    while True:
        try:
            connection = socket.create_connection(("algo-1", 7777))
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    connection.sendall(b"hello")
    heard = connection.recv(100).decode()
files = {
    channel.name: {
        str(p.relative_to(channel)): p.read_text() for p in channel.rglob("*") if p.is_file()
    }
    for channel in (base / "input/data").iterdir()
}
report = dict(config=config, heard=heard, files=files, arguments=sys.argv[1:],
              color=os.environ["COLOR"], job=os.environ["TRAINING_JOB_NAME"])
(base / "model" / f"{me}.json").write_text(json.dumps(report))
(base / "output/data" / f"{me}.txt").write_text("notes of " + me)
print("I am", me, flush=True)
"""
FAIL_ON_ONE = """
import json, pathlib, sys, time
config = json.loads(pathlib.Path("/opt/ml/input/config/resourceconfig.json").read_text())
if config["current_host"] == "algo-2":
    pathlib.Path("/opt/ml/output/failure").write_text("host two has had enough")
    sys.exit(7)
time.sleep(300)
"""


def shards(s3: Any, name: str) -> str:
    for number in range(3):
        s3.put_object(Bucket=BUCKET, Key=f"{name}/in/{number}.txt", Body=f"part {number}")
    return f"s3://{BUCKET}/{name}/in/"


def test_hosts_run_together_each_with_its_own_tree(
    sagemaker: Any, s3: Any, client: Callable[[str], Any], name: str
) -> None:
    uri = shards(s3, name)
    part = channel("part", uri)
    part["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    whole = {**channel("whole", uri), "InputMode": "FastFile"}
    request = script_request(
        s3,
        name,
        MEET,
        part,
        whole,
        hosts=2,
        Environment={"COLOR": "green"},
        specification={"ContainerArguments": ["--rounds", "3"]},
    )
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    told = reports(s3, job)
    assert sorted(told) == ["algo-1", "algo-2"]
    assert told["algo-2"]["heard"] == "HELLO"
    for host, report in told.items():
        interface = report["config"]["resourceconfig"].pop("network_interface_name")
        assert interface
        assert report["config"]["resourceconfig"] == {
            "current_host": host,
            "current_instance_type": "ml.m5.large",
            "current_group_name": "homogeneousCluster",
            "hosts": ["algo-1", "algo-2"],
            "instance_groups": [
                {
                    "instance_group_name": "homogeneousCluster",
                    "instance_type": "ml.m5.large",
                    "hosts": ["algo-1", "algo-2"],
                }
            ],
        }
        assert report["config"]["inputdataconfig"]["whole"] == {
            "ContentType": "text/csv",
            "TrainingInputMode": "FastFile",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
        assert report["config"]["hyperparameters"] == request["HyperParameters"]
        assert sorted(report["files"]["whole"]) == ["0.txt", "1.txt", "2.txt"]
        assert report["arguments"] == ["--rounds", "3"]
        assert (report["color"], report["job"]) == ("green", name)
    one, two = (told[host]["files"]["part"] for host in sorted(told))
    assert sorted(one.values()) + sorted(two.values()) == ["part 0", "part 2", "part 1"]
    output = archive_files(s3, f"s3://{BUCKET}/models/{name}/output/output.tar.gz")
    assert output == {f"algo-{n}.txt": f"notes of algo-{n}".encode() for n in (1, 2)}
    logs = client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")
    names = sorted(stream["logStreamName"] for stream in streams["logStreams"])
    assert [stream.rpartition("-")[0] for stream in names] == [f"{name}/algo-1", f"{name}/algo-2"]
    said = logs.get_log_events(logGroupName=group, logStreamName=names[1], startFromHead=True)
    assert [event["message"] for event in said["events"]] == ["I am algo-2"]


def test_one_host_that_fails_fails_the_job_in_its_words(sagemaker: Any, s3: Any, name: str) -> None:
    sagemaker.create_training_job(**script_request(s3, name, FAIL_ON_ONE, hosts=2))
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: host two has had enough, exit code: 7"
    assert secondary(job) == ["Starting", "Downloading", "Training", "Uploading", "Failed"]


def test_instance_groups_get_their_own_channels(sagemaker: Any, s3: Any, name: str) -> None:
    program = """
    import json, os, pathlib
    base = pathlib.Path("/opt/ml")
    config = json.loads((base / "input/config/resourceconfig.json").read_text())
    report = dict(config=config, files=sorted(os.listdir(base / "input/data")))
    (base / "model" / (config["current_host"] + ".json")).write_text(json.dumps(report))
    """
    only = channel("only", shards(s3, name))
    only["DataSource"]["S3DataSource"]["InstanceGroupNames"] = ["big"]
    request = script_request(s3, name, program, only)
    request["ResourceConfig"] = {
        "VolumeSizeInGB": 10,
        "InstanceGroups": [
            {"InstanceGroupName": group, "InstanceType": f"ml.m5.{group_type}", "InstanceCount": 1}
            for group, group_type in (("small", "large"), ("big", "xlarge"))
        ],
    }
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    told = reports(s3, job)
    assert [told[host]["files"] for host in ("algo-1", "algo-2")] == [["code"], ["code", "only"]]
    assert told["algo-2"]["config"]["current_group_name"] == "big"
    assert told["algo-2"]["config"]["current_instance_type"] == "ml.m5.xlarge"
    only["DataSource"]["S3DataSource"]["InstanceGroupNames"] = ["huge"]
    with pytest.raises(sagemaker.exceptions.ClientError, match="no instance group huge"):
        sagemaker.create_training_job(**{**request, "TrainingJobName": f"{name}-2"})


def test_xgboost_builds_one_model_from_the_rows_of_all_hosts(
    sagemaker: Any, s3: Any, prepared: Prepared, name: str
) -> None:
    rows = channel("train", f"s3://{BUCKET}/prepared/")
    rows["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    request = training_request(name, rows)
    request["ResourceConfig"]["InstanceCount"] = 2
    request["HyperParameters"]["eval_metric"] = "auc"
    sagemaker.create_training_job(**request)
    job = ended(sagemaker, name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    everything = [line.split(",") for shard in prepared.shards for line in shard]
    features = xgboost.DMatrix([[float(value) for value in row[1:]] for row in everything])
    labels = [int(row[0]) for row in everything]
    booster = xgboost.Booster()
    booster.load_model(bytearray(model_files(s3, job)["xgboost-model"]))
    score = roc_auc_score(labels, booster.predict(features))
    assert score > 0.99
    # The log's score is over the rows of both hosts, as the model is.
    final = {data["MetricName"]: data["Value"] for data in job["FinalMetricDataList"]}
    assert final["train:auc"] == pytest.approx(score, abs=0.01)
