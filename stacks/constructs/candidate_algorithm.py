"""What a training option contributes to a candidate's specification."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Algorithm:
    """The program that trains a candidate and serves its model.

    Attributes:
        image: The URI of the image that trains and serves.
        hyperparameters: The training job's, as SageMaker takes them: text to text.
        environment: The environment variables of the serving container.
    """

    image: str
    hyperparameters: Mapping[str, str]
    environment: Mapping[str, str]
