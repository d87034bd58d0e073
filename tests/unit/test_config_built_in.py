"""What a built-in algorithm would refuse is refused in the file, by its key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

import config

ROOT = Path(__file__).resolve().parents[2]
XGBOOST = {"num_round": 10, "objective": "binary:logistic"}
LINEAR = {"predictor_type": "binary_classifier"}
KNN = {"predictor_type": "regressor", "k": 5, "sample_size": 100}
VERSIONS = {"xgboost": "1.7-1"}


def loaded(
    folder: Path, algorithm: str, hyperparameters: dict[str, Any], **entry: Any
) -> config.Candidate:
    """Load the project's file with one candidate."""
    document = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
    versions = {"version": VERSIONS[algorithm]} if algorithm in VERSIONS else {}
    candidate = {"name": "one", "built_in": algorithm, "hyperparameters": hyperparameters}
    document["candidates"] = [{**versions, **candidate, **entry}]
    document["evaluation"]["finalists"] = 1
    path = folder / "lifecycle.yaml"
    path.write_text(yaml.safe_dump(document))
    return config.load(path).candidates[0]


def refused(folder: Path, *arguments: Any, **entry: Any) -> str:
    with pytest.raises(config.ConfigurationError) as caught:
        loaded(folder, *arguments, **entry)
    (problem,) = caught.value.problems
    return problem.line("").removeprefix(": candidates[0].")


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters"),
    [
        ("xgboost", XGBOOST | {"learning_rate": 0.1, "eval_metric": "auc,error@0.7", "gamma": 0}),
        ("xgboost", XGBOOST | {"monotone_constraints": "(1,0)", "seed": -5}),
        ("linear-learner", LINEAR | {"wd": "auto", "l1": 1e-7, "use_bias": True, "epochs": 3}),
        ("linear-learner", LINEAR | {"loss": "logistic", "positive_example_weight_mult": 2}),
        ("knn", KNN | {"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 3, "feature_dim": 9}),
    ],
)
def test_what_is_documented_is_taken(
    tmp_path: Path, algorithm: str, hyperparameters: dict[str, Any]
) -> None:
    assert loaded(tmp_path, algorithm, hyperparameters).hyperparameters == hyperparameters


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "line"),
    [
        (
            "xgboost",
            XGBOOST | {"eval_metrics": "auc"},
            "hyperparameters.eval_metrics: got 'eval_metrics', which xgboost does not have; "
            "allowed: eval_metric, the nearest that it has",
        ),
        (
            "xgboost",
            XGBOOST | {"_kfold": 5},
            "hyperparameters._kfold: got '_kfold', which xgboost does not have; allowed: num_rou",
        ),
        (
            "xgboost",
            {"objective": "binary:logistic"},
            "hyperparameters.num_round: got nothing; allowed: a whole number in [1, ",
        ),
        (
            "xgboost",
            XGBOOST | {"eta": [0.1, 1.5]},
            "hyperparameters.eta[1]: got 1.5; allowed: a number in [0, 1]",
        ),
        (
            "xgboost",
            XGBOOST | {"learning_rate": "fast"},
            "hyperparameters.learning_rate: got 'fast'; allowed: a number in [0, 1]",
        ),
        (
            "xgboost",
            XGBOOST | {"max_depth": 6.5},
            "hyperparameters.max_depth: got 6.5; allowed: a whole number in [0, +inf)",
        ),
        (
            "xgboost",
            XGBOOST | {"subsample": True},
            "hyperparameters.subsample: got true; allowed: a number in (0, 1]",
        ),
        (
            "xgboost",
            XGBOOST | {"eval_metric": "auc,roc"},
            "hyperparameters.eval_metric: got 'auc,roc'; allowed: one or more, with commas betwee",
        ),
        (
            "xgboost",
            XGBOOST | {"booster": "tree"},
            "hyperparameters.booster: got 'tree'; allowed: one of gbtree, gblinear, dart",
        ),
        (
            "linear-learner",
            {},
            "hyperparameters.predictor_type: got nothing; allowed: binary_classifier, for a score",
        ),
        (
            "linear-learner",
            {"predictor_type": "regressor"},
            "hyperparameters.predictor_type: got 'regressor'; allowed: binary_classifier, for a s",
        ),
        (
            "linear-learner",
            LINEAR | {"loss": "hinge_loss"},
            "hyperparameters.loss: got 'hinge_loss'; allowed: auto or logistic, for a score that ",
        ),
        (
            "linear-learner",
            LINEAR | {"wd": "much"},
            "hyperparameters.wd: got 'much'; allowed: a number in [0, +inf), or auto",
        ),
        (
            "knn",
            {"predictor_type": "regressor", "sample_size": 100},
            "hyperparameters.k: got nothing; allowed: a whole number in [1, +inf)",
        ),
        (
            "knn",
            KNN | {"predictor_type": "binary_classifier"},
            "hyperparameters.predictor_type: got 'binary_classifier'; allowed: classifier or ",
        ),
        (
            "knn",
            KNN | {"faiss_index_pq_m": 5},
            "hyperparameters.faiss_index_pq_m: got 5; allowed: one of 1, 2, 3, 4, 8, 12",
        ),
    ],
)
def test_what_the_algorithm_would_refuse_is_told_by_its_key(
    tmp_path: Path, algorithm: str, hyperparameters: dict[str, Any], line: str
) -> None:
    assert refused(tmp_path, algorithm, hyperparameters).startswith(line)


def test_only_xgboost_has_versions(tmp_path: Path) -> None:
    assert refused(tmp_path, "xgboost", XGBOOST, version=None).startswith("version: got nothing")
    assert refused(tmp_path, "knn", KNN, version="1.7-1") == (
        "version: got '1.7-1'; allowed: \"1\", the only version of knn"
    )
    loaded(tmp_path, "knn", KNN, version="1")


def test_what_is_tuned_needs_no_value_but_a_range_that_the_algorithm_takes(tmp_path: Path) -> None:
    def tune(name: str, **limits: Any) -> dict[str, Any]:
        return {
            "metric": "test:mse",
            "goal": "minimize",
            "max_jobs": 2,
            "ranges": {name: {"type": "integer", **limits}},
        }

    fixed = {"predictor_type": "regressor", "sample_size": 100}
    loaded(tmp_path, "knn", fixed, tune=tune("k", **{"from": 1, "to": 1024}))
    assert refused(tmp_path, "knn", fixed, tune=tune("k", **{"from": 0, "to": 9})) == (
        "tune.ranges.k.from: got 0; allowed: a whole number in [1, +inf)"
    )
    wrong = tune("leaf_size", **{"from": 1, "to": 9})
    assert refused(tmp_path, "knn", KNN, tune=wrong).startswith(
        "tune.ranges.leaf_size: got 'leaf_size', which knn does not have; allowed: "
    )
