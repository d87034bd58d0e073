"""What a tuning job tells of the training jobs that it launched.

Source:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTrainingJobSummary.html
"""

from collections.abc import Sequence

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.jobs.job import ACTIVE

_TAKEN = (
    "TrainingJobStatus",
    "TrainingStartTime",
    "TrainingEndTime",
    "FailureReason",
)


def refreshed(summary: Record, training: Record) -> Record:
    """A summary with the present state of its training job."""
    state = {member: training[member] for member in _TAKEN if member in training}
    ended = state["TrainingJobStatus"] not in ACTIVE
    objective = summary["Objective"]
    found = {
        metric["MetricName"]: metric["Value"] for metric in training.get("FinalMetricDataList", [])
    }.get(objective["MetricName"])
    if not ended:
        return {**summary, **state, "ObjectiveStatus": "Pending"}
    if found is None or state["TrainingJobStatus"] == "Failed":
        return {**summary, **state, "ObjectiveStatus": "Failed"}
    return {
        **summary,
        **state,
        "ObjectiveStatus": "Succeeded",
        "FinalObjectiveMetricValue": float(found),
        "FinalHyperParameterTuningJobObjectiveMetric": {**objective, "Value": found},
    }


def counters(summaries: Sequence[Record]) -> Record:
    """The TrainingJobStatusCounters and ObjectiveStatusCounters."""
    statuses = [summary["TrainingJobStatus"] for summary in summaries]
    retryable = sum(
        summary.get("FailureReason", "").startswith("InternalServerError") for summary in summaries
    )
    objectives = [summary["ObjectiveStatus"] for summary in summaries]
    return {
        "TrainingJobStatusCounters": {
            "Completed": statuses.count("Completed"),
            "InProgress": sum(status in ACTIVE for status in statuses),
            "RetryableError": retryable,
            "NonRetryableError": statuses.count("Failed") - retryable,
            "Stopped": statuses.count("Stopped"),
        },
        "ObjectiveStatusCounters": {
            name: objectives.count(name) for name in ("Succeeded", "Pending", "Failed")
        },
    }


def best(summaries: Sequence[Record]) -> Record | None:
    """The summary with the best objective, the first of equals; None without any objective."""
    known = [summary for summary in summaries if "FinalObjectiveMetricValue" in summary]
    if not known:
        return None
    choose = max if known[0]["Objective"]["Type"] == "Maximize" else min
    return choose(known, key=lambda summary: summary["FinalObjectiveMetricValue"])


def failure(summaries: Sequence[Record], *, attempts: int) -> str | None:
    """Why the tuning job fails, once as many as `attempts` have ended without an objective."""
    ended = [s for s in summaries if s["TrainingJobStatus"] not in (*ACTIVE, "Stopped")]
    found = any(s["ObjectiveStatus"] == "Succeeded" for s in summaries)
    if found or not ended or len(ended) < attempts:
        return None
    if any(s["TrainingJobStatus"] == "Completed" for s in ended):
        return (
            f"No objective metrics found after running {len(ended)} training jobs. Please ensure "
            "that the custom algorithm is emitting the objective metric as defined by the regular "
            "expression provided."
        )
    if len(ended) == len(summaries):
        return (
            "All training jobs failed. Please take a look at the training jobs failures to get "
            "more details."
        )
    return (
        f"No training job succeeded after {len(ended)} attempts. For additional details, please "
        "take a look at the training job failures by listing training jobs for the hyperparameter "
        "tuning job."
    )
