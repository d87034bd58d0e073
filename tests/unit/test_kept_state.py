"""Records are kept as they were, whatever a user wrote into them."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.api.kept_state import dump, load
from rehearsal.sagemaker.api.store import Store

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.just("__time__"), inner)
        | st.fixed_dictionaries({"__time__": inner})
    ),
)


def kept(record: dict[str, Any]) -> dict[str, Any]:
    before, after = Store("model"), Store("model")
    before.add("name", record, "arn")
    load([after], dump([before]))
    ((_, _, found),) = after.items()
    return found


@given(st.dictionaries(st.text(), values))
def test_a_record_comes_back_as_it_was(record: dict[str, Any]) -> None:
    assert kept(record) == record


def test_a_map_that_looks_like_a_time_is_none() -> None:
    record = {"Environment": {"__time__": "tea"}, "CreationTime": datetime.now(UTC)}
    assert kept(record) == record
