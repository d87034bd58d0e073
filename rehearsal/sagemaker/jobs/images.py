"""Which local program stands for a container image.

The programs keep the contract of the image they stand for; an image without a program is refused,
never pretended.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.sagemaker.errors import ValidationError

_REPOSITORY = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/([^:@]+)")
_PYTHON = ("python", "python3", "/usr/bin/python3")
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash")


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"rehearsal.programs.{name}")


@dataclass(frozen=True)
class Programs:
    """The commands that an image runs.

    Attributes:
        train: For a training job.
        serve: For an endpoint or a transform job.
        python: Whether a job may run an entry point of its own in it.
        metrics: The MetricDefinitions of an algorithm that SageMaker knows.
    """

    train: tuple[str, ...]
    serve: tuple[str, ...]
    python: bool = False
    metrics: tuple[dict[str, Any], ...] = ()


# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
_XGBOOST_METRICS = [
    "accuracy",
    "auc",
    "aucpr",
    "balanced_accuracy",
    "error",
    "f1",
    "f1_binary",
    "f1_macro",
    "gamma-deviance",
    "gamma-nloglik",
    "logloss",
    "mae",
    "map",
    "merror",
    "mlogloss",
    "mse",
    "ndcg",
    "poisson-nloglik",
    "precision",
    "precision_macro",
    "precision_micro",
    "r2",
    "recall",
    "recall_macro",
    "recall_micro",
    "rmse",
    "rmsle",
    "tweedie-nloglik",
]


def _xgboost_metric(channel: str, metric: str) -> dict[str, Any]:
    number = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"
    return {
        "Name": f"{channel}:{metric}",
        "Regex": rf"\[[0-9]+\].*#011{channel}-{metric}:{number}",
    }


_PROGRAMS = {
    "sagemaker-xgboost": Programs(
        _module("xgboost_train"),
        _module("xgboost_serve"),
        metrics=tuple(
            _xgboost_metric(channel, metric)
            for channel in ("train", "validation")
            for metric in _XGBOOST_METRICS
        ),
    ),
    "sagemaker-scikit-learn": Programs(
        _module("script_train"), _module("script_serve"), python=True
    ),
}


def programs(image: str) -> Programs:
    """The programs of an image URI.

    Raises:
        ValidationError: If no local program stands for that image.
    """
    found = _REPOSITORY.match(image)
    repository = found.group(1) if found else image
    if repository not in _PROGRAMS:
        known = ", ".join(sorted(_PROGRAMS))
        raise ValidationError(
            f"The image {image} has no program in the rehearsal, so it cannot run here. "
            f"Repositories that have one: {known}."
        )
    return _PROGRAMS[repository]


def check_entry_point(image: str, words: Sequence[str] | None) -> None:
    """Refuse a ContainerEntrypoint that only the real image has.

    Raises:
        ValidationError: Naming the image and the entry point.
    """
    if words and (not programs(image).python or words[0] not in (*_PYTHON, *_SHELLS)):
        raise ValidationError(
            f"In the rehearsal an entry point is one of {', '.join((*_PYTHON, *_SHELLS))} in an "
            f"image that has it; image {image} with entry point {words[0]!r} cannot run."
        )


def entry_point(words: Sequence[str] | None, arguments: Sequence[str]) -> list[str]:
    """The command line of a ContainerEntrypoint and its ContainerArguments; empty without one."""
    if not words:
        return []
    first = sys.executable if words[0] in _PYTHON else words[0]
    return [first, *words[1:], *arguments]
