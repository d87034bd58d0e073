"""Whether an algorithm can be tuned the way that a tuning job asks for.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrainingSpecification.html
"""

from collections.abc import Sequence

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.training.hyperparameters import check_value
from rehearsal.sagemaker.tuning.hyperparameter_ranges import Range


def check_tuning(training: Record, ranges: Sequence[Range], objective: Record) -> None:
    """Refuse ranges and an objective that an algorithm's TrainingSpecification does not support.

    Raises:
        ValidationError: For a hyperparameter that is not tunable, a range that goes beyond the
            algorithm's, or another objective than the algorithm's.
    """
    tunable = {
        specification["Name"]: specification
        for specification in training.get("SupportedHyperParameters", [])
        if specification.get("IsTunable")
    }
    for item in ranges:
        if item.name not in tunable:
            raise ValidationError(
                f"The hyperparameter {item.name} is not tunable in the algorithm; "
                f"{', '.join(tunable) or 'none'} would be."
            )
        for value in item.extremes():
            check_value(tunable[item.name], value)
    supported = training.get("SupportedTuningJobObjectiveMetrics", [])
    if objective not in supported:
        listed = ", ".join(f"{metric['Type']} {metric['MetricName']}" for metric in supported)
        raise ValidationError(
            f"The algorithm does not support the objective {objective['Type']} "
            f"{objective['MetricName']}; it supports {listed or 'none'}."
        )
