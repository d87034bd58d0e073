"""Properties of the splits, whatever the rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.preparation.tabular.configuration import Split
from algorithms.preparation.tabular.deriving import day_of_week, minute_of_day
from algorithms.preparation.tabular.parts import Parts
from algorithms.preparation.tabular.splitting import split
from algorithms.preparation.tabular.target import Positive, Target

TARGET = Target("y", Positive("greater_than", 0))


@st.composite
def problems(draw: st.DrawFn, grouped: bool) -> tuple[Any, Any, Split]:
    n_splits = draw(st.integers(2, 6))
    rows = draw(st.integers(120, 400))
    positives = draw(st.integers(60, rows - 60))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = (random.permutation(rows) < positives).astype(np.int8)
    groups = random.integers(0, 60, rows) if grouped else None
    options = Split(
        n_splits=n_splits,
        test_size=draw(st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.5])),
        stratify=draw(st.booleans()),
        groups="g" if grouped else None,
        random_state=draw(st.integers(0, 2**31 - 1)),
    )
    return labels, groups, options


@settings(max_examples=25)
@given(problems(grouped=False), st.integers(2, 3))
def test_a_repetition_has_every_row_in_one_of_its_folds_and_others_than_the_one_before(
    problem: tuple[Any, Any, Split], n_repeats: int
) -> None:
    labels, groups, options = problem
    options = replace(options, n_repeats=n_repeats)
    parts = split(labels, groups, options, target=TARGET)
    rest = np.setdiff1d(np.arange(len(labels)), parts.holdout)
    repeats = [
        parts.folds[first : first + options.n_splits]
        for first in range(0, len(parts.folds), options.n_splits)
    ]
    assert len(repeats) == n_repeats
    for folds in repeats:
        assert np.array_equal(np.sort(np.concatenate(folds)), rest)
    first, second, *_ = repeats
    assert not all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    once = split(labels, groups, replace(options, n_repeats=1), target=TARGET)
    assert all(np.array_equal(one, other) for one, other in zip(first, once.folds, strict=True))
    assert np.array_equal(np.sort(parts.seen), rest)


def parts_of(parts: Parts) -> list[Any]:
    return [parts.holdout, *parts.folds]


@settings(max_examples=40)
@given(problems(grouped=False))
def test_every_row_is_in_one_part_and_the_parts_repeat(problem: tuple[Any, Any, Split]) -> None:
    labels, groups, options = problem
    parts = split(labels, groups, options, target=TARGET)
    assert sorted(np.concatenate(parts_of(parts))) == list(range(len(labels)))
    assert len(parts.folds) == options.n_splits
    assert len(parts.holdout) == pytest.approx(options.test_size * len(labels), abs=1)
    again = split(labels, groups, options, target=TARGET)
    for one, other in zip(parts_of(parts), parts_of(again), strict=True):
        assert np.array_equal(one, other)
    sizes = [len(fold) for fold in parts.folds]
    assert max(sizes) - min(sizes) <= (2 if options.stratify else 1)


@settings(max_examples=40)
@given(problems(grouped=False))
def test_stratified_parts_have_the_share_of_all(problem: tuple[Any, Any, Split]) -> None:
    labels, groups, options = problem
    stratified = Split(options.n_splits, options.test_size, True, None, options.random_state)
    for part in parts_of(split(labels, groups, stratified, target=TARGET)):
        assert labels[part].sum() == pytest.approx(labels.mean() * len(part), abs=2)


@settings(max_examples=25)
@given(problems(grouped=True))
def test_a_group_is_never_divided(problem: tuple[Any, Any, Split]) -> None:
    labels, groups, options = problem
    parts = parts_of(split(labels, groups, options, target=TARGET))
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))
    members = [set(groups[part]) for part in parts]
    assert sum(map(len, members)) == len(set.union(*members))


@given(st.dates(), st.times(), st.sampled_from(["", "Z", "+05:30", "-0500"]))
def test_day_of_week_is_that_of_the_written_date(day: Any, time: Any, offset: str) -> None:
    assert day_of_week(day.isoformat()) == day.weekday()
    assert day_of_week(f"{day.isoformat()}T{time.isoformat()}{offset}") == day.weekday()


@given(st.integers(0, 23), st.integers(0, 59))
def test_minute_of_day_reads_every_way_to_write_a_time(hour: int, minute: int) -> None:
    expected = hour * 60 + minute
    written = (f"{hour * 100 + minute}", f"{hour * 100 + minute}.0", f"{hour:02}{minute:02}")
    for text in (*written, f"{hour}:{minute:02}"):
        assert minute_of_day(text) == expected


@pytest.mark.parametrize(
    ("convert", "text"),
    [
        (minute_of_day, "12345"),
        (minute_of_day, "12.5"),
        (minute_of_day, " "),
        (minute_of_day, "-5"),
        (day_of_week, "20130101"),
        (day_of_week, "2013-01-01 noon"),
    ],
)
def test_other_text_is_refused(convert: Callable[[str], float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        convert(text)
