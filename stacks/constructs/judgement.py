"""What the functions that judge are told of the problem, beside what only a run knows."""

from config import Lifecycle, Threshold, as_text
from stacks.constructs.jsonata import Value


def problem(lifecycle: Lifecycle) -> dict[str, Value]:
    """What is predicted, and how exactly it is judged."""
    return {
        "type": lifecycle.data.problem_type,
        "classes": [as_text(each) for each in lifecycle.data.target.classes],
        "exact_rows": lifecycle.evaluation.exact_rows,
    }


def threshold(lifecycle: Lifecycle) -> dict[str, Value]:
    """The threshold, or the metric that it is chosen by; only a binary problem has use for it."""
    chosen = lifecycle.evaluation.threshold or Threshold(value=0.5)
    return chosen.model_dump(exclude_none=True)


def confidence(lifecycle: Lifecycle) -> dict[str, Value]:
    """How the confidence intervals are found."""
    return {
        "level": lifecycle.evaluation.confidence_level,
        "n_resamples": lifecycle.evaluation.n_resamples,
        "random_state": lifecycle.data.split.random_state,
    }


def has_attributes(lifecycle: Lifecycle) -> bool:
    """Whether the prepared data has attributes of its rows beside the features."""
    data = lifecycle.data
    return bool(lifecycle.evaluation.slices or data.split.groups or data.sample_weight)
