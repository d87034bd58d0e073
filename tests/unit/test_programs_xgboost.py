"""The stand-in for the XGBoost container: what it trains and answers is the library's."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import dump_svmlight_file

from rehearsal.programs.errors import ServingError, UserError
from rehearsal.programs.server import Request
from rehearsal.programs.xgboost_hyperparameters import ALGORITHM, validate
from rehearsal.programs.xgboost_serve import Predictor, load_booster
from rehearsal.programs.xgboost_train import main
from tests.unit.training_folders import CSV, Job, csv_of, table

HYPERPARAMETERS = {
    "num_round": "10",
    "max_depth": "4",
    "eta": "0.3",
    "objective": "binary:logistic",
    "eval_metric": "auc,logloss",
}


def library(rows: np.ndarray, rounds: int = 10) -> xgb.Booster:
    parameters = {"max_depth": 4, "eta": 0.3, "objective": "binary:logistic"}
    return xgb.train(parameters, xgb.DMatrix(rows[:, 1:], rows[:, 0]), rounds)


@pytest.fixture(scope="module")
def booster() -> xgb.Booster:
    return library(table())


def test_training_is_the_librarys_and_is_logged_like_the_container(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = table()
    job.configure(HYPERPARAMETERS, train=CSV, validation=CSV)
    job.write("train", "fold-1/part-1-00000.csv", csv_of(rows[:2000]))
    job.write("train", "fold-2/part-2-00000.csv", csv_of(rows[2000:4000]))
    job.write("validation", "part-0-00000.csv", csv_of(rows[4000:]))
    assert main() == 0
    trained = load_booster(job.base / "model")
    matrix = xgb.DMatrix(rows[:, 1:])
    assert np.array_equal(trained.predict(matrix), library(rows[:4000]).predict(matrix))
    output = capsys.readouterr().out
    scores = re.findall(r"^\[(\d+)\]#011train-auc:(\S+)#011train-logloss:\S+", output, re.M)
    assert [int(number) for number, _ in scores] == list(range(10))
    validation = re.findall(r".*\[[0-9]+\].*#011validation-auc:([0-9.]+)", output)
    assert len(validation) == 10
    assert "Train matrix has 4000 rows and 5 columns" in output


def test_libsvm_is_the_default_content_type(job: Job) -> None:
    rows = np.nan_to_num(table()[:800])
    path = job.base / "input" / "data" / "train" / "part.libsvm"
    path.parent.mkdir(parents=True)
    dump_svmlight_file(rows[:, 1:], rows[:, 0], str(path), zero_based=True)
    job.configure(HYPERPARAMETERS, train={"TrainingInputMode": "File"})
    assert main() == 0
    booster = load_booster(job.base / "model")
    assert booster.num_features() == 5
    lines = path.read_text().splitlines()[:3]
    unlabelled = "\n".join(line.split(" ", 1)[1] for line in lines)
    answers = [
        Predictor(booster, False).invoke(Request(body.encode(), "text/x-libsvm", "")).body
        for body in ("\n".join(lines), unlabelled)
    ]
    assert answers[0] == answers[1]
    assert answers[0].count(b",") == 2


def test_csv_under_the_default_content_type_fails_like_the_container(job: Job) -> None:
    job.configure(HYPERPARAMETERS, train={"TrainingInputMode": "File"})
    job.write("train", "part.csv", "1,2,3\n0,1,2\n")
    assert main() == 1
    assert job.failure.startswith("UserError: Failed to load libsvm data")


def test_weights_early_stopping_and_added_metrics(
    job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = table()
    weighted = np.insert(rows, 1, 1.0, axis=1)
    job.configure(
        HYPERPARAMETERS
        | {
            "num_round": "60",
            "eta": "1",
            "csv_weights": "1",
            "early_stopping_rounds": "2",
            "eval_metric": "f1,balanced_accuracy,auc",
        },
        train=CSV,
        validation=CSV,
    )
    job.write("train", "part.csv", csv_of(weighted[:3000]))
    job.write("validation", "part.csv", csv_of(weighted[3000:]))
    assert main() == 0
    rounds = re.findall(r"validation-auc:(\S+?)#011validation-f1", capsys.readouterr().out)
    assert len(rounds) < 60
    booster = load_booster(job.base / "model")
    assert booster.num_features() == 5
    assert booster.num_boosted_rounds() == int(np.argmax([float(score) for score in rounds])) + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"num_round": None}, "Missing required hyperparameter: num_round"),
        ({"num_round": "0"}, "Hyperparameter num_round: 0 is not in [1, +inf)"),
        ({"num_round": "ten"}, "Hyperparameter num_round: could not parse value"),
        ({"eta": "1.5"}, "Hyperparameter eta: 1.5 is not in [0, 1]"),
        ({"subsample": "0"}, "Hyperparameter subsample: 0.0 is not in (0, 1]"),
        ({"depth": "6"}, "Extraneous hyperparameter found: depth"),
        ({"booster": "tree"}, "Hyperparameter booster: tree is not in ['gbtree', "),
        ({"eval_metric": "auc,roc"}, "Hyperparameter eval_metric: value ['auc', 'roc'] not in"),
        ({"eval_metric": "auc@1"}, "Metric 'auc@1' is not supported."),
        ({"eval_metric": "error@x"}, "Threshold value 't' in 'error@t' expects float input."),
        ({"objective": "reg:squarederror"}, "Metric 'auc' can only be applied for classification"),
        ({"objective": "multi:softmax"}, "Require input for parameter 'num_class'"),
        ({"monotone_constraints": "(1,0)"}, "monotone_constraints can be used only when"),
        ({"monotone_constraints": "(2,)"}, "Hyperparameter monotone_constraints: value (2,)"),
        ({"interaction_constraints": "[["}, "Hyperparameter interaction_constraints: could not"),
        ({"tree_method": "gpu_hist"}, "The rehearsal has no GPU"),
        ({"_kfold": "5"}, "Hyperparameter _kfold: the rehearsal does not"),
    ],
)
def test_wrong_hyperparameters_fail_like_the_container(
    job: Job, change: dict[str, str | None], message: str
) -> None:
    changed = HYPERPARAMETERS | change
    job.configure({name: text for name, text in changed.items() if text is not None}, train=CSV)
    assert main() == 1
    assert job.failure.startswith(f"UserError: {message}")
    assert not (job.base / "model" / "xgboost-model").exists()


NUMBERS = {
    name: each.range for name, each in ALGORITHM.specifications.items() if each.type == "number"
}


@given(st.sampled_from(sorted(NUMBERS)), st.floats())
def test_a_number_is_taken_exactly_when_it_is_in_its_range(name: str, value: float) -> None:
    hyperparameters = {"num_round": "1", name: repr(value)}
    if value in NUMBERS[name]:
        assert validate(hyperparameters)[name] == value
    else:
        with pytest.raises(UserError, match=re.escape(f"{value} is not in {NUMBERS[name]}")):
            validate(hyperparameters)


def test_an_alias_is_its_hyperparameter() -> None:
    assert validate({"num_round": "1", "learning_rate": "0.5"})["eta"] == 0.5


@pytest.mark.parametrize(
    ("channels", "files", "message"),
    [
        ({}, {}, "UserError: Missing required channel: train"),
        ({"train": CSV, "test": CSV}, {}, "UserError: Extraneous channel found: test"),
        ({"train": CSV}, {}, "UserError: No data in training channel path "),
        ({"train": CSV}, {"train/a.csv": ""}, "UserError: No data in training channel path "),
        (
            {"train": CSV, "validation": CSV},
            {"train/a.csv": "1,2\n0,3\n"},
            "UserError: No data in validation channel path ",
        ),
        (
            {"train": CSV | {"ContentType": "image/png"}},
            {"train/a.csv": "1,2\n"},
            "UserError: image/png is not an accepted ContentType: csv, text/csv",
        ),
        (
            {"train": CSV | {"ContentType": "text/csv;label_size=2"}},
            {"train/a.csv": "1,2\n"},
            "UserError: text/csv;label_size=2 is not an accepted csv ContentType",
        ),
        (
            {"train": CSV},
            {"train/a.csv": "label,month\n1,2\n"},
            "UserError: First line 'label,month...' of file 'a.csv' is not 'CSV' format.",
        ),
        (
            {"train": CSV},
            {"train/a.csv": "1,2\n0,3\n", "train/b.csv": "1,2,3\n"},
            "UserError: Failed to load csv data: files of [2, 3] columns",
        ),
        (
            {"train": CSV},
            {"train/a/b/c/d.csv": "1,2\n0,3\n"},
            "UserError: Folder depth exceed the limit: 3.",
        ),
        (
            {"train": CSV},
            {"train/a.csv": "5,2\n0,3\n"},
            "UserError: label must be in [0,1] for logistic regression",
        ),
    ],
)
def test_wrong_channels_fail_like_the_container(
    job: Job, channels: dict[str, Any], files: dict[str, str], message: str
) -> None:
    job.configure(HYPERPARAMETERS, **channels)
    for key, text in files.items():
        channel, name = key.split("/", 1)
        job.write(channel, name, text)
    assert main() == 1
    assert job.failure.startswith(message)


def test_a_failure_of_the_library_is_told_in_its_words(job: Job) -> None:
    job.configure({"num_round": "1", "objective": "multi:softmax", "num_class": "2"}, train=CSV)
    job.write("train", "a.csv", "7,2\n0,3\n")
    assert main() == 1
    assert job.failure.startswith("UserError: ")
    assert "label must be discrete values in the range of [0, num_class)" in job.failure
    assert len(job.failure.splitlines()) == 1


def test_sigterm_keeps_the_model_if_it_is_asked_for(job: Job) -> None:
    job.configure(
        HYPERPARAMETERS | {"num_round": "1000000", "save_model_on_termination": "true"}, train=CSV
    )
    job.write("train", "a.csv", csv_of(table()[:500]))
    process = subprocess.Popen(
        [sys.executable, "-m", "rehearsal.programs.xgboost_train"],
        env=os.environ | {"SAGEMAKER_BASE_DIR": str(job.base), "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("[5]"):
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert load_booster(job.base / "model").num_boosted_rounds() > 5


@pytest.mark.parametrize(("batch", "separator"), [(False, ","), (True, "\n")])
def test_predictions_are_the_librarys(booster: xgb.Booster, batch: bool, separator: str) -> None:
    rows = table()[:50, 1:]
    expected = booster.predict(xgb.DMatrix(rows)).tolist()
    response = Predictor(booster, batch).invoke(Request(csv_of(rows).encode(), "text/csv", ""))
    text = response.body.decode()
    assert text.endswith("\n") is batch
    assert [float(score) for score in text.strip().split(separator)] == expected
    assert response.content_type == "text/csv"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        (b"1,2,3", "text/csv", 400, "Feature size of csv inference data 3 is not consistent"),
        (b"1,2,3,4,5\n1,2", "text/csv", 400, "trained model 5 (row 2)"),
        (b"0:1 9:3", "text/libsvm", 400, "Feature size of libsvm inference data 10 is larger"),
        (b"1,2,x,4,5", "text/csv", 415, "please ensure data is in csv format"),
        (b"\xff\xfe", "text/csv", 415, "please ensure data is in csv format"),
        (b"a:b", "text/libsvm", 415, "please ensure data is in libsvm format"),
        (b"{}", "application/json", 415, "application/json is not an accepted ContentType"),
    ],
)
def test_a_bad_request_gets_the_containers_status(
    booster: xgb.Booster, body: bytes, content_type: str, status: int, message: str
) -> None:
    with pytest.raises(ServingError, match=re.escape(message)) as refused:
        Predictor(booster, False).invoke(Request(body, content_type, ""))
    assert refused.value.status == status


def test_an_empty_body_has_no_content(booster: xgb.Booster) -> None:
    assert Predictor(booster, False).invoke(Request(b"", "text/csv", "")).status == 204


def test_a_folder_without_a_readable_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no xgboost-model in .*, but no file"):
        load_booster(tmp_path)
    (tmp_path / "xgboost-model").write_bytes(b"not a model")
    with pytest.raises(UserError, match="xgboost-model cannot be loaded"):
        load_booster(tmp_path)


@pytest.mark.parametrize("program", ["xgboost_train", "xgboost_serve"])
def test_a_program_starts_without_scikit_learn_and_can_use_it_later(program: str) -> None:
    code = (
        f"import sys, rehearsal.programs.{program}\n"
        "print([name for name in ('pandas', 'sklearn') if name in sys.modules])\n"
        "from rehearsal.programs.xgboost_metrics import added_metrics\n"
        "print(added_metrics(['f1']) is not None, 'sklearn' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[]", "True True"]
