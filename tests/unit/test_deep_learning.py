"""The deep-learning script, by hand: what it learns, keeps, resumes and refuses."""

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from tests.unit.toolkit import toolkit_job, write

torch = pytest.importorskip("torch", reason="requirements-torch.txt is not installed")

from algorithms.deep_learning import train as script  # noqa: E402
from tabular_network import fitting  # noqa: E402
from tabular_network.checkpoints import save_checkpoint  # noqa: E402
from tabular_network.columns import learn_columns  # noqa: E402

torch.set_num_threads(1)  # the tests run beside each other
SOURCE = Path(script.__file__)
SMALL = ["--hidden_layer_sizes", "16", "--batch_size", "100", "--max_iter", "4"]
# Only an embedding can tell these categories apart: their codes have no order.
EFFECTS = np.array([2.0, -2.0, 1.5, -1.5, 2.5, -2.5, 0.5])


def rows(count: int, seed: int = 0) -> np.ndarray:
    """Label, a number whose middle tells, a category that tells; some cells are missing."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=count)
    categories = random.integers(len(EFFECTS), size=count)
    logits = EFFECTS[categories] + 2 * (np.abs(numbers) < 0.7) - 1
    labels = random.random(count) < 1 / (1 + np.exp(-logits))
    table = np.column_stack([labels, numbers, categories]).astype(float)
    table[random.random(count) < 0.05, 1] = np.nan
    table[random.random(count) < 0.05, 2] = np.nan
    return table


@pytest.fixture
def channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "train" / "fold-1" / "part-1-00000.csv", rows(1000, 1))
    write(tmp_path / "train" / "fold-2" / "part-2-00000.csv", rows(1000, 2))
    write(tmp_path / "validation" / "part-0-00000.csv", rows(1000, 3))
    monkeypatch.setenv("SM_CHANNEL_TRAIN", str(tmp_path / "train"))
    monkeypatch.setenv("SM_CHANNEL_VALIDATION", str(tmp_path / "validation"))
    monkeypatch.setenv("SM_MODEL_DIR", str(tmp_path / "model"))
    monkeypatch.setenv("CATEGORICAL_COLUMNS", "1")
    for absent in ("SM_HOSTS", "SM_CURRENT_HOST"):
        monkeypatch.delenv(absent, raising=False)
    return tmp_path


@pytest.fixture
def under_sagemaker(channels: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With the toolkit's variables there are checkpoints."""
    monkeypatch.setenv("SM_CURRENT_HOST", "algo-1")
    monkeypatch.setenv("SM_HOSTS", '["algo-1"]')
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(channels))
    return channels


def scores(folder: Path, features: np.ndarray) -> np.ndarray:
    return script.predict_fn(features, script.model_fn(str(folder / "model")))


def test_it_learns_categories_and_reports_what_it_serves(
    channels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.main(["--max_iter", "6", "--batch_size", "100"])
    output = capsys.readouterr().out
    lines = re.findall(
        r"^train:loss=([0-9.]+);.* validation:loss=([0-9.]+); validation:auc=([0-9.]+);$",
        output,
        re.MULTILINE,
    )
    assert 2 <= len(lines) <= 7  # one an epoch, one of the model that is kept
    validation = rows(1000, 3)
    body = "\n".join(
        line.split(",", 1)[1]
        for line in (channels / "validation" / "part-0-00000.csv").read_text().splitlines()
    )
    model = script.model_fn(str(channels / "model"))
    prediction = script.predict_fn(script.input_fn(body, "text/csv"), model)
    answer = script.output_fn(prediction, "text/csv")
    served = [float(line) for line in answer.splitlines()]
    assert roc_auc_score(validation[:, 0], served) > 0.8
    assert float(lines[-1][2]) == pytest.approx(roc_auc_score(validation[:, 0], served), abs=1e-5)
    assert float(lines[-1][1]) == pytest.approx(log_loss(validation[:, 0], served), abs=1e-5)


def test_the_same_random_state_gives_the_same_model(channels: Path) -> None:
    features = rows(50, 5)[:, 1:]
    script.main(SMALL)
    first = scores(channels, features)
    script.main(SMALL)
    assert np.array_equal(scores(channels, features), first)
    script.main([*SMALL, "--random_state", "7"])
    assert not np.array_equal(scores(channels, features), first)


def test_missing_and_unseen_values_have_a_score(channels: Path) -> None:
    script.main(SMALL)
    unseen, missing, seen = scores(channels, np.array([[0, 99], [0, np.nan], [0, 4]]))
    assert unseen == missing
    assert 0 < missing < seen < 1


def test_the_validation_channel_does_not_choose_the_epoch(channels: Path) -> None:
    features = rows(50, 5)[:, 1:]
    script.main(SMALL)
    first = scores(channels, features)
    write(channels / "validation" / "part-0-00000.csv", rows(1000, 4))
    script.main(SMALL)
    assert np.array_equal(scores(channels, features), first)


def test_no_better_epoch_ends_the_training(
    channels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--max_iter", "60", "--n_iter_no_change", "2", "--learning_rate_init", "0.1"]
    script.main([*SMALL, *arguments])
    output = capsys.readouterr().out
    losses = [float(loss) for loss in re.findall(r"early_stopping:loss=([0-9.]+);", output)]
    assert len(losses) < 60
    best = losses.index(min(losses)) + 1
    assert best == len(losses) - 2
    assert f"the model is that of epoch {best}\n" in output


class Interruption(Exception):
    """Takes the place of a spot instance that is taken away."""


def test_an_interrupted_training_goes_on_to_the_same_model(
    under_sagemaker: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    features = rows(50, 5)[:, 1:]
    script.main(SMALL)
    uninterrupted = scores(under_sagemaker, features)
    (under_sagemaker / "checkpoints" / "checkpoint.pt").unlink()
    saved = 0

    def interrupted(*arguments: object) -> None:
        nonlocal saved
        save_checkpoint(*arguments)  # type: ignore[arg-type]
        saved += 1
        if saved == 2:
            raise Interruption

    monkeypatch.setattr(fitting, "save_checkpoint", interrupted)
    with pytest.raises(Interruption):
        script.main(SMALL)
    capsys.readouterr()
    script.main(SMALL)
    output = capsys.readouterr().out
    assert "went on after epoch 2, from a checkpoint" in output
    assert len(re.findall("early_stopping:loss=", output)) == 2
    assert np.array_equal(scores(under_sagemaker, features), uninterrupted)


def test_a_checkpoint_of_another_training_is_refused(under_sagemaker: Path) -> None:
    script.main(SMALL)
    with pytest.raises(SystemExit, match=r"of a training with other shape, batch_size; allowed:"):
        script.main([*SMALL, "--batch_size", "64", "--embedding_dim", "2"])


def test_without_the_toolkit_there_is_no_checkpoint(
    channels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(channels))
    script.main(SMALL)
    assert not (channels / "checkpoints").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (rows(100)[:, :1] * 0, r"has labels of 1 class\(es\); allowed: 2"),
        (rows(5), "the train channel has too few rows"),
        (rows(100)[:, :2], "CATEGORICAL_COLUMNS has 1; allowed: positions from 0 to 0"),
    ],
)
def test_bad_data_ends_it_with_one_line(channels: Path, table: np.ndarray, message: str) -> None:
    write(channels / "few" / "part.csv", table)
    with pytest.raises(SystemExit, match=f"ValueError: .*{message}"):
        script.main(["--train", str(channels / "few")])


def test_positions_that_are_no_numbers_are_refused(
    channels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATEGORICAL_COLUMNS", "carrier")
    with pytest.raises(SystemExit, match="CATEGORICAL_COLUMNS is 'carrier'; allowed: such as 3,4"):
        script.main([])


def test_a_loss_that_is_no_number_is_told(channels: Path) -> None:
    with pytest.raises(SystemExit, match="loss of epoch 1 is no number with learning_rate_init"):
        script.main([*SMALL, "--learning_rate_init", "1e30"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--hidden_layer_sizes", "16,0"],
        ["--hidden_layer_sizes", "many"],
        ["--dropout", "1"],
        ["--learning_rate_init", "0"],
        ["--batch_size", "0"],
        ["--validation_fraction", "1"],
        ["--unknown", "1"],
    ],
)
def test_wrong_hyperparameters_are_refused(channels: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match=f"ValueError: .*{arguments[0]}"):
        script.main(arguments)


def test_rows_of_another_width_are_refused(channels: Path) -> None:
    script.main(SMALL)
    with pytest.raises(ValueError, match="rows have 3 features; allowed: 2, as in the training"):
        scores(channels, np.zeros((1, 3)))


def test_it_trains_under_the_sagemaker_toolkit(tmp_path: Path) -> None:
    write(tmp_path / "input" / "data" / "train" / "part.csv", rows(500))
    hyperparameters = {"hidden_layer_sizes": '"8,4"', "max_iter": "2"}
    result = toolkit_job(tmp_path, SOURCE, hyperparameters, CATEGORICAL_COLUMNS="1")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "train:loss=0." in result.stdout
    assert (tmp_path / "checkpoints" / "checkpoint.pt").is_file()
    model = script.model_fn(str(tmp_path / "model"))
    assert [layer.out_features for layer in model.network.layers[::3]] == [8, 4, 1]
    # The inference container has only the model: the code must be in it, with what it imports.
    code = tmp_path / "model" / "code"
    names = {path.relative_to(code).as_posix() for path in code.rglob("*.py")}
    assert {"train.py", "tabular_script/requests.py", "tabular_network/model.py"} <= names


def test_columns_know_categories_bins_and_what_is_missing() -> None:
    features = np.array([[0.0, 5], [1, 7], [2, 5], [3, np.nan], [np.nan, 7]])
    columns = learn_columns(features, [1], n_bins=2)
    assert columns.cardinalities == [3, 3]
    codes, numbers = columns.encode(np.array([[0.0, 5], [3, 7], [np.nan, 6], [9, np.nan]]))
    assert codes.tolist() == [[1, 1], [2, 2], [0, 0], [0, 2]]
    known = np.array([0.0, 1, 2, 3])
    expected = (np.array([0, 3, known.mean(), 9]) - known.mean()) / known.std()
    assert numbers[:, 0] == pytest.approx(expected)
