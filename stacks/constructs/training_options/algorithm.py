"""What a training option contributes to a candidate's specification."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config import ProblemType
from stacks.constructs.jsonata import Value


@dataclass(frozen=True)
class Predictions:
    """How a transform job asks a model for the scores of rows, and where they are in its answer.

    Attributes:
        accept: The MIME type of the answers.
        data_processing: The job's DataProcessing.
        labelled: Whether the output has the labels; else they are read from the input.
    """

    accept: str
    data_processing: Mapping[str, Value]
    labelled: bool = True


# The label rides along: the output is (label, score) and cannot be misaligned.
CSV_SCORES = Predictions(
    accept="text/csv",
    data_processing={
        "InputFilter": "$[1:]",
        "JoinSource": "Input",
        "OutputFilter": "$[0,-1]",
    },
)
# The scores of several classes have commas between. Whether the filters of a transform job see a
# column or one for each class is not documented, so the answer stays as it is.
CSV_SCORES_OF_CLASSES = Predictions(
    accept="text/csv",
    data_processing={"InputFilter": "$[1:]", "OutputFilter": "$"},
    labelled=False,
)


def csv_scores(problem_type: ProblemType) -> Predictions:
    """The scores of a model that answers in CSV."""
    return CSV_SCORES_OF_CLASSES if problem_type == "multiclass" else CSV_SCORES


def json_lines_scores(accept: str, member: str) -> Predictions:
    """The scores of a model that answers in JSON Lines, each a member of a line's object.

    Output in JSON cannot be joined with input in CSV, so the labels do not ride along.
    """
    return Predictions(
        accept=accept,
        data_processing={"InputFilter": "$[1:]", "OutputFilter": f"$.{member}"},
        labelled=False,
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
        predictions: How the model is asked for scores; None if it answers in CSV.
        channels: What the algorithm calls the channels `train` and `validation`, with no text for
            one that it lacks.
    """

    specification: Mapping[str, Value]
    hyperparameters: Mapping[str, str]
    container: Mapping[str, Value] | None
    images: tuple[str, ...] = ()
    training: Mapping[str, Value] = field(default_factory=dict)
    predictions: Predictions | None = None
    channels: Mapping[str, str] = field(
        default_factory=lambda: {"train": "train", "validation": "validation"}
    )
