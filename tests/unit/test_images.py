"""Which program stands for an image, and what it needs."""

import importlib.util

import pytest

from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.images import check_entry_point, programs

REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("repository", "package", "requirements"),
    [
        ("pytorch-training", "torch", "requirements-torch.txt"),
        ("pytorch-inference", "torch", "requirements-torch.txt"),
        ("sagemaker-spark-processing", "pyspark", "requirements-spark.txt"),
    ],
)
def test_an_image_whose_extra_is_absent_names_the_file_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, repository: str, package: str, requirements: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    image = f"{REGISTRY}/{repository}:2.6-cpu-py312"
    with pytest.raises(ValidationError) as caught:
        programs(image)
    assert str(caught.value) == (
        f"Image {image} needs the Python package {package} in the rehearsal, which is not "
        "installed. Install it with `make extras`, or with `.venv/bin/python -m pip install "
        f"-r {requirements} -c requirements.lock`."
    )


def test_only_the_spark_image_has_smspark_submit() -> None:
    words = ["smspark-submit", "/opt/ml/processing/input/code/program.py"]
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
    with pytest.raises(ValidationError, match="with entry point 'smspark-submit' cannot run"):
        check_entry_point(image, words)
