"""Variants on live data: what is captured, joined with labels, compared and never twice counted."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.comparison.distributions import chi_squared
from evaluation.errors import EvaluationError
from evaluation.online.captured import Captured, read_captured
from evaluation.online.comparison import compared, verdict
from evaluation.online.ground_truth import Truth, read_ground_truth
from evaluation.online.joined import Joined
from evaluation.online.sequential import FEWEST_ROWS, Moments, difference
from evaluation.online.settings import Settings
from evaluation.online.traffic import sample_ratio

SETTINGS = Settings("brier", 0.01, 0.01, 0.05, 1000, 0.5, 200)
IDENTITIES = st.text("abc", max_size=2)


def captured(data: str, encoding: str = "CSV", identity: str | None = "i") -> bytes:
    metadata = {"eventId": "e"} | ({"inferenceId": identity} if identity else {})
    output = {"observedContentType": "text/csv", "mode": "OUTPUT", "data": data}
    document = {
        "captureData": {"endpointOutput": output | {"encoding": encoding}},
        "eventMetadata": metadata,
        "eventVersion": "0",
    }
    return json.dumps(document).encode()


def truth(label: str, identity: str = "i") -> bytes:
    document = {
        "groundTruthData": {"data": label, "encoding": "CSV"},
        "eventMetadata": {"eventId": identity},
        "eventVersion": "0",
    }
    return json.dumps(document).encode()


class TestCaptured:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (captured("0.25"), [("i", 0.25)]),
            (captured("0.25\n"), [("i", 0.25)]),
            (captured("0.25,0.5"), [("i/1", 0.25), ("i/2", 0.5)]),
            (captured("0.25\n0.5\n"), [("i/1", 0.25), ("i/2", 0.5)]),
            (captured('{"score": 0.25}', "JSON"), [("i", 0.25)]),
            (captured("[0.25]", "JSON"), [("i", 0.25)]),
            (captured("[0.25, 0.5]", "JSON"), [("i/1", 0.25), ("i/2", 0.5)]),
            (captured("[[0.25]]", "JSON"), [("i", 0.25)]),
            (
                captured('{"predictions": [{"score": 0.25}, {"score": 0.5}]}', "JSON"),
                [("i/1", 0.25), ("i/2", 0.5)],
            ),
            (captured(b64encode(b"0.25").decode(), "BASE64"), [("i", 0.25)]),
            (captured("0.25", identity=None), [("", 0.25)]),
            (b"", []),
        ],
    )
    def test_every_encoding_is_read(self, line: bytes, expected: list[tuple[str, float]]) -> None:
        found = list(read_captured([line], "champion", "s3://b/k"))
        assert [(each.identity, each.score) for each in found] == expected

    def test_what_was_asked_before_a_moment_is_left_out(self) -> None:
        lines = []
        for time in ("2026-11-25T10:00:00Z", "2026-11-25T10:00:01Z", "2026-11-25T12:00:01+02:00"):
            document = json.loads(captured("0.5", identity=time))
            document["eventMetadata"]["inferenceTime"] = time
            lines.append(json.dumps(document).encode())
        since = datetime(2026, 11, 25, 10, 0, 1, tzinfo=UTC)
        found = [each.identity for each in read_captured(lines, "champion", "s3://b/k", since)]
        assert found == ["2026-11-25T10:00:01Z", "2026-11-25T12:00:01+02:00"]

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (b"{", r"^s3://b/k: line 2: '{' is not JSON"),
            (b"{}", r"line 2\.eventMetadata: missing"),
            (captured("high"), r"line 2.*score 'high' is not a number"),
            (captured("nan"), r"line 2.*score 'nan' is outside 0 to 1"),
            (captured("[" * 700 + "]" * 700, "JSON"), r"line 2.*(allowed|too deep)"),
            (captured('{"mark": 2}', "JSON"), r"line 2.*score: missing"),
            (captured('["a"]', "JSON"), r"line 2.*\[0\]: got 'a'; allowed: a number"),
            (captured('{"score": 2}', "JSON"), r"line 2.*score 2 is outside 0 to 1"),
            (captured(" "), r"line 2.*allowed: a score for each row"),
            (captured("§", "BASE64"), r"line 2.*allowed: text in BASE64"),
            (captured("1", "XML"), r"line 2.*one of CSV, JSON, BASE64"),
        ],
    )
    def test_a_line_that_is_none_is_named(self, line: bytes, expected: str) -> None:
        with pytest.raises(EvaluationError, match=expected):
            list(read_captured([captured("1"), line], "champion", "s3://b/k"))

    @given(st.lists(st.binary(max_size=40) | st.builds(captured, st.text(max_size=8))))
    def test_any_bytes_are_either_rows_or_an_error_on_one_line(self, lines: list[bytes]) -> None:
        for read in (
            lambda: list(read_captured(lines, "v", "s3://b/k")),
            lambda: list(read_ground_truth(lines, "s3://b/k")),
        ):
            said = ""
            try:
                read()
            except EvaluationError as error:
                said = str(error)
            assert not said or said.startswith("s3://b/k: line ")
            assert "\n" not in said

    def test_a_label_that_is_none_is_named(self) -> None:
        assert list(read_ground_truth([truth("1.0")], "s3://b/k")) == [Truth("i", 1)]
        with pytest.raises(EvaluationError, match=r"line 1\..*label '2' is not 0 or 1"):
            list(read_ground_truth([truth("2")], "s3://b/k"))


class TestJoined:
    @given(st.lists(st.tuples(IDENTITIES, st.sampled_from("xy"))), st.lists(IDENTITIES))
    def test_nothing_is_lost_or_counted_twice(
        self, predictions: list[tuple[str, str]], labels: list[str]
    ) -> None:
        rows = [Captured(identity, variant, 0.5) for identity, variant in predictions]
        joined = Joined.of(rows, [Truth(identity, 1) for identity in labels])
        counts = joined.counts
        assert counts.predictions + counts.again == len(predictions)
        assert counts.without_identity == sum(not identity for identity, _ in predictions)
        known = {identity for identity, _ in predictions if identity}
        assert counts.labelled == len(known & set(labels))
        assert counts.unknown_labels == len(set(labels) - known)
        assert sum(joined.rows.values()) == counts.predictions

    @given(st.permutations(range(6)), st.permutations(range(6)))
    def test_the_order_is_of_no_matter(self, first: list[int], second: list[int]) -> None:
        rows = [Captured(str(each), "v", each / 10) for each in first]
        joined = Joined.of(rows, [Truth(str(each), each % 2) for each in second])
        found = joined.labelled["v"]
        assert sorted(zip(found.scores, found.labels, strict=True)) == [
            (each / 10, each % 2) for each in range(6)
        ]

    def test_the_last_label_counts(self) -> None:
        truths = [Truth("a", 0), Truth("a", 1)]
        assert Joined.of([Captured("a", "v", 0.5)], truths).labelled["v"].labels.tolist() == [1]


class TestSequential:
    @given(st.lists(st.floats(0, 1), min_size=2), st.integers(0, 30))
    def test_moments_of_parts_are_those_of_the_whole(self, values: list[float], cut: int) -> None:
        def of(some: list[float]) -> Moments:
            if not some:
                return Moments()
            return Moments(len(some), float(np.mean(some)), float(np.var(some) * len(some)))

        both = of(values[:cut]) + of(values[cut:])
        assert both.n == len(values)
        assert both.mean == pytest.approx(np.mean(values))
        assert both.variance == pytest.approx(np.var(values, ddof=1), abs=1e-12)

    def test_the_fixed_interval_is_welchs_and_the_other_is_wider(self) -> None:
        generator = np.random.default_rng(1)
        one, other = generator.normal(0, 1, 4000), generator.normal(0.1, 2, 3000)
        found = difference(
            *(Moments(len(x), float(x.mean()), float(x.var() * len(x))) for x in (one, other)),
            alpha=0.05,
            planned_rows=3000,
        )
        assert found is not None
        low, high = scipy.stats.ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
        assert (found.fixed_low, found.fixed_high) == pytest.approx((low, high), abs=1e-3)
        assert found.low < found.fixed_low < found.value < found.fixed_high < found.high

    def test_few_rows_say_nothing(self) -> None:
        few = Moments(FEWEST_ROWS - 1, 0.1, 1.0)
        assert difference(few, few, alpha=0.05, planned_rows=10) is None

    @pytest.mark.parametrize("gap", [0.0, 0.02])
    def test_looking_all_the_time_is_wrong_no_more_often_than_promised(self, gap: float) -> None:
        """400 live comparisons of up to 4,000 rows a variant, looked at every 50 rows."""
        alpha, repetitions, rows = 0.1, 400, 4000
        generator = np.random.default_rng(7)
        losses = (
            generator.random((2, repetitions, rows)) < np.array([0.2, 0.2 + gap])[:, None, None]
        )
        looks = np.arange(50, rows + 1, 50)
        counts = np.cumsum(losses, axis=2)[:, :, looks - 1]
        missed = fixed = 0
        for one, other in zip(*counts, strict=True):
            outside = []
            for n, a, b in zip(looks.tolist(), one.tolist(), other.tolist(), strict=True):
                sides = [Moments(n, hits / n, hits - hits**2 / n) for hits in (a, b)]
                found = difference(*sides, alpha=alpha, planned_rows=1000)
                assert found is not None
                outside.append(
                    (
                        not found.low <= gap <= found.high,
                        not found.fixed_low <= gap <= found.fixed_high,
                    )
                )
            missed += any(sequential for sequential, _ in outside)
            fixed += any(once for _, once in outside)
        most = scipy.stats.binom.ppf(0.999, repetitions, alpha)
        assert missed <= most
        # What the interval is for: the one of a single look is wrong far more often.
        assert fixed > 2 * most

    def test_a_difference_is_found(self) -> None:
        n = 5000
        sides = [Moments(n, mean, n * mean * (1 - mean)) for mean in (0.2, 0.26)]
        found = difference(*sides, alpha=0.05, planned_rows=n)
        assert found is not None
        assert verdict(found.low, found.high, 0.01) == "worse"

    @pytest.mark.parametrize(
        ("low", "high", "expected"),
        [
            (-0.2, -0.1, "better"),
            (-0.1, 0.01, "not worse"),
            (-0.1, 0.1, "undecided"),
            (0.005, 0.1, "undecided"),
            (0.02, 0.1, "worse"),
        ],
    )
    def test_what_an_interval_means(self, low: float, high: float, expected: str) -> None:
        assert verdict(low, high, 0.01) == expected


class TestTraffic:
    @given(st.floats(0, 200), st.integers(1, 12))
    def test_chi_squared(self, statistic: float, degrees: int) -> None:
        expected = scipy.stats.chi2.sf(statistic, degrees)
        assert chi_squared(statistic, degrees) == pytest.approx(expected, rel=1e-10, abs=1e-300)

    @settings(max_examples=50)
    @given(st.lists(st.tuples(st.integers(0, 1000), st.floats(0.1, 9)), min_size=2, max_size=5))
    def test_the_test_is_pearsons(self, sides: list[tuple[int, float]]) -> None:
        requests = {str(i): count for i, (count, _) in enumerate(sides)}
        weights = {str(i): weight for i, (_, weight) in enumerate(sides)}
        found = sample_ratio(requests, weights)
        came = sum(requests.values())
        if not came:
            assert found is None
            return
        total = sum(weights.values())
        expected = [came * weight / total for weight in weights.values()]
        oracle = scipy.stats.chisquare(list(requests.values()), expected)
        assert found is not None
        assert found.p_value == pytest.approx(oracle.pvalue, rel=1e-9, abs=1e-300)

    def test_shares_that_no_weights_give_are_a_mismatch(self) -> None:
        weights = {"champion": 9.0, "challenger": 1.0}
        right, wrong = ({"champion": 1000 - n, "challenger": n} for n in (110, 150))
        ratio = sample_ratio(right, weights)
        assert ratio is not None
        assert not ratio.mismatch
        ratio = sample_ratio(wrong, weights)
        assert ratio is not None
        assert ratio.mismatch

    def test_a_variant_without_weight_does_not_count(self) -> None:
        assert sample_ratio({"a": 5, "b": 5}, {"a": 1.0, "b": 0.0}) is None


def live(variant: str, rows: int, noise: float, seed: int) -> tuple[list[Captured], list[Truth]]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, rows)
    scores = np.clip(0.3 + 0.4 * labels + generator.normal(0, noise, rows), 0, 1)
    names = [f"{variant}-{row}" for row in range(rows)]
    return (
        [
            Captured(name, variant, score)
            for name, score in zip(names, scores.tolist(), strict=True)
        ],
        [Truth(name, label) for name, label in zip(names, labels.tolist(), strict=True)],
    )


def test_variants_are_told_with_metrics_intervals_and_a_verdict() -> None:
    good, bad = live("champion", 900, 0.1, 1), live("challenger", 600, 0.4, 2)
    joined = Joined.of([*good[0], *bad[0]], [*good[1], *bad[1]])
    found: dict[str, Any] = compared(joined, {"champion": 3.0, "challenger": 2.0}, SETTINGS)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    champion, challenger = found["variants"]
    assert (champion["rows"], champion["labelled"], challenger["labelled"]) == (900, 900, 600)
    assert champion["metrics"]["test_roc_auc"] > challenger["metrics"]["test_roc_auc"]
    interval = champion["intervals"]["test_brier"]
    assert interval["low"] < champion["metrics"]["test_brier"] < interval["high"]
    (comparison,) = found["comparisons"]
    assert (comparison["variant"], comparison["verdict"]) == ("challenger", "worse")
    assert found["sample_ratio"]["mismatch"] is False


def test_without_labels_there_is_a_reason() -> None:
    rows, _ = live("champion", 10, 0.1, 1)
    found = compared(Joined.of(rows, []), {"champion": 1.0, "challenger": 1.0}, SETTINGS)
    assert found["variants"][0]["labelled"] == 0
    (comparison,) = found["comparisons"]
    assert comparison["verdict"] == "undecided"
    assert comparison["reason"] == "each variant needs 50 labelled rows; these have 0 and 0"
