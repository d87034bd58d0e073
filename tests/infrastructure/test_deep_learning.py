"""A PyTorch script, spot instances: what SageMaker is asked for."""

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

import config
from tests.infrastructure.aws_requests import problems
from tests.infrastructure.synthesis import (
    ACCOUNT,
    REGION,
    ROOT,
    Synthesis,
    evaluated,
    named,
    state,
    synthesize,
)

NAME = "deep-learning"
IMAGES = f"763104351884.dkr.ecr.{REGION}.amazonaws.com"
RUN = "run-1"
METRICS = ["auc", "loss", "accuracy"]


def synthesized(directory: Path, region: str = REGION, **changes: Any) -> Synthesis:
    """The default project with the deep-learning candidate only, its keys changed."""
    lifecycle = config.load(ROOT / "lifecycle.yaml", [NAME])
    (candidate,) = lifecycle.candidates
    entry = type(candidate.entry).model_validate(dict(candidate.entry) | changes)
    changed = candidate.model_copy(update={"entry": entry})
    return synthesize(lifecycle.model_copy(update={"candidates": (changed,)}), directory, region)


def specification(synthesis: Synthesis) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = state(synthesis.definition("training"), "Plan")["Output"]["candidates"]
    return found


def training_request(synthesis: Synthesis, suffix: str = "f3", attempt: int = 0) -> dict[str, Any]:
    arguments = state(synthesis.definition("training"), "TrainFold")["Arguments"]
    fold = {
        "run": RUN,
        "candidate": specification(synthesis),
        "suffix": suffix,
        "shard": "fold-3",
        "manifest": "train-fold-3.json",
    }
    request: dict[str, Any] = named(
        evaluated(arguments, input=fold, context={"State": {"RetryCount": attempt}})
    )
    assert problems("sagemaker", "CreateTrainingJob", request) == []
    return request


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesized(tmp_path_factory.mktemp("cdk.out"))


@pytest.fixture(scope="module")
def on_spot_gpus(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesized(
        tmp_path_factory.mktemp("cdk.out"),
        spot=True,
        instance_type="ml.g4dn.xlarge",
        instance_count=2,
    )


def test_a_pytorch_script_trains_in_the_training_image(synthesis: Synthesis) -> None:
    request = training_request(synthesis)
    hyperparameters = request.pop("HyperParameters")
    submitted = json.loads(hyperparameters.pop("sagemaker_submit_directory"))
    assert re.fullmatch(
        rf"s3://cdk-hnb659fds-assets-{ACCOUNT}-{REGION}/\w{{64}}\.(tar\.)?gz", submitted
    )
    assert hyperparameters == {
        "hidden_layer_sizes": '"256,128"',
        "learning_rate_init": "0.005",
        "max_iter": "8",
        "sagemaker_program": '"train.py"',
        "sagemaker_region": f'"{REGION}"',
        "sagemaker_container_log_level": "20",
    }
    assert request["AlgorithmSpecification"] == {
        "TrainingImage": f"{IMAGES}/pytorch-training:2.6-cpu-py312",
        "TrainingInputMode": "File",
        "MetricDefinitions": [
            {
                "Name": f"{channel}:{metric}",
                "Regex": f"{channel}:{metric}=([-+]?[0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]+)?)",
            }
            for channel in ("train", "validation")
            for metric in METRICS
        ],
    }
    assert request["Environment"] == {"CATEGORICAL_COLUMNS": "3,4,5"}
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert "CheckpointConfig" not in request
    assert "EnableManagedSpotTraining" not in request


def test_the_metrics_are_found_in_what_the_script_prints(synthesis: Synthesis) -> None:
    line = (
        "train:loss=0.405645; early_stopping:loss=0.43; validation:loss=4e-1; validation:auc=0.79;"
    )
    definitions = training_request(synthesis)["AlgorithmSpecification"]["MetricDefinitions"]
    found = {each["Name"]: re.search(each["Regex"], line) for each in definitions}
    assert {name: float(match[1]) for name, match in found.items() if match} == {
        "train:loss": 0.405645,
        "validation:loss": 0.4,
        "validation:auc": 0.79,
    }


def test_the_inference_image_has_the_code_in_the_model(synthesis: Synthesis) -> None:
    assert specification(synthesis)["container"] == {
        "Image": f"{IMAGES}/pytorch-inference:2.6-cpu-py312",
        "Environment": {
            "SAGEMAKER_PROGRAM": "train.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            "SAGEMAKER_REGION": REGION,
            "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
        },
    }


def test_the_role_pulls_both_images(synthesis: Synthesis) -> None:
    pulled = {
        resource
        for statement in synthesis.statements("training")
        if "ecr:BatchGetImage" in statement["Action"]
        for resource in map(str, statement["Resource"])
    }
    for repository in ("pytorch-training", "pytorch-inference"):
        assert any(f":763104351884:repository/{repository}" in each for each in pulled), pulled


def test_the_archive_has_the_libraries_beside_the_script(synthesis: Synthesis) -> None:
    (archive,) = synthesis.directory.glob("asset.*.tar.gz")
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert {"train.py", "tabular_script/requests.py", "tabular_network/network.py"} <= set(names)
    assert not [name for name in names if "pycache" in name]


def test_a_gpu_has_images_of_its_own(on_spot_gpus: Synthesis) -> None:
    request = training_request(on_spot_gpus)
    image = request["AlgorithmSpecification"]["TrainingImage"]
    assert image == f"{IMAGES}/pytorch-training:2.6-gpu-py312"
    assert request["ResourceConfig"] == {
        "InstanceType": "ml.g4dn.xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 30,
    }
    # The file says that batch transform runs on a type without a GPU.
    container = specification(on_spot_gpus)["container"]
    assert container["Image"] == f"{IMAGES}/pytorch-inference:2.6-cpu-py312"


def test_a_spot_job_waits_and_has_checkpoints_of_its_own(on_spot_gpus: Synthesis) -> None:
    request = training_request(on_spot_gpus)
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 3600,
        "MaxWaitTimeInSeconds": 7200,
    }
    uri = f"s3://model-bucket/checkpoints/{RUN}/{NAME}/f3/"
    assert request["CheckpointConfig"] == {"S3Uri": uri}
    retried = training_request(on_spot_gpus, attempt=1)
    assert retried["CheckpointConfig"] == {"S3Uri": uri}
    assert retried["TrainingJobName"] != request["TrainingJobName"]
    other = training_request(on_spot_gpus, suffix="f4")
    assert other["CheckpointConfig"] == {"S3Uri": f"s3://model-bucket/checkpoints/{RUN}/{NAME}/f4/"}
    # The workflow waits as long as SageMaker does.
    definition = on_spot_gpus.definition("training")
    assert state(definition, "TrainFold")["TimeoutSeconds"] > 7200


def test_checkpoints_are_deleted_after_a_while(synthesis: Synthesis) -> None:
    rules = [
        rule
        for bucket in synthesis.properties("storage", "AWS::S3::Bucket")
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", ())
        if rule.get("Prefix") == "checkpoints/"
    ]
    assert [(rule["Status"], rule["ExpirationInDays"]) for rule in rules] == [("Enabled", 30)]


def test_a_version_without_an_inference_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigurationError) as caught:
        synthesized(tmp_path, version="2.10")
    assert str(caught.value).startswith(
        "lifecycle.yaml: candidates.deep-learning.version: got '2.10' for pytorch inference in "
        f"{REGION}; allowed: a version that SageMaker has an image of there. "
    )


@pytest.mark.parametrize(
    ("region", "registry"),
    [
        ("us-east-1", "763104351884.dkr.ecr.us-east-1.amazonaws.com"),
        ("eu-central-1", "763104351884.dkr.ecr.eu-central-1.amazonaws.com"),
        ("ap-northeast-1", "763104351884.dkr.ecr.ap-northeast-1.amazonaws.com"),
        ("cn-north-1", "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_images_are_those_of_the_region(tmp_path: Path, region: str, registry: str) -> None:
    found = specification(synthesized(tmp_path, region))
    image = found["training"]["AlgorithmSpecification"]["TrainingImage"]
    assert image == f"{registry}/pytorch-training:2.6-cpu-py312"
    assert found["container"]["Image"] == f"{registry}/pytorch-inference:2.6-cpu-py312"
