"""The logistic regression script, by hand and under SageMaker's own training toolkit."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from algorithms.logistic_regression import train as script
from tests.unit.toolkit import toolkit_job, write

SOURCE = Path(script.__file__)


def rows(count: int, seed: int = 0) -> np.ndarray:
    """Label, two features that tell, one that does not; some cells are missing."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(count, 3))
    labels = features[:, 0] + np.abs(features[:, 1]) + random.normal(size=count) > 1
    features[random.random((count, 3)) < 0.05] = np.nan
    return np.column_stack([labels, features])


@pytest.fixture
def channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "train" / "fold-1" / "part-1-00000.csv", rows(1500, 1))
    write(tmp_path / "train" / "fold-2" / "part-2-00000.csv", rows(1500, 2))
    write(tmp_path / "validation" / "part-0-00000.csv", rows(1000, 3))
    monkeypatch.setenv("SM_CHANNEL_TRAIN", str(tmp_path / "train"))
    monkeypatch.setenv("SM_CHANNEL_VALIDATION", str(tmp_path / "validation"))
    monkeypatch.setenv("SM_MODEL_DIR", str(tmp_path / "model"))
    return tmp_path


def test_it_learns_from_all_files_and_reports_what_it_serves(
    channels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.main(["--n_bins", "16", "--C", "0.5"])
    output = capsys.readouterr().out
    assert "read 3,000 rows, 3 features" in output
    model = script.model_fn(str(channels / "model"))
    assert model.named_steps["bin"].n_bins == 16
    assert model.named_steps["classify"].C == 0.5
    validation = rows(1000, 3)
    body = "\n".join(
        line.split(",", 1)[1]
        for line in (channels / "validation" / "part-0-00000.csv").read_text().splitlines()
    )
    answer = script.output_fn(
        script.predict_fn(script.input_fn(body, "text/csv"), model), "text/csv"
    )
    scores = [float(line) for line in answer.splitlines()]
    assert scores == pytest.approx(model.predict_proba(validation[:, 1:])[:, 1])
    auc = roc_auc_score(validation[:, 0], scores)
    assert auc > 0.75
    found = re.search(r"^validation:auc=([0-9.]+)", output, re.MULTILINE)
    assert found is not None
    assert float(found[1]) == pytest.approx(auc, abs=1e-5)
    assert re.search(r"^train:auc=([0-9.]+)", output, re.MULTILINE)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no csv file in the channel"),
        ("a,1\nb,2\n", "bad.csv: not rows of numbers"),
        ("1,2\n1,3\n", "has labels of 1 class(es); allowed: 2"),
        (",2\n1,3\n", "has rows without a label in the first column"),
    ],
)
def test_bad_data_ends_it_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, message: str
) -> None:
    monkeypatch.delenv("SM_CHANNEL_VALIDATION", raising=False)
    if content is not None:
        (tmp_path / "bad.csv").write_text(content)
    with pytest.raises(SystemExit) as stopped:
        script.main(["--train", str(tmp_path), "--model-dir", str(tmp_path / "model")])
    assert message in str(stopped.value.code)


def test_files_of_other_widths_are_refused(channels: Path) -> None:
    write(channels / "train" / "z.csv", rows(10)[:, :3])
    with pytest.raises(SystemExit, match=r"z\.csv: 3 columns, but the files before it have 4"):
        script.main([])


@pytest.mark.parametrize(
    "arguments", [["--n_bins", "1"], ["--C", "0"], ["--C", "x"], ["--unknown", "1"]]
)
def test_wrong_hyperparameters_are_refused(channels: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match=f"ValueError: .*{arguments[0]}"):
        script.main(arguments)


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        ("[1, 2]", "application/json", "'application/json' is not supported; allowed: text/csv"),
        ("", "text/csv", "the body is empty"),
        ("1,2\n3\n", "text/csv", "row 2 has 1 cells, but row 1 has 2"),
        ("1,x\n", "text/csv", "not rows of numbers"),
    ],
)
def test_a_bad_request_is_refused(body: str, content_type: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        script.input_fn(body, content_type)


def test_the_body_may_be_bytes_and_the_type_may_have_a_charset() -> None:
    data = script.input_fn(b"1,,3\n4,5,6\n", "text/csv; charset=utf-8")
    assert np.array_equal(data, np.array([[1, np.nan, 3], [4, 5, 6]]), equal_nan=True)


def test_answers_are_lines_or_a_list_and_nothing_else() -> None:
    prediction = np.array([0.25, 0.5])
    assert script.output_fn(prediction, "text/csv") == "0.25\n0.5\n"
    assert json.loads(script.output_fn(prediction, "application/json")) == [0.25, 0.5]
    with pytest.raises(ValueError, match="accept 'image/png' is not supported"):
        script.output_fn(prediction, "image/png")


def test_it_trains_under_the_sagemaker_toolkit(tmp_path: Path) -> None:
    write(tmp_path / "input" / "data" / "train" / "part.csv", rows(500))
    result = toolkit_job(tmp_path, SOURCE, {"n_bins": "8", "C": "1.0"})
    assert result.returncode == 0, result.stdout + result.stderr
    assert "train:auc=0." in result.stdout
    assert script.model_fn(str(tmp_path / "model")).named_steps["bin"].n_bins == 8


def test_what_is_wrong_reaches_the_failure_reason(tmp_path: Path) -> None:
    write(tmp_path / "input" / "data" / "train" / "part.csv", rows(500)[:, :1] * 0)
    result = toolkit_job(tmp_path, SOURCE, {"C": "-1"})
    assert result.returncode == 1
    failure = (tmp_path / "output" / "failure").read_text()
    assert "ValueError: argument -C/--C: got -1; allowed: greater than 0" in failure
