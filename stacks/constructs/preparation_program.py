"""The program that prepares the data: what the job runs, in which image, and the files of it."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from stacks.constructs.images import (
    PROCESSING_FRAMEWORK,
    PROCESSING_VERSION,
    image_uri,
    spark_image,
)

_FOLDER = Path(__file__).parents[2] / "algorithms" / "preparation"
_LAMBDAS = Path(__file__).parents[2] / "lambdas"
# The preparation splits with the evaluation's splitters.
_EVALUATION = ("evaluation/__init__.py", "evaluation/errors.py", "evaluation/splits")
_CACHES = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
_INPUT = "/opt/ml/processing/input"


@dataclass(frozen=True)
class PreparationProgram:
    """What a processing job runs.

    Attributes:
        image: The image's URI.
        entry_point: The words before the program's own arguments.
        files: What is downloaded to `input_folder(name)`, by the name of the input.
    """

    image: str
    entry_point: Sequence[str]
    files: Mapping[str, assets.Asset]


def preparation_program(
    scope: Construct, prepare: Literal["pandas", "spark"], *, region: str
) -> PreparationProgram:
    """Upload the program to the assets' bucket.

    Args:
        scope: Where its assets belong.
        prepare: What it runs with.
        region: Where its image is pulled.

    Raises:
        UnknownImageError: If SageMaker has no image for it in the region.
    """
    with tempfile.TemporaryDirectory() as directory:
        write_program(Path(directory))
        package = assets.Asset(scope, "Program", path=directory)
    code = local_path("code", package)
    if prepare == "pandas":
        image = image_uri(PROCESSING_FRAMEWORK, version=PROCESSING_VERSION, region=region)
        return PreparationProgram(image, ("python3", code), {"code": package})
    driver = assets.Asset(scope, "SparkProgram", path=str(_FOLDER / "spark_main.py"))
    return PreparationProgram(
        spark_image(region),
        ("smspark-submit", "--py-files", code, local_path("driver", driver)),
        {"code": package, "driver": driver},
    )


def write_program(folder: Path) -> None:
    """Write the program's files into an empty folder."""
    shutil.copytree(_FOLDER, folder, ignore=_CACHES, dirs_exist_ok=True)
    for name in _EVALUATION:
        source, target = _LAMBDAS / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=_CACHES)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)


def input_folder(name: str) -> str:
    """Where an input of the processing job is."""
    return f"{_INPUT}/{name}"


def local_path(name: str, asset: assets.Asset) -> str:
    """Where an asset is that the processing job has as its input of that name."""
    return f"{input_folder(name)}/{asset.s3_object_key}"
