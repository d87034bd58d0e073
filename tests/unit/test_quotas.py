"""Quotas: what is claimed never exceeds them, and what is released can be claimed again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.errors import ResourceLimitExceeded
from rehearsal.sagemaker.quotas import ENDPOINT, TRAINING, Quotas, quota

NAME = quota("ml.m5.large", TRAINING)


@given(
    limit=st.integers(0, 6),
    claims=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 4)), max_size=30),
)
def test_what_is_in_use_never_exceeds_the_quota(limit: int, claims: list[tuple[str, int]]) -> None:
    quotas = Quotas({NAME: limit})
    used: dict[str, int] = {}
    for owner, number in claims:
        if number == 0:
            quotas.release(owner)
            used.pop(owner, None)
            continue
        wanted = sum(used.values()) - used.get(owner, 0) + number
        if wanted > limit and number > used.get(owner, 0):
            message = f"current utilization of {sum(used.values())} Instances and a request delta"
            with pytest.raises(ResourceLimitExceeded, match=message):
                quotas.claim(owner, {NAME: number})
        else:
            quotas.claim(owner, {NAME: number})
            used[owner] = number
        assert sum(used.values()) <= limit


def test_a_quota_that_is_not_set_has_no_limit() -> None:
    quotas = Quotas({NAME: 0})
    quotas.claim("endpoint", {quota("ml.m5.large", ENDPOINT): 1000})
    with pytest.raises(ResourceLimitExceeded, match=r"'ml\.m5\.large for training job usage' is 0"):
        quotas.claim("job", {NAME: 1})


def test_to_ask_whether_instances_could_be_claimed_claims_none() -> None:
    quotas = Quotas({NAME: 2})
    quotas.check({NAME: 2})
    quotas.claim("job", {NAME: 2})
    with pytest.raises(ResourceLimitExceeded, match="current utilization of 2 Instances"):
        quotas.check({NAME: 1})
