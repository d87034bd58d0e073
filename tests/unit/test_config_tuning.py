"""A tuning section is checked with the candidate that it belongs to."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

import config

ROOT = Path(__file__).resolve().parents[2]
TUNE: dict[str, Any] = {
    "metric": "validation:auc",
    "goal": "maximize",
    "max_jobs": 8,
    "parallel_jobs": 2,
    "ranges": {
        "eta": {"from": 0.01, "to": 0.5, "type": "continuous", "scaling": "Logarithmic"},
        "max_depth": {"from": 3, "to": 10, "type": "integer"},
        "subsample": {"values": [0.5, 0.75, 1]},
    },
}
FIXED = {"objective": "binary:logistic", "num_round": 100}
REGEX = "a regular expression with a group that captures the metric's value in a line of the log"


def loaded(
    folder: Path, tune: dict[str, Any], hyperparameters: dict[str, Any], **entry: Any
) -> config.Candidate:
    """Load the project's file with one candidate, tuned; XGBoost unless the entry says else."""
    document = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
    option = entry or {"built_in": "xgboost", "version": "1.7-1"}
    tuned = {"name": "tuned", **option, "hyperparameters": hyperparameters, "tune": tune}
    document["candidates"] = [tuned]
    document["evaluation"]["finalists"] = 1
    (folder / "train.py").touch()
    path = folder / "lifecycle.yaml"
    path.write_text(yaml.safe_dump(document))
    return config.load(path).candidates[0]


def refused(folder: Path, *arguments: Any, **entry: Any) -> list[str]:
    with pytest.raises(config.ConfigurationError) as caught:
        loaded(folder, *arguments, **entry)
    lines = str(caught.value).replace(f"{folder}/lifecycle.yaml: candidates[0].", "")
    return lines.split("\n")


def changed(**changes: Any) -> dict[str, Any]:
    """The section with other values; a key with None is gone."""
    section = copy.deepcopy(TUNE) | changes
    return {key: value for key, value in section.items() if value is not None}


def test_a_section_has_sagemakers_words_and_defaults(tmp_path: Path) -> None:
    tune = loaded(tmp_path, TUNE, FIXED).entry.tune
    assert tune is not None
    assert (tune.strategy, tune.early_stopping, tune.max_jobs) == ("Bayesian", False, 8)
    assert list(tune.ranges) == ["eta", "max_depth", "subsample"]


def test_a_script_says_how_its_metric_is_found(tmp_path: Path) -> None:
    tune = changed(metric="auc", regex="auc=([0-9.]+)")
    script = {"script": "train.py", "framework": "sklearn", "version": "1.4-2"}
    entry = loaded(tmp_path, tune, {}, **script).entry
    assert entry.tune is not None
    assert entry.tune.regex == "auc=([0-9.]+)"
    del tune["regex"]
    assert refused(tmp_path, tune, {}, **script) == [f"tune.regex: got nothing; allowed: {REGEX}"]


def test_a_required_hyperparameter_may_be_a_range(tmp_path: Path) -> None:
    rounds = {"num_round": {"from": 10, "to": 200, "type": "integer"}}
    fixed = {"objective": "binary:logistic"}
    assert loaded(tmp_path, changed(ranges=rounds), fixed).entry.tune is not None


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"goal": "best"}, "tune.goal: got 'best'; allowed: maximize or minimize (the metric)"),
        ({"strategy": "bayesian"}, "tune.strategy: got 'bayesian'; allowed: Bayesian or Random"),
        ({"metric": None}, "tune.metric: got nothing; allowed: "),
        ({"metric": "validation:luck"}, "tune.metric: got 'validation:luck'; allowed: one of val"),
        ({"goal": "minimize"}, "tune.goal: got minimize; allowed: maximize for validation:auc"),
        (
            {"ranges": {"booster": {"values": ["gbtree", "dart"]}}},
            "tune.ranges.booster: got 'booster', which xgboost does not let a tuning job change;",
        ),
        ({"max_jobs": 0}, "tune.max_jobs: got 0; allowed: a whole number of training jobs from"),
        ({"max_jobs": 1}, "tune.parallel_jobs: got 2; allowed: at most max_jobs, 1"),
        ({"parallel_jobs": 11}, "tune.parallel_jobs: got 11; allowed: "),
        ({"early_stopping": "Auto"}, "tune.early_stopping: got 'Auto'; allowed: true"),
        ({"patience": 3}, "tune.patience: got a key"),
        ({"regex": "auc=(.*)"}, "tune.regex: got 'auc=(.*)'; allowed: none: SageMaker knows"),
        ({"ranges": {}}, "tune.ranges: got an empty mapping; allowed: "),
        ({"ranges": {"eta": 0.1}}, "tune.ranges.eta: got 0.1; allowed: {from, to, type"),
        (
            {"ranges": {"sagemaker_x": {"values": [1]}}},
            "tune.ranges.sagemaker_x: got 'sagemaker_x'; allowed: a name that does not start",
        ),
        ({"ranges": {"eta": {"values": []}}}, "tune.ranges.eta.values: got an empty list; "),
        (
            {"ranges": {"eta": {"values": [0.1, 0.2, 0.1]}}},
            "tune.ranges.eta.values[2]: got 0.1 a second time; allowed: each value once",
        ),
        (
            {"ranges": {"num_round": {"values": [10, 20]}}},
            "tune.ranges.num_round: got a range for 'num_round', which is fixed; allowed: ",
        ),
    ],
)
def test_a_wrong_section_is_told_by_its_key(
    tmp_path: Path, changes: dict[str, Any], line: str
) -> None:
    (found,) = refused(tmp_path, changed(**changes), FIXED)
    assert found.startswith(line)


@pytest.mark.parametrize(
    ("limits", "line"),
    [
        ({"to": 0.01}, "to: got 0.01 with from 0.01; allowed: a number above from"),
        ({"from": "low"}, "from: got 'low'; allowed: a finite number"),
        ({"type": "float"}, "type: got 'float'; allowed: integer (whole"),
        ({"type": "integer", "to": 1}, "from: got 0.01; allowed: a whole number"),
        ({"scaling": "Log"}, "scaling: got 'Log'; allowed: Auto, Linear"),
        (
            {"from": 0, "scaling": "Logarithmic"},
            "scaling: got Logarithmic with from 0; allowed: from above 0",
        ),
        (
            {"to": 1, "scaling": "ReverseLogarithmic"},
            "scaling: got ReverseLogarithmic with continuous from 0.01 to 1; allowed: continuous",
        ),
    ],
)
def test_a_wrong_range_is_told_by_its_key(
    tmp_path: Path, limits: dict[str, Any], line: str
) -> None:
    given = {"from": 0.01, "to": 0.5, "type": "continuous"} | limits
    (found,) = refused(tmp_path, changed(ranges={"eta": given}), FIXED)
    assert found.startswith(f"tune.ranges.eta.{line}")


@pytest.mark.parametrize(
    ("regex", "said"), [("auc", "'auc' without a group"), ("auc(", "'auc(': missing )")]
)
def test_a_regex_that_captures_nothing_is_refused(tmp_path: Path, regex: str, said: str) -> None:
    (found,) = refused(tmp_path, changed(regex=regex), FIXED)
    assert found.startswith(f"tune.regex: got {said}")


def test_a_candidate_has_a_grid_or_is_tuned(tmp_path: Path) -> None:
    assert refused(tmp_path, TUNE, {**FIXED, "gamma": [0, 1]}) == [
        "tune: got a grid in hyperparameters.gamma; "
        "allowed: one value for each hyperparameter: a candidate has a grid or is tuned"
    ]
