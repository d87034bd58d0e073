"""Documents of reports, computed from what scikit-learn's models really predict."""

import copy
from functools import cache
from typing import Any, cast

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier, XGBRegressor

import config
from evaluation.comparison.holdout import ComparisonRequest, comparison
from evaluation.comparison.rows import Judged
from evaluation.documents import Document
from evaluation.holdout import HoldoutRequest
from evaluation.holdout import report as judged_holdout
from evaluation.intervals import Confidence
from evaluation.kfold import FoldRequest, KFoldRequest, summarize
from evaluation.leaderboard import LeaderboardRequest, Result, rank
from evaluation.out_of_fold import OutOfFold
from evaluation.problem import Problem, ProblemType
from evaluation.rows import Rows
from evaluation.states.shard import ShardState
from evaluation.threshold import Threshold
from report.document import Sources, assemble
from tests.unit.preparations import flights

RUN = "20260102-030405"
REASON = "AlgorithmError: <html><script>alert(1)</script> & 'C' must be > 0\nexit code 1"
CONFIDENCE = Confidence(level=0.95, n_resamples=100, random_state=42)
NUMERIC = ["month", "day", "distance", "hour"]
CLASSES = ("early", "on time", "late")
XGBOOST = {"n_estimators": 60, "max_depth": 4, "n_jobs": 1}
MODELS: dict[str, dict[str, Any]] = {
    "binary": {
        "xgboost": XGBClassifier(**XGBOOST),
        "logistic-regression": make_pipeline(StandardScaler(), LogisticRegression()),
    },
    "multiclass": {
        "xgboost": XGBClassifier(**XGBOOST),
        "logistic-regression": make_pipeline(StandardScaler(), LogisticRegression()),
    },
    "regression": {"xgboost": XGBRegressor(**XGBOOST), "linear-learner": LinearRegression()},
}
RANK_BY = {"binary": "test_roc_auc", "multiclass": "test_accuracy", "regression": "test_rmse"}
GATES = {"binary": ("test_roc_auc", 0.6), "multiclass": ("test_accuracy", 0.4)}
Raw = dict[str, Any]


@cache
def sample() -> pd.DataFrame:
    found: pd.DataFrame = flights(28).dropna(subset=["arr_delay"]).reset_index(drop=True)
    return found.assign(
        binary=(found["arr_delay"] > 15).astype(float),
        multiclass=np.digitize(found["arr_delay"], [-5, 15.5]).astype(float),
        regression=found["arr_delay"].astype(float),
        carrier_code=found["carrier"].astype("category").cat.codes,
        origin_code=found["origin"].astype("category").cat.codes,
    )


def _features(rows: pd.DataFrame) -> Any:
    return rows[[*NUMERIC, "carrier_code", "origin_code"]].to_numpy(float)


def _scores(model: Any, kind: str, train: pd.DataFrame, test: pd.DataFrame) -> Any:
    fitted = clone(model).fit(_features(train), train[kind])
    if kind == "regression":
        return fitted.predict(_features(test)).astype(float)
    found = fitted.predict_proba(_features(test)).astype(float)
    return found[:, 1] if kind == "binary" else found / found.sum(axis=1, keepdims=True)


def _shard(rows: pd.DataFrame, scores: Any, problem: Problem) -> ShardState:
    block = Rows(
        labels=rows[problem.type].to_numpy(float),
        scores=scores,
        weights=None,
        groups=None,
        hashes=rows.index.to_numpy(np.uint64),
        slices={name: rows[name].to_numpy(str) for name in ("carrier", "origin")},
    )
    return ShardState.of([block], problem)


@cache
def _run(kind: str) -> Raw:
    """All documents of a run, as the functions of the workflow write them."""
    problem = Problem(cast(ProblemType, kind), CLASSES if kind == "multiclass" else ())
    stratify = None if kind == "regression" else sample()[kind]
    rest, held = train_test_split(sample(), test_size=0.2, random_state=42, stratify=stratify)
    splits = list(KFold(5, shuffle=True, random_state=42).split(rest))
    folds, holdout, judged = {}, [], []
    for name, model in MODELS[kind].items():
        parts = [(rest.iloc[train], rest.iloc[test]) for train, test in splits]
        states = [
            _shard(test, _scores(model, kind, train, test), problem).overall
            for train, test in parts
        ]
        request = KFoldRequest(
            run=RUN,
            candidate=name,
            option="built_in" if name == "xgboost" else "script",
            folds=tuple(
                FoldRequest(fold, f"flights-{RUN}-{name}-f{fold}-0", (), 12.0 + fold)
                for fold in range(5)
            ),
            tuned=None,
            problem=problem,
            threshold=Threshold(),
        )
        folds[name] = summarize(request, OutOfFold.of(states, problem, Threshold()))
        shard = _shard(held, _scores(model, kind, rest, held), problem)
        job = f"flights-{RUN}-{name}-all-0"
        asked = HoldoutRequest(RUN, name, job, (), problem, CONFIDENCE)
        holdout.append(judged_holdout(asked, shard, Threshold()))
        judged.append(Judged(name, shard.overall, shard.sample.rows(), 0.5))
    completed = [Result(name, str(found["option"]), "s3://b/k") for name, found in folds.items()]
    ranked = rank(
        LeaderboardRequest(
            RUN, RANK_BY[kind], 2, 0.95, 1, (*completed, Result("broken", "script", reason=REASON))
        ),
        [*(Document(found) for found in folds.values()), None],
    )
    asked_comparison = ComparisonRequest(RUN, tuple(folds), RANK_BY[kind], problem, CONFIDENCE)
    return {
        "leaderboard": ranked.document,
        "folds": folds,
        "holdout": [{**found, "gates": _gates(kind, found)} for found in holdout],
        "comparison": comparison(asked_comparison, judged),
    }


def _gates(kind: str, judged: Raw) -> list[Raw]:
    if kind not in GATES:
        return []
    metric, bound = GATES[kind]
    value = judged["metrics"][metric]
    return [{"gate": f"{metric} >= {bound}", "value": value, "passed": value >= bound}]


def binary() -> Raw:
    """Whether flights are late: two candidates that completed and one that failed."""
    return _document("binary")


def multiclass() -> Raw:
    """Whether flights arrive early, on time, or late."""
    return _document("multiclass")


def regression() -> Raw:
    """By how many minutes flights arrive late."""
    return _document("regression")


def _document(kind: str) -> Raw:
    found = _run(kind)
    document = assemble(
        Sources(
            project="flights",
            run=RUN,
            problem={"type": kind, "classes": list(CLASSES) if kind == "multiclass" else []},
            data=_metadata(),
            jobs=_jobs(found["leaderboard"]),
            training_curves=_training_curves(),
            importance=_importance(),
            versions={"numpy": np.__version__, "python": "3.14.0"},
            configuration=config.load("lifecycle.yaml").resolved(),
            **found,
        )
    )
    return copy.deepcopy(document)


def _metadata() -> Raw:
    rows = len(sample())
    held = rows // 5
    return {
        "features": [*NUMERIC, "carrier", "origin"],
        "categories": {name: sorted(set(sample()[name])) for name in ("carrier", "origin")},
        "rows_read": rows + 340,
        "dropped": [{"reason": "arr_delay is empty: no outcome", "rows": 340}],
        "rows": rows,
        "positive_share": float(sample()["binary"].mean()),
        "holdout_rows": held,
        "folds": [
            {"fold": fold, "rows": (rows - held) // 5, "positives": (rows - held) // 21}
            for fold in range(5)
        ],
        "bytes_prepared": 12_345_678,
    }


def _jobs(leaderboard: Raw) -> list[Raw]:
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    shared = {
        "status": "Completed",
        "instance_type": "ml.m5.xlarge",
        "instance_count": 1,
        "image": image,
        "metrics": {},
    }
    prepare = {"name": f"flights-{RUN}-prepare-0", "kind": "processing", "seconds": 41.5}
    return [
        {**prepare, "billable_seconds": 41.5, **shared},
        *(
            {
                "name": fold["training_job"],
                "kind": "training",
                "seconds": fold["training_seconds"],
                "billable_seconds": fold["training_seconds"],
                **shared,
            }
            for found in leaderboard["candidates"]
            for fold in found["folds"]
        ),
    ]


def _training_curves() -> list[Raw]:
    rounds = np.arange(1, 61)
    return [
        {
            "candidate": "xgboost",
            "training_job": f"flights-{RUN}-xgboost-f{fold}-0",
            "metric": f"{channel}:logloss",
            "values": (floor + fold / 300 + 0.2 * np.exp(-rounds / pace)).tolist(),
        }
        for fold in range(3)
        for channel, floor, pace in (("train", 0.42, 25), ("validation", 0.5, 9))
    ]


@cache
def _importance() -> list[Raw]:
    model = clone(MODELS["binary"]["xgboost"]).fit(_features(sample()), sample()["binary"])
    gains = zip([*NUMERIC, "carrier", "origin"], model.feature_importances_, strict=True)
    features = [{"feature": name, "importance": float(gain)} for name, gain in gains]
    return [{"candidate": "xgboost", "measure": "gain", "features": features}]
