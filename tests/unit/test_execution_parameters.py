"""What a container recommends for batch transform is followed where it makes sense."""

from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.transform.transform_invocations import Invocations

RECORD: dict[str, Any] = {
    "TransformInput": {"SplitType": "Line", "ContentType": "text/csv"},
    "TransformOutput": {"AssembleWith": "Line"},
    "DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"},
}
NAMES = ("MaxConcurrentTransforms", "BatchStrategy", "MaxPayloadInMB")


def invocations(parameters: dict[str, Any], **members: Any) -> Invocations:
    server = Mock()
    server.execution_parameters.return_value = parameters
    return Invocations(server, {**RECORD, **members})


def test_the_request_comes_before_the_container_and_that_before_the_defaults() -> None:
    wish = {"MaxConcurrentTransforms": 8, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 12}
    assert str(invocations({})) == (
        "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"
    )
    assert str(invocations(wish)) == (
        "MaxConcurrentTransforms=8, MaxPayloadInMB=12, BatchStrategy=SINGLE_RECORD"
    )
    members = {"MaxConcurrentTransforms": 2, "MaxPayloadInMB": 3, "BatchStrategy": "MultiRecord"}
    assert str(invocations(wish, **members)) == (
        "MaxConcurrentTransforms=2, MaxPayloadInMB=3, BatchStrategy=MULTI_RECORD"
    )


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([1]),
    )
)
@pytest.mark.filterwarnings("error")
def test_no_recommendation_breaks_a_job(parameters: dict[str, Any]) -> None:
    found = invocations(parameters)
    assert 1 <= found.concurrency <= 100
    assert 1 <= found.payload_bytes / 2**20 <= 100
