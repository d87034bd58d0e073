"""The page of the operations says what the account really answers."""

from rehearsal.account import Account
from rehearsal.coverage import PAGE, available, listed, page


def test_the_page_of_operations_is_up_to_date(account: Account) -> None:
    known = available(account)
    assert page(known) == PAGE.read_text(encoding="utf-8"), "run: python -m rehearsal.coverage"


def test_every_operation_of_the_issue_s_resources_is_listed() -> None:
    names = {name for operations in listed().values() for name in operations}
    assert {
        "UpdateEndpointWeightsAndCapacities",
        "ListTrainingJobsForHyperParameterTuningJob",
        "InvokeEndpointAsync",
        "DeleteTags",
    } <= names
    assert "ListModelMetadata" not in names
