"""The candidates' specifications, which the state machine hands to SageMaker."""

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack

import config
from config.instance_storage import takes_volume_key
from stacks.constructs.images import UnknownImageError, image_uri, repository_arn
from stacks.constructs.source_archive import source_archive
from tests.infrastructure.synthesis import ROOT, Synthesis, state, synthesize

KEY = "ExportsOutputFnGetAttKey"
INSTANCES = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}


def specifications(synthesis: Synthesis) -> dict[str, Any]:
    definition = synthesis.definition("training")
    listed = state(definition, "Plan")["Output"]["candidates"]
    assert state(definition, "Candidates")["ItemsPath"] == "$.candidates"
    return {specification["name"]: specification for specification in listed}


def without_keys(specification: dict[str, Any]) -> dict[str, Any]:
    for section in (
        specification["training"]["ResourceConfig"],
        specification["transform"]["TransformResources"],
    ):
        assert section.pop("VolumeKmsKeyId").startswith(KEY)
    return specification


def test_a_built_in_algorithm_gets_its_hyperparameters_as_text(synthesis: Synthesis) -> None:
    image = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    specification = without_keys(specifications(synthesis)["xgboost"])
    assert specification.pop("rules") == "report"
    for member in ("DebugHookConfig", "DebugRuleConfigurations", "ProfilerConfig"):
        del specification["training"][member]
    assert specification == {
        "name": "xgboost",
        "option": "built_in",
        "training": {
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "HyperParameters": {
                "objective": "binary:logistic",
                "num_round": "100",
                "max_depth": "6",
                "eta": "0.3",
                "eval_metric": "logloss,auc",
            },
            "ResourceConfig": INSTANCES | {"VolumeSizeInGB": 30},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
        "container": {"Image": image, "Environment": {}},
        "transform": {
            "TransformResources": INSTANCES,
            "DataProcessing": {
                "InputFilter": "$[1:]",
                "JoinSource": "Input",
                "OutputFilter": "$[0,-1]",
            },
        },
        "accept": "text/csv",
        "labelled": True,
        "checkpoints": False,
        "channels": {"train": "train", "validation": "validation"},
    }


def test_script_mode_gets_hyperparameters_as_json_and_the_script_from_s3(
    synthesis: Synthesis, lifecycle: config.Lifecycle
) -> None:
    (candidate,) = (each for each in lifecycle.candidates if each.option == "script")
    specification = without_keys(specifications(synthesis)["logistic-regression"])
    environment = specification["container"]["Environment"]
    source = environment.pop("SAGEMAKER_SUBMIT_DIRECTORY")
    assert re.fullmatch(
        r"s3://cdk-hnb659fds-assets-111122223333-eu-west-1/[0-9a-f]{64}\.(tar\.)?gz", source
    )
    assert environment == {
        "SAGEMAKER_PROGRAM": "train.py",
        "SAGEMAKER_REGION": "eu-west-1",
        "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
    }
    hyperparameters = specification["training"]["HyperParameters"]
    assert {name: json.loads(value) for name, value in hyperparameters.items()} == {
        **candidate.hyperparameters,
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": source,
        "sagemaker_region": "eu-west-1",
        "sagemaker_container_log_level": 20,
    }
    assert specification["option"] == "script"
    # Behind month, day and distance come the codes of carrier, origin and destination.
    assert specification["training"]["Environment"] == {"CATEGORICAL_COLUMNS": "3,4,5"}
    assert specification["container"]["Image"].endswith("/sagemaker-scikit-learn:1.4-2-cpu-py3")
    assert (
        specification["container"]["Image"]
        == (specification["training"]["AlgorithmSpecification"]["TrainingImage"])
    )


def test_the_archive_has_the_scripts_folder_and_is_reproducible(
    synthesis: Synthesis, tmp_path: Path
) -> None:
    (archive,) = synthesis.directory.glob("asset.*.tar.gz")
    folder = ROOT / "algorithms" / "logistic_regression"
    with tarfile.open(archive) as tar:
        assert "train.py" in tar.getnames()
        train = tar.extractfile("train.py")
        assert train is not None
        assert train.read() == (folder / "train.py").read_bytes()

    def archived(content: str) -> str:
        (tmp_path / "__pycache__").mkdir(exist_ok=True)
        (tmp_path / "__pycache__" / "train.pyc").write_text(content)
        (tmp_path / ".hidden").write_text(content)
        (tmp_path / "train.py").touch()
        return source_archive(Stack(App()), "Source", folder=tmp_path).asset_hash

    (tmp_path / "train.py").write_text("print(1)\n")
    first = archived("one")
    assert archived("another") == first
    (tmp_path / "train.py").write_text("print(2)\n")
    assert archived("another") != first


@pytest.mark.parametrize(
    ("instance_type", "takes"),
    [
        ("ml.m5.xlarge", True),
        ("ml.c6g.large", True),
        ("ml.p3.2xlarge", True),
        ("ml.g5g.xlarge", True),
        ("ml.m5d.large", False),
        ("ml.c6gd.large", False),
        ("ml.r5dn.large", False),
        ("ml.g4dn.xlarge", False),
        ("ml.g5.xlarge", False),
        ("ml.p4de.24xlarge", False),
        ("ml.p5.48xlarge", False),
        ("ml.trn1.2xlarge", False),
    ],
)
def test_instances_with_disks_of_their_own_take_no_volume_key(
    instance_type: str, takes: bool
) -> None:
    assert takes_volume_key(instance_type) is takes


def test_an_unknown_version_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnknownImageError, match=r"'0\.1-9' for sklearn in eu-west-1.*1\.4-2"):
        image_uri("sklearn", version="0.1-9", region="eu-west-1")


def test_an_unknown_version_is_told_by_file_and_key(
    lifecycle: config.Lifecycle, tmp_path: Path
) -> None:
    candidate = lifecycle.candidates[0]
    entry = candidate.entry.model_copy(update={"version": "0.1-9"})
    wrong = candidate.model_copy(update={"entry": entry})
    changed = lifecycle.model_copy(update={"candidates": (wrong,)})
    with pytest.raises(config.ConfigurationError) as caught:
        synthesize(changed, tmp_path)
    assert str(caught.value).startswith(
        "lifecycle.yaml: candidates.xgboost.version: got '0.1-9' for xgboost in eu-west-1;"
    )


def test_images_differ_by_region() -> None:
    here, there = (
        image_uri("xgboost", version="1.7-1", region=region)
        for region in ("us-east-1", "eu-central-1")
    )
    assert here.split(".")[0] != there.split(".")[0]
    assert repository_arn(there, partition="aws") == (
        f"arn:aws:ecr:eu-central-1:{there.split('.')[0]}:repository/sagemaker-xgboost"
    )


def test_a_uri_of_another_registry_is_refused() -> None:
    with pytest.raises(ValueError, match="'example/image'"):
        repository_arn("example/image", partition="aws")
