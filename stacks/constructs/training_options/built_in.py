"""Candidates that train with one of SageMaker's built-in algorithms."""

from config import BuiltIn, Candidate, Hyperparameter, as_text
from stacks.constructs.images import image_uri
from stacks.constructs.training_options.algorithm import (
    Algorithm,
    Predictions,
    json_lines_scores,
)
from stacks.constructs.training_options.context import OptionContext

_CLASSES = {"xgboost": "num_class", "linear-learner": "num_classes"}


def built_in(candidate: Candidate, entry: BuiltIn, context: OptionContext) -> Algorithm:
    """The algorithm's image; the hyperparameters go to it as plain text.

    k-NN has no validation channel and must be told the number of features, the others that of
    several classes.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/k-nearest-neighbors.html
    """
    is_knn = entry.built_in == "knn"
    counts = {"feature_dim": context.feature_count} if is_knn else {}
    if context.class_count and entry.built_in in _CLASSES:
        counts[_CLASSES[entry.built_in]] = context.class_count
    image = image_uri(entry.built_in, version=entry.version, region=context.region)
    return Algorithm(
        specification={"TrainingImage": image},
        hyperparameters=plain_text(counts | candidate.hyperparameters),
        container={"Image": image, "Environment": {}},
        images=(image,),
        predictions=_predictions(candidate, entry),
        channels={"train": "train", "validation": "test" if is_knn else "validation"},
    )


def _predictions(candidate: Candidate, entry: BuiltIn) -> Predictions | None:
    if entry.built_in == "linear-learner":
        return json_lines_scores("application/jsonlines", "score")
    if entry.built_in == "knn":
        # A classifier's answer is a class; its neighbors' labels say how sure that is.
        if candidate.hyperparameters.get("predictor_type") == "classifier":
            return json_lines_scores("application/jsonlines; verbose=true", "labels")
        return json_lines_scores("application/jsonlines", "predicted_label")
    return None


def plain_text(hyperparameters: dict[str, Hyperparameter]) -> dict[str, str]:
    """Hyperparameters as SageMaker takes them: text as it is, all else as JSON."""
    return {name: as_text(value) for name, value in hyperparameters.items()}
