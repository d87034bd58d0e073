"""Candidates that train with one of SageMaker's built-in algorithms."""

import json

from config import BuiltIn, Candidate, Hyperparameter
from stacks.constructs.images import image_uri
from stacks.constructs.training_options.algorithm import Algorithm
from stacks.constructs.training_options.context import OptionContext


def built_in(candidate: Candidate, entry: BuiltIn, context: OptionContext) -> Algorithm:
    """The algorithm's image; the hyperparameters go to it as plain text."""
    image = image_uri(entry.built_in, version=entry.version, region=context.region)
    return Algorithm(
        specification={"TrainingImage": image},
        hyperparameters=plain_text(candidate.hyperparameters),
        container={"Image": image, "Environment": {}},
        images=(image,),
    )


def plain_text(hyperparameters: dict[str, Hyperparameter]) -> dict[str, str]:
    """Hyperparameters as SageMaker takes them: text as it is, all else as JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in hyperparameters.items()
    }
