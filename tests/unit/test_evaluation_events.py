"""Whatever a state machine sends, a function takes it or says which key is wrong."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.comparison.holdout import ComparisonRequest
from evaluation.errors import EvaluationError
from evaluation.holdout import HoldoutRequest
from evaluation.kfold import KFoldRequest
from evaluation.leaderboard import LeaderboardRequest
from evaluation.promotion import RegisterRequest
from evaluation.replay.requests import ReplayRequest
from evaluation.roles import RoleRequest
from evaluation.shards import ShardRequest
from report.request import ReportRequest

PROBLEM = {"type": "multiclass", "classes": ["a", "b"], "exact_rows": 1000}
CONFIDENCE = {"level": 0.95, "n_resamples": 100, "random_state": 42}
GATE = {"function": "gap", "metric": "test_accuracy", "operator": "<", "value": 1, "column": "c"}
FINALIST = {
    "candidate": "a",
    "training_job": "job",
    "model_data": "s3://m/k",
    "accept": "text/csv",
    "container": {"Image": "i", "Environment": {"A": "b"}},
    "holdout": {"evaluation": "s3://r/k", "metrics": {"m": 1}, "passed": True, "gates": []},
}
Parse = Callable[[object], object]
EVENTS: dict[str, tuple[Parse, dict[str, Any]]] = {
    "shard": (
        ShardRequest.parse,
        {
            "run": "r",
            "candidate": "a",
            "labelled": True,
            "attributes": False,
            "keys": ["predictions/r/a/fold-0/p.csv.out"],
            "problem": PROBLEM,
        },
    ),
    "kfold": (
        KFoldRequest.parse,
        {
            "run": "r",
            "candidate": "a",
            "option": "script",
            "folds": [{"fold": 0, "training_job": "job", "rules": [], "training_seconds": 1}],
            "tuned": None,
            "problem": PROBLEM,
            "threshold": {"maximize": "test_f1"},
            "replayed": False,
        },
    ),
    "holdout": (
        HoldoutRequest.parse,
        {
            "run": "r",
            "candidate": "a",
            "training_job": "job",
            "rank_by": "test_accuracy",
            "gates": [GATE, {"not_worse_than": "champion", "by": None, "margin": 0}],
            "problem": PROBLEM,
            "confidence": CONFIDENCE,
            "replayed": False,
            "champion": None,
        },
    ),
    "compare": (
        ComparisonRequest.parse,
        {
            "run": "r",
            "candidates": ["a"],
            "rank_by": "test_accuracy",
            "problem": PROBLEM,
            "confidence": CONFIDENCE,
        },
    ),
    "leaderboard": (
        LeaderboardRequest.parse,
        {
            "run": "r",
            "rank_by": "test_accuracy",
            "finalists": 1,
            "confidence_level": 0.95,
            "n_repeats": 1,
            "results": [{"candidate": "a", "option": "o", "status": "Failed", "reason": "x"}],
        },
    ),
    "register": (
        RegisterRequest.parse,
        {
            "run": "r",
            "rank_by": "test_accuracy",
            "finalists": [FINALIST],
            "approval": "manual",
            "hosting_instance_types": ["ml.m5.large"],
            "transform_instance_types": ["ml.m5.large"],
        },
    ),
    "roles": (RoleRequest.parse, {"action": "approve", "by": "x", "package": "arn"}),
    "replay": (
        ReplayRequest.parse,
        {
            "run": "r",
            "candidate": "a",
            "endpoint": "e",
            "accept": "text/csv",
            "labelled": False,
            "output_filter": "$.score",
            "keys": ["prepared/r/fold-0/p.csv"],
        },
    ),
    "report": (
        ReportRequest.parse,
        {"project": "p", "run": "r", "problem": PROBLEM, "configuration": "s3://b/k"},
    ),
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        each
        for key, inner in items
        for each in [(*path, key), *(places(inner, (*path, key)) if _holds(inner) else [])]
    ]


def _holds(value: Any) -> bool:
    return isinstance(value, dict | list)


@pytest.mark.parametrize("name", EVENTS)
def test_the_event_as_it_is_meant_is_taken(name: str) -> None:
    parse, event = EVENTS[name]
    parse(event)


@pytest.mark.parametrize("name", EVENTS)
@settings(max_examples=60)
@given(data=st.data())
def test_any_change_is_taken_or_refused_in_one_line(name: str, data: st.DataObject) -> None:
    parse, event = EVENTS[name]
    changed = deepcopy(event)
    *path, last = data.draw(st.sampled_from(places(changed)))
    inner = changed
    for key in path:
        inner = inner[key]
    if data.draw(st.booleans()) and isinstance(inner, dict):
        del inner[last]
    else:
        inner[last] = data.draw(ANYTHING)
    message = "event."
    try:
        parse(changed)
    except EvaluationError as error:
        message = str(error)
    assert message.startswith("event.")
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize("name", EVENTS)
@settings(max_examples=20)
@given(event=ANYTHING)
def test_what_is_no_event_is_refused(name: str, event: Any) -> None:
    with pytest.raises(EvaluationError, match=r"^event"):
        EVENTS[name][0](event)
