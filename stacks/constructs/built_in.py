"""Candidates that train with one of SageMaker's built-in algorithms."""

import json

from config import BuiltInCandidate, Hyperparameter
from stacks.constructs.candidate_algorithm import Algorithm
from stacks.constructs.images import image_uri


def built_in(candidate: BuiltInCandidate, *, region: str) -> Algorithm:
    """The algorithm's image; the hyperparameters go to it as plain text."""
    return Algorithm(
        image=image_uri(candidate.built_in, version=candidate.version, region=region),
        hyperparameters={name: _plain(value) for name, value in candidate.hyperparameters.items()},
        environment={},
    )


def _plain(value: Hyperparameter) -> str:
    return value if isinstance(value, str) else json.dumps(value)
