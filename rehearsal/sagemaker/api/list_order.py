"""The order of a List operation's answer when the request names none.

Source: "SortBy" and "SortOrder" of each operation's page, e.g.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobs.html
"""

from rehearsal.sagemaker.api.store import Record

_BY_NAME = {"ListHyperParameterTuningJobs", "ListTrainingJobsForHyperParameterTuningJob"}
_NEWEST_FIRST = {"ListModels", "ListEndpointConfigs", "ListEndpoints", "ListTransformJobs"}


def ordered(operation: str, request: Record) -> Record:
    """The request of a List operation, with its order filled in; any other as it is."""
    if not operation.startswith("List") or operation == "ListTags":
        return request
    return {
        "SortBy": "Name" if operation in _BY_NAME else "CreationTime",
        "SortOrder": "Descending" if operation in _NEWEST_FIRST else "Ascending",
        **request,
    }
