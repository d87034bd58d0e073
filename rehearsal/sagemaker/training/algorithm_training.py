"""Training jobs that may name an algorithm instead of an image.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AlgorithmSpecification.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.models.algorithms import Algorithms
from rehearsal.sagemaker.training.training_jobs import TrainingJobs


class AlgorithmTrainingJobs(TrainingJobs):
    """The API's operations on training jobs, with algorithms looked up."""

    def __init__(self, context: Context, algorithms: Algorithms) -> None:
        super().__init__(context)
        self._algorithms = algorithms

    def create(self, request: Record) -> Record:
        """Start a job; what its algorithm is now, it runs."""
        return super().create(self._algorithms.resolved(request))

    def describe(self, request: Record) -> Record:
        """The job's request, state and times; an algorithm's image stays its own."""
        record = super().describe(request)
        specification = record["AlgorithmSpecification"]
        if "AlgorithmName" not in specification:
            return record
        shown = {key: value for key, value in specification.items() if key != "TrainingImage"}
        return {**record, "AlgorithmSpecification": shown}
