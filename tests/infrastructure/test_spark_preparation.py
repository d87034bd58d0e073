"""The preparation with Apache Spark: what SageMaker is asked for."""

from pathlib import Path
from typing import Any

import pytest

import config
from stacks.constructs.images import spark_image
from tests.infrastructure.aws_requests import problems
from tests.infrastructure.conftest import Variant
from tests.infrastructure.synthesis import ROOT, Synthesis, evaluated, named, state, synthesize

RUN = "20261124-221530"
ACCOUNTS = {
    "us-east-1": "173754725891.dkr.ecr.us-east-1.amazonaws.com",
    "eu-central-1": "906073651304.dkr.ecr.eu-central-1.amazonaws.com",
    "ap-northeast-1": "411782140378.dkr.ecr.ap-northeast-1.amazonaws.com",
    "cn-north-1": "671472414489.dkr.ecr.cn-north-1.amazonaws.com.cn",
}
INPUT = "/opt/ml/processing/input"


@pytest.fixture(scope="module")
def synthesis(variant: Variant) -> Synthesis:
    return variant(processing={"prepare": "spark", "instance_count": 3})


@pytest.fixture(scope="module")
def request_(synthesis: Synthesis) -> dict[str, Any]:
    arguments = state(synthesis.definition("training"), "Prepare")["Arguments"]
    request: dict[str, Any] = named(
        evaluated(arguments, input={"run": RUN}, context={"State": {"RetryCount": 0}})
    )
    return request


def asset(request: dict[str, Any], name: str) -> str:
    """The key of the asset that an input is."""
    (uri,) = [
        each["S3Input"]["S3Uri"]
        for each in request["ProcessingInputs"]
        if each["InputName"] == name
    ]
    return str(uri).rpartition("/")[2]


def test_all_instances_run_the_program_with_spark(request_: dict[str, Any]) -> None:
    assert problems("sagemaker", "CreateProcessingJob", request_) == []
    code, driver, configuration = (asset(request_, name) for name in ("code", "driver", "config"))
    assert request_["AppSpecification"] == {
        "ImageUri": "571004829621.dkr.ecr.eu-west-1.amazonaws.com/"
        "sagemaker-spark-processing:3.5-cpu-py312-v1",
        "ContainerEntrypoint": [
            "smspark-submit",
            "--py-files",
            f"{INPUT}/code/{code}",
            f"{INPUT}/driver/{driver}",
        ],
        "ContainerArguments": [
            "--config",
            f"{INPUT}/config/{configuration}",
            "--output-uri",
            f"s3://data-bucket/prepared/{RUN}/",
        ],
    }
    cluster = request_["ProcessingResources"]["ClusterConfig"]
    assert cluster["InstanceCount"] == 3
    for each in request_["ProcessingInputs"]:
        assert each["S3Input"]["LocalPath"] == f"{INPUT}/{each['InputName']}"
        assert each["S3Input"]["S3DataDistributionType"] == "FullyReplicated"


def test_the_driver_finds_the_rest_of_the_program_in_the_zip_file(
    synthesis: Synthesis, request_: dict[str, Any]
) -> None:
    driver = synthesis.directory / f"asset.{asset(request_, 'driver')}"
    package = synthesis.directory / f"asset.{asset(request_, 'code').removesuffix('.zip')}"
    program = ROOT / "algorithms" / "preparation" / "spark_main.py"
    assert driver.read_text() == program.read_text()
    assert (package / "tabular" / "spark" / "program.py").is_file()


def test_the_role_pulls_spark_and_downloads_both_files(
    synthesis: Synthesis, request_: dict[str, Any]
) -> None:
    statements = synthesis.statements("training")
    pulled = [each["Resource"] for each in statements if "ecr:BatchGetImage" in each["Action"]]
    assert "repository/sagemaker-spark-processing" in str(pulled)
    downloaded = [each["Resource"] for each in statements if "s3:GetObject" in each["Action"]]
    for name in ("code", "driver", "config"):
        assert asset(request_, name) in str(downloaded)


@pytest.mark.parametrize("region", ACCOUNTS)
def test_the_image_is_one_of_the_region(region: str) -> None:
    assert spark_image(region) == (
        f"{ACCOUNTS[region]}/sagemaker-spark-processing:3.5-cpu-py312-v1"
    )


def test_a_region_without_the_image_is_an_error_in_the_file(
    lifecycle: config.Lifecycle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There is a region that lacks Spark, but our other images have addresses of another form there.
    monkeypatch.setattr("stacks.constructs.preparation_program.spark_image", _in_isolated_region)
    processing = lifecycle.processing.model_copy(update={"prepare": "spark"})
    changed = lifecycle.model_copy(update={"processing": processing})
    with pytest.raises(config.ConfigurationError) as caught:
        synthesize(changed, tmp_path)
    assert "processing.prepare: got 'spark' in us-iso-east-1; allowed: pandas, or a region" in str(
        caught.value
    )


def _in_isolated_region(region: str) -> str:
    return spark_image("us-iso-east-1")
