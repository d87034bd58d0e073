"""Candidates that train with one of SageMaker's built-in algorithms."""

from config import BuiltIn, Candidate, Hyperparameter, as_text
from stacks.constructs.images import image_uri
from stacks.constructs.training_options.algorithm import (
    CSV_SCORES,
    Algorithm,
    Predictions,
    json_lines_scores,
)
from stacks.constructs.training_options.context import OptionContext


def built_in(candidate: Candidate, entry: BuiltIn, context: OptionContext) -> Algorithm:
    """The algorithm's image; the hyperparameters go to it as plain text.

    k-NN has no validation channel and must be told the number of features.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/k-nearest-neighbors.html
    """
    is_knn = entry.built_in == "knn"
    count = {"feature_dim": context.feature_count} if is_knn else {}
    image = image_uri(entry.built_in, version=entry.version, region=context.region)
    return Algorithm(
        specification={"TrainingImage": image},
        hyperparameters=plain_text(count | candidate.hyperparameters),
        container={"Image": image, "Environment": {}},
        images=(image,),
        predictions=_predictions(candidate, entry),
        channels={"train": "train", "validation": "test" if is_knn else "validation"},
    )


def _predictions(candidate: Candidate, entry: BuiltIn) -> Predictions:
    if entry.built_in == "linear-learner":
        return json_lines_scores("application/jsonlines", "score")
    if entry.built_in == "knn":
        # A classifier's answer is a class; its neighbors' labels say how sure that is.
        if candidate.hyperparameters.get("predictor_type") == "classifier":
            return json_lines_scores("application/jsonlines; verbose=true", "labels")
        return json_lines_scores("application/jsonlines", "predicted_label")
    return CSV_SCORES


def plain_text(hyperparameters: dict[str, Hyperparameter]) -> dict[str, str]:
    """Hyperparameters as SageMaker takes them: text as it is, all else as JSON."""
    return {name: as_text(value) for name, value in hyperparameters.items()}
