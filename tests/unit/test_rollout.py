"""A rollout: what each step waits for, what takes it back, and how often it is wrong."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.documents import Document
from evaluation.errors import EvaluationError
from evaluation.online.comparison import verdict
from evaluation.online.operations import Operations
from evaluation.online.rollout import Decision, Evidence, Plan, RolloutEvent, decide
from evaluation.online.rollout_requests import RolloutRequest, check_request
from evaluation.online.sequential import Moments, difference
from evaluation.online.settings import Settings

PLAN = Plan((1, 10, 50, 100), minutes=60, rows=1000, longest_minutes=600)
ENOUGH = Evidence(60, labelled=1000, verdict="not worse", errors="undecided")
SETTINGS = Settings("brier", 0.01, 0.01, 0.06, 1000, 0.5, 200)
EVENT = RolloutEvent("r1", "shifted", "2026-11-25T10:00:00", "me", 1, 10, "", "arn:r1")
VERDICTS = ("better", "not worse", "worse", "undecided")


class TestDecision:
    @pytest.mark.parametrize(
        ("step", "change", "action", "reason"),
        [
            (0, {}, "next", "the challenger is not worse"),
            (0, {"verdict": "better"}, "next", "the challenger is better"),
            (0, {"minutes": 59.9}, "wait", "59.9 of 60 minutes"),
            (0, {"labelled": 999}, "wait", "999 of 1000 labelled rows"),
            (0, {"verdict": "undecided"}, "wait", "no verdict"),
            (0, {"mismatch": True}, "wait", "unlike requests: they were not shared by the weights"),
            (0, {"verdict": "worse", "minutes": 1}, "back", "the challenger's loss is higher"),
            (0, {"errors": "worse"}, "back", "the challenger's share of errors is higher"),
            (0, {"alarms": ("slow", "bad")}, "back", "in alarm: slow, bad"),
            (2, {"labelled": 0, "minutes": 600}, "back", "after 600 minutes still 0 of 1000 label"),
            (3, {"labelled": 0, "verdict": "undecided"}, "complete", "nothing was in alarm"),
            (3, {"minutes": 59}, "wait", "59.0 of 60 minutes"),
            (3, {"alarms": ("slow",)}, "back", "in alarm: slow"),
        ],
    )
    def test_a_step_is_left_with_time_rows_and_a_verdict(
        self, step: int, change: dict[str, Any], action: str, reason: str
    ) -> None:
        found = decide(PLAN, step, replace(ENOUGH, **change))
        assert found.action == action
        assert found.reason.startswith(reason)

    @given(
        step=st.integers(0, 3),
        evidence=st.builds(
            Evidence,
            minutes=st.floats(0, 1000),
            labelled=st.integers(0, 5000),
            verdict=st.sampled_from(VERDICTS),
            errors=st.sampled_from(VERDICTS),
            mismatch=st.booleans(),
            alarms=st.sampled_from([(), ("slow",)]),
        ),
    )
    def test_nothing_goes_on_with_an_alarm_or_a_worse_challenger_and_every_step_ends(
        self, step: int, evidence: Evidence
    ) -> None:
        action = decide(PLAN, step, evidence).action
        worse = "worse" in (evidence.verdict, evidence.errors)
        if evidence.alarms or (worse and PLAN.steps[step] < 100):
            assert action == "back"
        if evidence.minutes >= PLAN.longest_minutes:
            assert action != "wait"
        assert (action == "complete") <= (step == 3)
        assert (action == "next") <= (step < 3)

    def test_the_last_step_may_leave_the_champion_some_traffic(self) -> None:
        half = replace(PLAN, steps=(10, 50))
        assert decide(half, 1, ENOUGH) == Decision("complete", "the challenger is not worse")
        assert decide(half, 1, replace(ENOUGH, verdict="undecided")).action == "wait"

    def test_each_step_that_compares_has_its_part_of_alpha(self) -> None:
        assert PLAN.settings(SETTINGS).alpha == pytest.approx(0.02)
        assert replace(PLAN, steps=(100,)).settings(SETTINGS).alpha == 0.06


class TestOperations:
    @given(requests=st.integers(0, 10_000), share=st.floats(0, 1))
    def test_a_variant_that_has_not_failed_yet_may_still_fail(
        self, requests: int, share: float
    ) -> None:
        found = Operations(requests, int(requests * share)).moments()
        assert (found.n == 0) if requests == 0 else (found.variance > 0)

    def test_many_more_errors_are_worse_and_a_few_are_not(self) -> None:
        def said(errors: int) -> str:
            found = difference(
                Operations(2000, 2).moments(),
                Operations(2000, errors).moments(),
                alpha=0.05,
                planned_rows=1000,
            )
            assert found
            return verdict(found.low, found.high, 0.01)

        assert [said(errors) for errors in (200, 4)] == ["worse", "not worse"]

    def test_shares_and_latencies_are_told(self) -> None:
        told = Operations(200, 3, 12.5, 80.0).document()
        assert (told["error_share"], told["latency_p99_ms"]) == (0.015, 80.0)
        assert Operations().document()["error_share"] is None


class TestRequests:
    @pytest.mark.parametrize(
        ("action", "latest", "running", "refused"),
        [
            ("start", None, False, ""),
            ("start", replace(EVENT, what="completed"), False, ""),
            ("start", EVENT, True, "rollout r1 is under way at 10 %; stop or abort it"),
            ("start", EVENT, False, "rollout r1 is stopped at 10 %; resume or abort it"),
            ("stop", EVENT, True, ""),
            ("stop", replace(EVENT, what="stopped"), False, "is stopped already, at 10 %"),
            ("stop", None, False, "there is no rollout to stop; start one"),
            ("resume", replace(EVENT, what="stopped"), False, ""),
            ("resume", EVENT, False, ""),  # the state machine has failed
            ("resume", EVENT, True, "rollout r1 is under way, at 10 %"),
            ("resume", replace(EVENT, what="aborted"), False, "there is no rollout to resume"),
            ("abort", EVENT, True, ""),
            ("abort", replace(EVENT, what="stopped"), False, ""),
            ("abort", replace(EVENT, what="rolled back"), False, "there is no rollout to abort"),
        ],
    )
    def test_what_cannot_be_asked_is_refused_with_what_can(
        self, action: str, latest: RolloutEvent | None, running: bool, refused: str
    ) -> None:
        if refused:
            with pytest.raises(EvaluationError, match=refused):
                check_request(action, latest, running=running)
        else:
            check_request(action, latest, running=running)

    def test_an_alarm_of_eventbridge_aborts(self) -> None:
        event = {"detail-type": "CloudWatch Alarm State Change", "detail": {"alarmName": "slow"}}
        assert RolloutRequest.parse(event) == RolloutRequest("abort", "alarm slow", True)
        with pytest.raises(EvaluationError, match=r"event\.action: got 'go'; allowed: one"):
            RolloutRequest.parse({"action": "go", "by": "me"})


def test_an_event_is_read_as_it_was_written_and_sorted_by_its_key() -> None:
    assert RolloutEvent.parse(Document(EVENT.document())) == EVENT
    later = replace(EVENT, at="2026-11-25T10:00:01", what="rolled back")
    assert EVENT.key < later.key
    with pytest.raises(EvaluationError, match=r"event\.step: got -1; allowed"):
        RolloutEvent.parse(Document(EVENT.document() | {"step": -1}))


def rolled_out(random: np.random.Generator, worse_by: float) -> str:
    """One rollout of Bernoulli losses, looked at every 50 rows; `completed` or `back`."""
    plan = replace(PLAN, minutes=0, rows=200, longest_minutes=100)
    asked = plan.settings(replace(SETTINGS, margin=0.05))
    for step, percentage in enumerate(plan.steps[:-1]):
        champion = challenger = Moments()
        for look in range(1, 101):
            for_challenger = 50
            for_champion = round(50 * (100 - percentage) / percentage)
            champion += moments(random, for_champion, 0.3)
            challenger += moments(random, for_challenger, 0.3 + worse_by)
            found = difference(champion, challenger, alpha=asked.alpha, planned_rows=1000)
            said = verdict(found.low, found.high, asked.margin) if found else "undecided"
            evidence = Evidence(float(look), labelled=50 * look, verdict=said)
            action = decide(plan, step, evidence).action
            if action == "back":
                return f"back: {said}"
            if action == "next":
                break
    return "completed"


def moments(random: np.random.Generator, n: int, probability: float) -> Moments:
    errors = int(random.binomial(n, probability))
    share = errors / n
    return Moments(n, share, n * share * (1 - share))


def test_rollouts_are_wrong_no_more_often_than_alpha() -> None:
    random = np.random.default_rng(7)
    repetitions = 200
    equal = [rolled_out(random, 0.0) for _ in range(repetitions)]
    worse = [rolled_out(random, 0.1) for _ in range(repetitions)]
    # Four standard errors above alpha, 0.06.
    most = repetitions * 0.06 + 4 * (repetitions * 0.06 * 0.94) ** 0.5
    assert equal.count("back: worse") <= most
    assert worse.count("completed") <= most
    assert equal.count("completed") > repetitions * 0.9
