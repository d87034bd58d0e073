"""The stand-in for the k-NN algorithm's container, with scikit-learn as the judge."""

import json
import re
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from rehearsal.programs.inference_formats import answer
from rehearsal.programs.knn_model import NeighborsModel
from rehearsal.programs.knn_serve import Predictor
from rehearsal.programs.knn_train import main
from rehearsal.programs.server import Request
from rehearsal.sagemaker.jobs.images.built_in import IMAGES
from tests.unit.training_folders import CSV, Job, csv_of, table

VERBOSE = "application/jsonlines; verbose=true"
REGRESSOR = {"predictor_type": "regressor", "k": "7", "sample_size": "10000", "feature_dim": "4"}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.asarray(np.nan_to_num(table())[:, :-1])


def train(job: Job, rows: np.ndarray, hyperparameters: dict[str, str]) -> Predictor:
    job.configure(REGRESSOR | hyperparameters, train=CSV, test=CSV)
    job.write("train", "part.csv", csv_of(rows[:4000]))
    job.write("test", "part.csv", csv_of(rows[4000:4500]))
    assert main() == 0, job.failure
    return Predictor(NeighborsModel.load(job.base / "model"))


def ask(predictor: Predictor, rows: np.ndarray, accept: str = VERBOSE) -> list[dict[str, Any]]:
    request = Request(csv_of(rows).encode(), "text/csv", accept)
    return [json.loads(line) for line in answer(request, predictor).body.splitlines()]


def test_a_regressor_is_scikit_learns(
    job: Job, rows: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ask(train(job, rows, {}), rows[4000:4500, 1:])
    oracle = KNeighborsRegressor(7).fit(rows[:4000, 1:], rows[:4000, 0])
    expected = oracle.predict(rows[4000:4500, 1:])
    # Points at the same distance may be chosen otherwise, so that a few rows may differ.
    same = np.isclose([each["predicted_label"] for each in found], expected)
    assert same.mean() > 0.98
    distances, _ = oracle.kneighbors(rows[4000:4500, 1:])
    assert np.allclose([each["distances"] for each in found], distances**2, rtol=1e-4)
    assert [each["predicted_label"] for each in found] == [
        pytest.approx(np.mean(each["labels"])) for each in found
    ]
    (score,) = metrics(capsys.readouterr().out)["test:mse"]
    predicted = np.array([each["predicted_label"] for each in found])
    assert score == pytest.approx(np.mean((predicted - rows[4000:4500, 0]) ** 2))


def test_a_classifier_votes(job: Job, rows: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    predictor = train(job, rows, {"predictor_type": "classifier"})
    found = ask(predictor, rows[4000:4500, 1:], "application/jsonlines")
    assert found[0].keys() == {"predicted_label"}
    oracle = KNeighborsClassifier(7).fit(rows[:4000, 1:], rows[:4000, 0])
    predicted = np.array([each["predicted_label"] for each in found])
    assert (predicted == oracle.predict(rows[4000:4500, 1:])).mean() > 0.98
    (score,) = metrics(capsys.readouterr().out)["test:accuracy"]
    assert score == pytest.approx(np.mean(predicted == rows[4000:4500, 0]))


def metrics(log: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for line in log.splitlines():
        for definition in IMAGES["knn"].metrics:
            if match := re.search(definition["Regex"], line):
                found.setdefault(definition["Name"], []).append(float(match[1]))
    return found


def test_a_sample_is_indexed(job: Job, rows: np.ndarray) -> None:
    predictor = train(job, rows, {"sample_size": "300"})
    assert predictor.model.points.shape == (300, 4)


def test_cosine_looks_at_directions_only(job: Job, rows: np.ndarray) -> None:
    predictor = train(job, rows, {"index_metric": "COSINE"})
    some = rows[4000:4020, 1:]
    near, far = (
        [each["distances"] for each in ask(predictor, given)] for given in (some, some * 1000)
    )
    assert np.allclose(near, far, atol=1e-6)
    first = predictor.model.points[0].astype(float)
    assert ask(predictor, first[None] * 3)[0]["distances"][0] == pytest.approx(0, abs=1e-9)


def test_a_reduced_dimension_takes_rows_of_all_features(job: Job, rows: np.ndarray) -> None:
    reduction = {"dimension_reduction_type": "sign", "dimension_reduction_target": "2"}
    predictor = train(job, rows, reduction)
    assert predictor.features == 4
    assert len(ask(predictor, rows[:3, 1:])) == 3


@pytest.mark.parametrize(
    ("hyperparameters", "message"),
    [
        ({"k": None}, "Missing required hyperparameter: k"),
        ({"k": "0"}, "Hyperparameter k: 0 is not in [1, +inf)"),
        ({"k": "51"}, "Hyperparameter k: 51 neighbors of 50 points cannot be found"),
        ({"neighbors": "5"}, "Extraneous hyperparameter found: neighbors"),
        ({"predictor_type": "binary_classifier"}, "binary_classifier is not in ['classifier', "),
        ({"index_metric": "INNER_PRODUCT"}, "the rehearsal has no INNER_PRODUCT"),
        ({"dimension_reduction_type": "sign"}, "Missing required hyperparameter: dimension_reduc"),
        (
            {"dimension_reduction_type": "sign", "dimension_reduction_target": "4"},
            "Hyperparameter dimension_reduction_target: 4 is not in (0, 4)",
        ),
        (
            {"index_metric": "COSINE", "index_type": "faiss.IVFPQ"},
            "index_metric COSINE does not go with index_type faiss.IVFPQ",
        ),
    ],
)
def test_hyperparameters_that_cannot_be_are_told(
    job: Job, rows: np.ndarray, hyperparameters: dict[str, str | None], message: str
) -> None:
    given = {k: v for k, v in (REGRESSOR | hyperparameters).items() if v is not None}
    job.configure(given, train=CSV)
    job.write("train", "part.csv", csv_of(rows[:50]))
    assert main() == 1
    assert message in job.failure


def test_there_is_no_validation_channel(job: Job, rows: np.ndarray) -> None:
    job.configure(REGRESSOR, train=CSV, validation=CSV)
    job.write("train", "part.csv", csv_of(rows[:50]))
    assert main() == 1
    assert "'validation' was unexpected; allowed: train, test" in job.failure
