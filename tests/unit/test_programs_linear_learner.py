"""The stand-in for the linear learner's container, with scikit-learn as the judge."""

import json
import re
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

from rehearsal.programs.errors import UserError
from rehearsal.programs.inference_formats import answer
from rehearsal.programs.linear_learner_serve import Predictor
from rehearsal.programs.linear_learner_train import main
from rehearsal.programs.linear_metrics import best_threshold
from rehearsal.programs.linear_model import LinearModel
from rehearsal.programs.records import CONTENT_TYPE as RECORDIO
from rehearsal.programs.records import write_records
from rehearsal.programs.server import Request
from rehearsal.sagemaker.jobs.images.built_in import IMAGES
from tests.unit.training_folders import CSV, Job, csv_of, table

BINARY = {"predictor_type": "binary_classifier", "mini_batch_size": "100", "epochs": "40"}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return np.asarray(np.nan_to_num(table())[:, :-1])


def scores_of(job: Job, rows: np.ndarray) -> np.ndarray:
    predictor = Predictor(LinearModel.load(job.base / "model"))
    request = Request(csv_of(rows).encode(), "text/csv", "application/jsonlines")
    lines = answer(request, predictor).body.splitlines()
    return np.array([json.loads(line)["score"] for line in lines])


def test_its_probabilities_are_those_of_logistic_regression(job: Job, rows: np.ndarray) -> None:
    job.configure(BINARY, train=CSV, validation=CSV)
    job.write("train", "fold-1/part-1.csv", csv_of(rows[:2500]))
    job.write("train", "fold-2/part-2.csv", csv_of(rows[2500:4000]))
    job.write("validation", "part-0.csv", csv_of(rows[4000:]))
    assert main() == 0
    scores = scores_of(job, rows[4000:, 1:])
    scaler = StandardScaler().fit(rows[:4000, 1:])
    oracle = LogisticRegression(C=1e6).fit(scaler.transform(rows[:4000, 1:]), rows[:4000, 0])
    expected = oracle.predict_proba(scaler.transform(rows[4000:, 1:]))[:, 1]
    assert np.abs(scores - expected).mean() < 0.03
    assert np.corrcoef(scores, expected)[0, 1] > 0.98


def test_what_it_logs_are_the_metrics_that_sagemaker_looks_for(
    job: Job, rows: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    job.configure(BINARY, train=CSV, validation=CSV)
    job.write("train", "part-1.csv", csv_of(rows[:4000]))
    job.write("validation", "part-0.csv", csv_of(rows[4000:]))
    assert main() == 0
    found: dict[str, list[float]] = {}
    for line in capsys.readouterr().out.splitlines():
        for definition in IMAGES["linear-learner"].metrics:
            if match := re.search(definition["Regex"], line):
                found.setdefault(definition["Name"], []).append(float(match[1]))
    labels, scores = rows[4000:, 0], scores_of(job, rows[4000:, 1:])
    predicted = scores >= LinearModel.load(job.base / "model").threshold
    assert found["validation:roc_auc_score"] == [pytest.approx(roc_auc_score(labels, scores))]
    assert found["validation:binary_classification_accuracy"] == [
        pytest.approx(accuracy_score(labels, predicted))
    ]
    assert found["validation:binary_f_beta"] == [pytest.approx(f1_score(labels, predicted))]
    assert found["validation:objective_loss:final"][-1] == pytest.approx(log_loss(labels, scores))
    losses = found["validation:objective_loss"]
    assert losses[-1] < losses[0]
    assert len(losses) == len(found["train:objective_loss"])


def test_it_stops_when_the_loss_no_longer_falls(
    job: Job, rows: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    job.configure(BINARY | {"early_stopping_patience": "2"}, train=CSV)
    job.write("train", "part.csv", csv_of(rows[:2000]))
    assert main() == 0
    assert "Early stopping condition met" in capsys.readouterr().out


def test_recordio_trains_what_csv_trains(job: Job, rows: np.ndarray) -> None:
    body = write_records(
        [{"values": row} for row in rows[:500, 1:]], [{"values": [x]} for x in rows[:500, 0]]
    )
    trained = []
    for content_type in ("text/csv;label_size=1", RECORDIO):
        job.configure(BINARY, train={"ContentType": content_type})
        path = job.base / "input" / "data" / "train" / "part"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(csv_of(rows[:500]).encode() if "csv" in content_type else body)
        assert main() == 0
        trained.append(scores_of(job, rows[:, 1:]))
    csv, recordio = trained
    assert np.allclose(csv, recordio)


@pytest.mark.parametrize("loss", ["auto", "absolute_loss", "huber_loss"])
def test_a_regressor_predicts_the_label_itself(job: Job, loss: str) -> None:
    features = np.random.default_rng(0).normal(size=(2000, 2)) * [1, 50] + [3, 100]
    labels = 200 + features @ [2.0, -0.5]
    hyperparameters = {"predictor_type": "regressor", "loss": loss, "mini_batch_size": "20"}
    job.configure(hyperparameters | {"learning_rate": "0.02", "epochs": "30"}, train=CSV)
    job.write("train", "part.csv", csv_of(np.column_stack([labels, features])))
    assert main() == 0
    expected = LinearRegression().fit(features, labels).predict(features)
    assert np.abs(scores_of(job, features) - expected).mean() < 0.05 * labels.std()


def test_a_classifier_of_several_classes_answers_one_score_a_class(job: Job) -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 1500)
    features = np.array([[0, 0], [4, 0], [0, 4]])[labels] + generator.normal(size=(1500, 2))
    hyperparameters = {"predictor_type": "multiclass_classifier", "num_classes": "3"}
    job.configure(hyperparameters | {"mini_batch_size": "20"}, train=CSV)
    job.write("train", "part.csv", csv_of(np.column_stack([labels, features])))
    assert main() == 0
    scores = scores_of(job, features)
    assert np.allclose(scores.sum(axis=1), 1)
    assert (scores.argmax(axis=1) == labels).mean() > 0.9


def test_an_l1_penalty_leaves_out_what_says_nothing(job: Job) -> None:
    features = np.random.default_rng(0).normal(size=(3000, 3))
    labels = (features[:, 0] + np.random.default_rng(1).normal(size=3000) * 0.3 > 0).astype(int)
    job.configure(BINARY | {"l1": "0.05"}, train=CSV)
    job.write("train", "part.csv", csv_of(np.column_stack([labels, features])))
    assert main() == 0
    weights = LinearModel.load(job.base / "model").weights[:, 0]
    assert weights[0] > 0.5
    assert np.allclose(weights[1:], 0, atol=0.01)


@pytest.mark.parametrize(
    ("criteria", "options", "judge"),
    [
        ("accuracy", {}, accuracy_score),
        ("f_beta", {"f_beta": 1.0}, f1_score),
    ],
)
def test_the_threshold_is_the_best_of_all(
    criteria: str, options: dict[str, Any], judge: Any
) -> None:
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 2, 200)
    scores = np.clip(labels * 0.2 + generator.random(200) * 0.8, 0, 1)
    chosen = best_threshold(
        scores, labels, {"binary_classifier_model_selection_criteria": criteria, **options}
    )
    possible = [judge(labels, scores >= each) for each in [*scores, 2.0]]
    assert judge(labels, scores >= chosen) == pytest.approx(max(possible))


@pytest.mark.parametrize(
    ("hyperparameters", "message"),
    [
        ({"predictor_type": None}, "Missing required hyperparameter: predictor_type"),
        ({"predictor": "x"}, "Extraneous hyperparameter found: predictor"),
        ({"wd": "-1"}, "Hyperparameter wd: -1.0 is not in [0, +inf)"),
        ({"wd": "much"}, "Hyperparameter wd: could not parse value (caused by ValueError)"),
        ({"loss": "squared_loss"}, "Hyperparameter loss: squared_loss does not go with"),
        ({"loss": "quantile_loss"}, "does not go with predictor_type binary_classifier in the re"),
        ({"optimizer": "rmsprop"}, "The rehearsal has no optimizer rmsprop"),
        ({"feature_dim": "9"}, "Channel 'train': rows have [4] features, not 9"),
        ({"predictor_type": "multiclass_classifier"}, "Missing required hyperparameter: num_class"),
    ],
)
def test_hyperparameters_that_cannot_be_are_told(
    job: Job, rows: np.ndarray, hyperparameters: dict[str, str | None], message: str
) -> None:
    given = {k: v for k, v in (BINARY | hyperparameters).items() if v is not None}
    job.configure(given, train=CSV)
    job.write("train", "part.csv", csv_of(rows[:50]))
    assert main() == 1
    assert message in job.failure
    assert job.failure.startswith("UserError: ")


@pytest.mark.parametrize(
    ("channels", "text", "message"),
    [
        ({"train": CSV}, "0,1,2\n1,,3\n", "'train'. Found missing (NaN) values. Please remove"),
        ({"train": CSV}, "0,1,2\n1,inf,3\n", "Found infinite floating point values"),
        ({"train": CSV}, "0,1,2\n1,B6,3\n", "Please verify the data matches the requested"),
        ({"train": CSV}, "0,1,2\n3,1,3\n", "must be integers from 0 to 1"),
        ({"train": CSV}, "", "There is no data in it"),
        ({"train": {}}, "0,1,2\n", "there is no RecordIO record at byte 0"),
        ({"train": {"ContentType": "text/libsvm"}}, "0 1:2\n", "No iterator has been registered"),
        ({"train": {"ContentType": "text/csv;label_size=2"}}, "0,1\n", "label_size must be 1"),
        ({"validation": CSV}, "0,1,2\n", "Missing required channel: train"),
        ({"train": CSV, "evaluation": CSV}, "0,1,2\n", "'evaluation' was unexpected; allowed:"),
    ],
)
def test_data_that_cannot_be_is_told(
    job: Job, channels: dict[str, Any], text: str, message: str
) -> None:
    job.configure(BINARY, **channels)
    for channel in channels:
        job.write(channel, "part.csv", text)
    assert main() == 1
    assert message in job.failure


def test_several_instances_are_refused(job: Job, rows: np.ndarray) -> None:
    job.configure(BINARY, train=CSV)
    job.write("train", "part.csv", csv_of(rows[:50]))
    hosts = job.base / "input" / "config" / "resourceconfig.json"
    hosts.write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}))
    assert main() == 1
    assert "on one instance; InstanceCount is 2" in job.failure


def test_a_model_that_is_none_is_told(job: Job) -> None:
    with pytest.raises(UserError, match="Unable to load model model_algo-1"):
        LinearModel.load(job.base / "model")
