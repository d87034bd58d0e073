"""One lifecycle with every training option in one leaderboard, small."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.end_to_end.conftest import LIFECYCLE, clean_environment, shipped_project, write_sample

SMALL = {
    "xgboost": {"num_round": 10},
    "linear-learner": {"epochs": 2},
    "knn": {"sample_size": 2000},
    "own-algorithm": {"max_iter": 20},
    "deep-learning": {"max_iter": 3},
    "spark-ml": {"maxIter": 5, "maxDepth": 4},
    "marketplace": {"n_estimators": 10, "max_depth": 8},
    "xgboost-tuned": {"num_round": 10},
}
Candidates = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def candidates(tmp_path_factory: pytest.TempPathFactory) -> Candidates:
    """What a run with all candidates says of each, by name."""
    folder = tmp_path_factory.mktemp("options")
    write_sample(folder / "flights.csv")
    document = shipped_project(folder)
    for each in document["candidates"]:
        each["hyperparameters"] |= SMALL.get(each["name"], {})
        if "tune" in each:
            each["tune"]["max_jobs"] = 3
    document["data"]["split"]["n_splits"] = 2
    document["evaluation"]["gates"] = []
    file = folder / "lifecycle.yaml"
    file.write_text(yaml.safe_dump(document))
    directory = folder / ".rehearsal"
    options = ["--candidates=all", f"--file={file}", f"--directory={directory}"]
    done = subprocess.run(
        [LIFECYCLE, "rehearse", *options],
        env=clean_environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((Path(directory) / "summary.json").read_text())
    return {each["name"]: each for each in summary["candidates"]}


def test_every_option_has_trained_and_is_ranked_by_the_same_folds(candidates: Candidates) -> None:
    assert {each["status"] for each in candidates.values()} == {"Completed"}, candidates
    assert {each["option"] for each in candidates.values()} == {
        "built_in",
        "script",
        "container",
        "spark",
        "marketplace",
    }
    assert set(candidates) >= SMALL.keys() | {"logistic-regression"}
    rows = {tuple(fold["rows"] for fold in each["folds"]) for each in candidates.values()}
    assert len(rows) == 1
    assert sorted(each["rank"] for each in candidates.values()) == list(
        range(1, len(candidates) + 1)
    )


def test_each_has_learned_something_and_none_knows_the_answer(candidates: Candidates) -> None:
    for name, each in candidates.items():
        for fold in each["folds"]:
            assert 0.52 < fold["test_roc_auc"] < 0.85, name


def test_debugger_and_tuning_are_on_the_leaderboard(candidates: Candidates) -> None:
    assert {"LossNotDecreasing", "Overfit"} == candidates["xgboost"]["rules"].keys()
    tuned = candidates["xgboost-tuned"]["tuned"]
    assert len(tuned["trials"]) == 3
    assert {"max_depth", "eta", "subsample"} == tuned["hyperparameters"].keys()
