"""scikit-learn is the oracle: the same random_state gives the same indices."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
import sklearn.model_selection as oracle
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evaluation import splits
from evaluation.splits import HashSplit, SplitError, hash_keys, hash_rows
from evaluation.splits.leakage import divided_groups, duplicate_rows, telling_features

SEEDS = st.integers(0, 2**32 - 1)
N_SPLITS = st.integers(2, 6)
LABELS = st.lists(st.integers(0, 2), min_size=12, max_size=60)

pytestmark = pytest.mark.filterwarnings("ignore:The least populated class:UserWarning")


def equal(ours: Iterable[Any], theirs: Iterable[Any]) -> None:
    for (train, test), (their_train, their_test) in zip(ours, theirs, strict=True):
        assert train.tolist() == list(their_train)
        assert test.tolist() == list(their_test)


@given(st.integers(6, 80), N_SPLITS, st.booleans(), SEEDS)
def test_k_fold(rows: int, n_splits: int, shuffle: bool, seed: int) -> None:
    options = {"shuffle": True, "random_state": seed} if shuffle else {}
    theirs = oracle.KFold(n_splits, **options).split(np.arange(rows))
    equal(splits.KFold(n_splits, shuffle, seed).split(rows), theirs)


@given(LABELS, N_SPLITS, st.booleans(), SEEDS)
def test_stratified_k_fold(labels: list[int], n_splits: int, shuffle: bool, seed: int) -> None:
    assume(np.bincount(labels).max() >= n_splits)
    options = {"shuffle": True, "random_state": seed} if shuffle else {}
    theirs = oracle.StratifiedKFold(n_splits, **options).split(labels, labels)
    equal(splits.StratifiedKFold(n_splits, shuffle, seed).split(np.array(labels)), theirs)


@given(st.lists(st.integers(0, 12), min_size=6, max_size=60), N_SPLITS)
def test_group_k_fold(groups: list[int], n_splits: int) -> None:
    assume(len(set(groups)) >= n_splits)
    theirs = oracle.GroupKFold(n_splits).split(groups, groups=groups)
    equal(splits.GroupKFold(n_splits).split(np.array(groups)), theirs)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10)), min_size=12, max_size=60),
    N_SPLITS,
    st.booleans(),
    SEEDS,
)
def test_stratified_group_k_fold(
    rows: list[tuple[int, int]], n_splits: int, shuffle: bool, seed: int
) -> None:
    labels, groups = np.array(rows).T
    assume(len(set(labels)) == 2)
    assume(len(set(groups)) >= n_splits)
    assume(np.bincount(labels).max() >= n_splits)
    options = {"shuffle": True, "random_state": seed} if shuffle else {}
    theirs = oracle.StratifiedGroupKFold(n_splits, **options).split(labels, labels, groups)
    equal(splits.StratifiedGroupKFold(n_splits, shuffle, seed).split(labels, groups), theirs)


@given(st.integers(1, 6), st.integers(8, 80))
def test_time_series_split(n_splits: int, rows: int) -> None:
    if n_splits >= 2:
        theirs = oracle.TimeSeriesSplit(n_splits).split(np.arange(rows))
        equal(splits.TimeSeriesSplit(n_splits).split(rows), theirs)
    for train, test in splits.TimeSeriesSplit(n_splits).split(rows):
        assert train.max() < test.min()


@given(LABELS, st.integers(2, 3), st.integers(1, 3), SEEDS)
def test_repeated_splits(labels: list[int], n_splits: int, n_repeats: int, seed: int) -> None:
    options = {"n_splits": n_splits, "n_repeats": n_repeats, "random_state": seed}
    equal(
        splits.RepeatedKFold(**options).split(len(labels)),
        oracle.RepeatedKFold(**options).split(labels),
    )
    assume(np.bincount(labels).max() >= n_splits)
    equal(
        splits.RepeatedStratifiedKFold(**options).split(np.array(labels)),
        oracle.RepeatedStratifiedKFold(**options).split(labels, labels),
    )


@given(st.integers(4, 80), st.sampled_from([0.1, 0.2, 0.25, 0.5]), SEEDS)
def test_shuffle_split(rows: int, test_size: float, seed: int) -> None:
    assume(int((1 - test_size) * rows) >= 1)
    theirs = oracle.ShuffleSplit(1, test_size=test_size, random_state=seed).split(np.arange(rows))
    equal([splits.ShuffleSplit(test_size, seed).split(rows)], theirs)
    groups = np.arange(rows) // 2
    assume(int((1 - test_size) * len(set(groups))) >= 1)
    theirs = oracle.GroupShuffleSplit(1, test_size=test_size, random_state=seed).split(
        groups, groups=groups
    )
    equal([splits.GroupShuffleSplit(test_size, seed).split(groups)], theirs)


@given(st.lists(st.integers(0, 1), min_size=20, max_size=80), st.sampled_from([0.2, 0.5]), SEEDS)
def test_stratified_shuffle_split_has_scikit_learns_class_counts(
    labels: list[int], test_size: float, seed: int
) -> None:
    assume(min(np.bincount(labels, minlength=2)) >= 2)
    train, test = splits.StratifiedShuffleSplit(test_size, seed).split(np.array(labels))
    split = oracle.StratifiedShuffleSplit(1, test_size=test_size, random_state=seed)
    their_test = next(split.split(labels, labels))[1]
    found = np.bincount(np.array(labels)[test], minlength=2)
    theirs = np.bincount(np.array(labels)[their_test], minlength=2)
    assert np.abs(found - theirs).max() <= 1  # equal remainders are rounded either way
    assert found.sum() == theirs.sum()
    assert sorted([*train, *test]) == list(range(len(labels)))


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda: splits.KFold(5).split(3), "n_splits=5; allowed: 2 to 3, the number of rows"),
        (lambda: splits.GroupKFold(3).split(np.array([1, 1])), "n_splits=3; allowed: 2 to 1"),
        (lambda: splits.ShuffleSplit(0.5).split(1), "test_size=0.5 of 1 rows leaves one part"),
        (
            lambda: splits.StratifiedShuffleSplit(0.5).split(np.array([0, 0, 1])),
            "a class has one row only",
        ),
    ],
)
def test_what_cannot_be_split_is_refused_with_the_value(split: Any, message: str) -> None:
    with pytest.raises(SplitError, match=message):
        list(split())


@given(st.integers(2, 8), st.sampled_from([0.1, 0.2, 0.5]), SEEDS)
def test_hashed_rows_keep_their_part_when_rows_are_appended(
    n_splits: int, test_size: float, seed: int
) -> None:
    split = HashSplit(n_splits, test_size)
    numbers = np.arange(3000)
    parts = split.parts(hash_rows(numbers, "a.csv", seed))
    before = split.parts(hash_rows(numbers[:1000], "a.csv.gz", seed))
    assert np.array_equal(parts[:1000], before)
    shares = [test_size, *[(1 - test_size) / n_splits] * n_splits]
    for size, share in zip(np.bincount(parts, minlength=len(shares)), shares, strict=True):
        # Five standard deviations of a binomial: seldom one in a million.
        assert abs(size - 3000 * share) <= 5 * np.sqrt(3000 * share * (1 - share))


def test_another_random_state_or_file_gives_other_hashes() -> None:
    numbers = np.arange(1000)
    one = hash_rows(numbers, "a.csv", 1)
    others = [hash_rows(numbers, "b.csv", 1), hash_rows(numbers, "a.csv", 2)]
    assert len(np.unique(np.concatenate([one, *others]))) == 3000
    assert len(set(hash_keys(["a", "b"], 1)) | set(hash_keys(["a", "b"], 2))) == 4


def test_groups_and_rows_in_several_parts_are_told() -> None:
    parts = np.array([0, 0, 1, 1])
    (leak,) = divided_groups(np.array(["x", "y", "y", "z"]), parts)
    assert (leak.detail, leak.rows) == ("1 groups are in several parts: y", 2)
    assert divided_groups(np.array(["x", "x", "y", "y"]), parts) == []
    (leak,) = duplicate_rows(np.array([7, 8, 8, 8], dtype=np.uint64), parts)
    assert leak.rows == 3


def test_a_feature_that_alone_predicts_the_target_is_told() -> None:
    labels = np.arange(200) % 2
    noise = np.random.default_rng(1).random(200)
    features = {"copy": labels + noise / 2, "opposite": -labels + noise / 2, "noise": noise}
    leaks = telling_features({**features, "constant": np.ones(200)}, labels, "binary")
    assert [leak.detail for leak in leaks] == [
        "'copy' alone predicts the target: ROC AUC 1.0000",
        "'opposite' alone predicts the target: ROC AUC 1.0000",
    ]
    values = np.arange(50.0)
    (leak,) = telling_features({"twice": 2 * values}, values, "regression")
    assert leak.detail == "'twice' alone predicts the target: correlation 1.0000"
