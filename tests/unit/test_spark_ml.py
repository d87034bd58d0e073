"""Boosted trees of Spark ML: the same scores with a Java virtual machine and without."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from algorithms.spark_ml.boosted_trees.job import HYPERPARAMETERS, TrainingError, hyperparameters

pytest.importorskip("pyspark", reason="the extra of requirements-spark.txt is not installed")

from pyspark.ml import PipelineModel

from algorithms.spark_ml.boosted_trees import training
from algorithms.spark_ml.boosted_trees.ensemble import Ensemble
from algorithms.spark_ml.boosted_trees.session import session

ROWS = 400


def rows() -> np.ndarray:
    """Label, a number, the code of a category that decides with it, and some empty cells."""
    random = np.random.default_rng(0)
    number, code = random.normal(size=ROWS), random.integers(0, 5, ROWS)
    label = (number + 2.0 * np.isin(code, (1, 4)) + random.normal(size=ROWS) > 1).astype(int)
    table = np.column_stack([label, number, code]).astype(float)
    table[::37, 1] = np.nan
    table[::41, 2] = np.nan
    return table


def csv(table: np.ndarray) -> str:
    cells = [["" if np.isnan(cell) else f"{cell:g}" for cell in row] for row in table]
    return "".join(f"{','.join(row)}\n" for row in cells)


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("CATEGORICAL_COLUMNS", "1")
    for folder in ("input/config", "input/data/train", "output", "model"):
        (tmp_path / folder).mkdir(parents=True)
    small = {"maxIter": "3", "maxDepth": "3", "minInstancesPerNode": "1", "maxBins": "32"}
    (tmp_path / "input/config/hyperparameters.json").write_text(json.dumps(small))
    return tmp_path


def test_the_scores_without_java_are_those_of_spark(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = rows()
    (job / "input/data/train/part.csv").write_text(csv(table))
    assert training.main() == 0, (job / "output/failure").read_text()

    found = Ensemble.load(job / "model/trees.npz").probabilities(table[:, 1:])
    with session(job / "input/data/train") as spark:
        read = training._read(spark, job / "input/data/train", 2, [1])
        answered = PipelineModel.load(f"file://{job}/model/spark").transform(read)
        asked = answered.select("probability", "feature_0", "feature_1").collect()
    cells = [[np.nan if row[i] is None else float(row[i]) for i in (1, 2)] for row in asked]
    ours = Ensemble.load(job / "model/trees.npz").probabilities(np.array(cells))
    assert ours == pytest.approx([row[0][1] for row in asked], abs=1e-12)
    assert sorted(found) == pytest.approx(sorted(ours), abs=1e-12)
    auc = roc_auc_score(table[:, 0], found)
    assert auc > 0.8
    assert f"train:auc={auc:.3f}" in capsys.readouterr().out


def test_what_cannot_be_read_is_the_reason_of_the_failure(job: Path) -> None:
    (job / "input/data/train/part.csv").write_text("1,0.5,high\n0,1.5,2\n")
    assert training.main() == 1
    said = (job / "output/failure").read_text()
    assert said.startswith("the channel train has rows that are not a label and numbers")


@pytest.mark.parametrize(
    ("given", "said"),
    [({"depth": "3"}, "hyperparameter 'depth' is unknown"), ({"maxIter": "many"}, "maxIter")],
)
def test_a_bad_hyperparameter_is_named(given: dict[str, str], said: str) -> None:
    with pytest.raises(TrainingError, match=said):
        hyperparameters(given)


def test_what_a_tuning_job_adds_is_no_hyperparameter() -> None:
    assert hyperparameters({"_tuning_objective_metric": "validation:auc"}) == HYPERPARAMETERS
