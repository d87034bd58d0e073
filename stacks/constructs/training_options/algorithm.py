"""What a training option contributes to a candidate's specification."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stacks.constructs.jsonata import Value


@dataclass(frozen=True)
class Predictions:
    """How a transform job asks a model for the scores of rows, and where they are in its answer.

    Attributes:
        accept: The MIME type of the answers.
        data_processing: The job's DataProcessing.
    """

    accept: str
    data_processing: Mapping[str, Value]


# The label rides along: the output is (label, score) and cannot be misaligned.
CSV_SCORES = Predictions(
    accept="text/csv",
    data_processing={
        "InputFilter": "$[1:]",
        "JoinSource": "Input",
        "OutputFilter": "$[0,-1]",
    },
)


@dataclass(frozen=True)
class Algorithm:
    """The program that trains a candidate and serves its model.

    Attributes:
        specification: Members of the training job's AlgorithmSpecification.
        hyperparameters: The training job's, as SageMaker takes them: text to text.
        container: The model's PrimaryContainer, less its ModelDataUrl; None if the model is made
            of a model package, and that of the algorithm.
        images: The URIs of the images that train and serve.
        training: Further members of the training job.
        predictions: How the model is asked for scores.
        channels: What the algorithm calls the channels `train` and `validation`, with no text for
            one that it lacks; empty if it calls them so.
    """

    specification: Mapping[str, Value]
    hyperparameters: Mapping[str, str]
    container: Mapping[str, Value] | None
    images: tuple[str, ...] = ()
    training: Mapping[str, Value] = field(default_factory=dict)
    predictions: Predictions = CSV_SCORES
    channels: Mapping[str, str] = field(default_factory=dict)
