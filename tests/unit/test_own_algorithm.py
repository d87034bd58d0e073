"""The container of our own: its `train` and `serve`, run as SageMaker runs them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from algorithms.own.boosting import training

PROGRAMS = Path(__file__).parents[2] / "algorithms" / "own"
FEATURES, LABELS = load_breast_cancer(return_X_y=True)
ROWS = np.column_stack([LABELS, FEATURES])


def csv(rows: np.ndarray) -> str:
    lines = (",".join("" if np.isnan(cell) else f"{cell:g}" for cell in row) for row in rows)
    return "".join(f"{line}\n" for line in lines)


class Job:
    """A folder that stands for /opt/ml, and what runs on it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        (base / "model").mkdir(parents=True)
        self.configure()

    def configure(self, hosts: int = 1, **hyperparameters: Any) -> None:
        folder = self.base / "input" / "config"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "hyperparameters.json").write_text(json.dumps(hyperparameters))
        names = [f"algo-{number}" for number in range(1, hosts + 1)]
        (folder / "resourceconfig.json").write_text(json.dumps({"hosts": names}))

    def put(self, channel: str, *files: str) -> None:
        folder = self.base / "input" / "data" / channel
        folder.mkdir(parents=True)
        for number, text in enumerate(files):
            (folder / f"part-{number}.csv").write_text(text)

    def command(self, program: str) -> list[str]:
        return [sys.executable, str(PROGRAMS / program)]

    def environment(self, **variables: str) -> dict[str, str]:
        return {**os.environ, "SAGEMAKER_BASE_DIR": str(self.base), **variables}

    def train(self) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command("train"),
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def train_here(self, categorical: str = "") -> str:
        """What the program says at its end, without a process: fast."""
        variables = {"SAGEMAKER_BASE_DIR": str(self.base), "CATEGORICAL_COLUMNS": categorical}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            try:
                training.main()
            except SystemExit as ended:
                return str(ended.code)
        return ""

    @property
    def failure(self) -> str:
        return (self.base / "output" / "failure").read_text()

    @property
    def model(self) -> Any:
        return joblib.load(self.base / "model" / "model.joblib")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def test_it_learns_from_all_files_and_reports_its_metrics(job: Job) -> None:
    job.put("train", csv(ROWS[:200]), csv(ROWS[200:400]))
    job.put("validation", csv(ROWS[400:]))
    job.configure(max_iter="20", learning_rate="0.2")
    done = job.train()
    assert done.returncode == 0, done.stderr
    assert "read 400 rows, 30 features" in done.stdout
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("validation:auc="))
    scores = job.model.predict_proba(FEATURES[400:])[:, 1]
    auc = roc_auc_score(LABELS[400:], scores)
    assert float(line.removeprefix("validation:auc=").rstrip(";")) == pytest.approx(auc, abs=1e-6)
    assert auc > 0.97
    assert job.model["boost"].n_iter_ == 20
    assert not (job.base / "output").exists()


def test_what_a_tuning_job_adds_is_no_hyperparameter(job: Job) -> None:
    job.put("train", csv(ROWS))
    job.configure(max_iter="5", _tuning_objective_metric="validation:auc")
    assert job.train_here("") == ""


def test_codes_of_categories_are_categories_and_not_numbers(job: Job) -> None:
    random = np.random.default_rng(0)
    codes = random.integers(0, 40, size=2000)
    positive = random.permutation(40) < 20  # which codes go with the label says no order
    job.put("train", csv(np.column_stack([positive[codes], np.zeros(2000), codes])))
    job.configure(max_iter="5", max_leaf_nodes="2")
    scores = {}
    for columns in ("", "1"):
        assert job.train_here(columns) == ""
        rows = np.column_stack([np.zeros(40), np.arange(40)])
        scores[columns] = roc_auc_score(positive, job.model.predict_proba(rows)[:, 1])
    assert scores["1"] == 1.0
    assert scores[""] < 0.9
    unseen = job.model.predict_proba([[0.0, 77.0], [0.0, np.nan], [np.nan, np.nan]])
    assert np.isfinite(unseen).all()


def test_more_categories_than_bins(job: Job) -> None:
    codes = np.arange(3000) % 600
    job.put("train", csv(np.column_stack([codes % 2, codes])))
    job.configure(max_iter="5")
    assert job.train_here("0") == ""


GOOD = csv(ROWS[:50, :3])
BAD = [
    ({"eta": "1"}, "", [GOOD], "hyperparameter 'eta' is unknown; known: learning_rate, max_iter,"),
    ({"max_iter": "1.5"}, "", [GOOD], "max_iter: got '1.5'; allowed: a whole number of at least 1"),
    ({"learning_rate": "0"}, "", [GOOD], "learning_rate: got '0'; allowed: a number above 0"),
    ({"learning_rate": "nan"}, "", [GOOD], "learning_rate: got 'nan'; allowed: a number above 0"),
    ({}, "", [], "the channel train has no file"),
    ({}, "", ["\n"], "part-0.csv: there is no row"),
    ({}, "", [GOOD + "1,2\n"], "part-0.csv: the number of columns changed from 3 to 2 at row 51"),
    ({}, "", [GOOD, "1,2\n"], "part-1.csv: rows of 2 cells, but the files before it have 3"),
    ({}, "", [GOOD + "1,two,3\n"], "part-0.csv: could not convert string 'two' to float64"),
    ({}, "", [GOOD + ",2,3\n"], "the channel train has rows without a label, their first cell"),
    ({}, "", ["1,2\n1,3\n"], "the channel train has labels of 1 class(es); allowed: 2"),
    ({}, "2", [GOOD], "CATEGORICAL_COLUMNS: got '2'; allowed: positions from 0 to 1"),
]


@pytest.mark.parametrize(("hyperparameters", "categorical", "files", "said"), BAD)
def test_what_cannot_be_used_is_the_reason_of_the_failure(
    job: Job, hyperparameters: dict[str, Any], categorical: str, files: list[str], said: str
) -> None:
    job.put("train", *files)
    job.configure(**hyperparameters)
    assert job.train_here(categorical) == job.failure
    assert said in job.failure


def test_an_absent_channel_and_a_second_instance(job: Job) -> None:
    done = job.train()
    assert done.returncode == 1
    assert job.failure == "the channel train is absent"
    assert done.stderr == f"{job.failure}\n"
    job.configure(hosts=2)
    job.train_here()
    assert job.failure.startswith("got 2 instances; allowed: 1")


def test_a_stopped_job_keeps_its_trees_and_a_next_one_goes_on_from_its_checkpoint(
    job: Job,
) -> None:
    job.put("train", csv(ROWS))
    checkpoint = job.base / "checkpoints" / "model.joblib"
    checkpoint.parent.mkdir()
    job.configure(max_iter="10")
    assert job.train_here() == ""
    assert joblib.load(checkpoint)["boost"].n_iter_ == 10

    job.configure(max_iter="2000")
    process = subprocess.Popen(
        job.command("train"), env=job.environment(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = ""
    while "going on after 10 trees" not in said:
        said += process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate()
    assert process.returncode == 0
    assert "stopped after" in rest
    assert 10 <= job.model["boost"].n_iter_ < 2000


@contextmanager
def serving(job: Job) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    environment = job.environment(SAGEMAKER_BIND_TO_PORT=str(port), BIND_TO_HOST="127.0.0.1")
    process = subprocess.Popen(job.command("serve"), env=environment, stderr=subprocess.PIPE)
    address = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/ping")
                break
            except OSError:
                time.sleep(0.05)
        yield address
        process.terminate()
        assert process.wait() == 0
    finally:
        process.kill()


def post(address: str, body: str, kind: str = "text/csv") -> tuple[int, str]:
    request = urllib.request.Request(
        f"{address}/invocations", body.encode(), {"Content-Type": kind}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_server_answers_one_probability_a_line(job: Job) -> None:
    job.put("train", csv(ROWS))
    job.configure(max_iter="10")
    assert job.train_here() == ""
    some = FEATURES[:5].copy()
    some[0, 0] = np.nan
    with serving(job) as address:
        status, text = post(address, csv(some), "text/csv; charset=utf-8")
        assert status == 200
        expected = job.model.predict_proba(some)[:, 1]
        assert [float(line) for line in text.splitlines()] == pytest.approx(expected, abs=1e-3)
        assert post(address, "1,2\n") == (400, "rows of 2 cells; allowed: 30")
        assert post(address, "") == (400, "the body: there is no row")
        assert post(address, "1,2\n1\n")[0] == 400
        assert post(address, "{}", "application/json") == (
            415,
            "content type 'application/json'; allowed: text/csv",
        )
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/elsewhere")


def test_a_server_without_a_model_says_so(job: Job) -> None:
    done = subprocess.run(
        job.command("serve"), env=job.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "model.joblib cannot be loaded: [Errno 2]" in done.stderr
    assert "Traceback" not in done.stderr
