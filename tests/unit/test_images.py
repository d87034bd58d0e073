"""Which program stands for an image, and what it needs."""

import importlib.util

import pytest

from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.images import programs

REGISTRY = "763104351884.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize("repository", ["pytorch-training", "pytorch-inference"])
def test_an_image_whose_extra_is_absent_names_the_file_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, repository: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    image = f"{REGISTRY}/{repository}:2.6-cpu-py312"
    with pytest.raises(ValidationError) as caught:
        programs(image)
    assert str(caught.value) == (
        f"Image {image} needs the Python package torch in the rehearsal, which is not installed. "
        "Install it with `make extras`, or with `.venv/bin/python -m pip install "
        "-r requirements-torch.txt -c requirements.lock`."
    )
