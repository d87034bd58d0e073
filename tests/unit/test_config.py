"""What a lifecycle file becomes once it is loaded."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import pydantic
import pytest
import yaml

import config
import evaluation.metrics

ROOT = Path(__file__).resolve().parents[2]
COLUMNS_KNOWN_AFTER_DEPARTURE = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"}


@pytest.fixture
def document() -> dict[str, Any]:
    """The project's file with the candidates that are enabled."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
    loaded["candidates"] = [each for each in loaded["candidates"] if each.get("enabled", True)]
    return loaded


def load(folder: Path, document: dict[str, Any] | str) -> config.Lifecycle:
    shutil.copytree(ROOT / "algorithms", folder / "algorithms", dirs_exist_ok=True)
    path = folder / "lifecycle.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
    return config.load(path)


def test_the_projects_own_file_is_right() -> None:
    lifecycle = config.load(ROOT / "lifecycle.yaml")

    assert lifecycle.path == ROOT / "lifecycle.yaml"
    assert [(c.name, c.option) for c in lifecycle.candidates] == [
        ("xgboost", "built_in"),
        ("logistic-regression", "script"),
    ]
    assert lifecycle.data.example == config.BUNDLED_EXAMPLE


def test_no_feature_of_the_projects_own_file_leaks_the_outcome(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    features = load(tmp_path, document).data.features

    used = {*features.numeric, *features.categorical}
    used |= {derived.from_ for derived in features.derived.values()}
    assert not used & COLUMNS_KNOWN_AFTER_DEPARTURE


def test_loaded_file_is_frozen(tmp_path: Path, document: dict[str, Any]) -> None:
    lifecycle = load(tmp_path, document)

    with pytest.raises(pydantic.ValidationError):
        lifecycle.data.split.n_splits = 3


def test_paths_are_relative_to_the_file_and_come_out_absolute(
    tmp_path: Path, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.csv.gz").touch()
    document["data"]["example"] = "mine.csv.gz"
    load(tmp_path, document)
    monkeypatch.chdir(tmp_path)

    lifecycle = config.load("lifecycle.yaml")

    assert lifecycle.path == tmp_path / "lifecycle.yaml"
    assert lifecycle.data.example == tmp_path / "mine.csv.gz"
    entries = [candidate.entry for candidate in lifecycle.candidates]
    (script,) = (entry for entry in entries if isinstance(entry, config.Script))
    assert script.script == tmp_path / "algorithms/logistic_regression/train.py"
    assert script.dependencies == (tmp_path / "algorithms/libraries/tabular_script",)


def test_list_of_values_becomes_a_candidate_for_each_combination(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    document["candidates"][0]["hyperparameters"] |= {"max_depth": [4, 6], "eta": [0.1, 0.3]}

    candidates = load(tmp_path, document).candidates

    assert [c.name for c in candidates] == [
        "xgboost-1",
        "xgboost-2",
        "xgboost-3",
        "xgboost-4",
        "logistic-regression",
    ]
    depth_and_eta = {
        (c.hyperparameters["max_depth"], c.hyperparameters["eta"]) for c in candidates[:4]
    }
    assert depth_and_eta == {(4, 0.1), (4, 0.3), (6, 0.1), (6, 0.3)}
    assert all(c.hyperparameters["num_round"] == 100 for c in candidates[:4])
    assert all(c.option == "built_in" for c in candidates[:4])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["logistic-regression"]),
        ("all", ["xgboost-1", "xgboost-2", "logistic-regression"]),
        ("xgboost", ["xgboost-1", "xgboost-2"]),
        (" logistic-regression, xgboost", ["xgboost-1", "xgboost-2", "logistic-regression"]),
    ],
)
def test_the_candidates_that_run_can_be_chosen(
    tmp_path: Path, document: dict[str, Any], asked: str, found: list[str]
) -> None:
    document["candidates"] = document["candidates"][:2]
    document["candidates"][0]["enabled"] = False
    document["candidates"][0]["hyperparameters"]["eta"] = [0.1, 0.3]

    load(tmp_path, document)
    lifecycle = config.load(tmp_path / "lifecycle.yaml", config.names(asked))

    assert [candidate.name for candidate in lifecycle.candidates] == found


def test_a_choice_of_candidates_that_cannot_be_is_refused(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    document["candidates"] = document["candidates"][:1]
    document["candidates"][0]["enabled"] = False
    document["evaluation"]["finalists"] = 1

    with pytest.raises(config.ConfigurationError, match="got no candidate that is enabled"):
        load(tmp_path, document)
    with pytest.raises(config.ConfigurationError, match=r"got 'xgb'; allowed: all, or names amo"):
        config.load(tmp_path / "lifecycle.yaml", ("xgb",))


def test_name_that_a_grid_makes_may_not_be_taken(tmp_path: Path, document: dict[str, Any]) -> None:
    document["candidates"][0]["hyperparameters"]["eta"] = [0.1, 0.3]
    document["candidates"][1]["name"] = "xgboost-2"

    with pytest.raises(config.ConfigurationError, match=r"candidates\[1\].name: got 'xgboost-2' a"):
        load(tmp_path, document)


def test_hyperparameters_keep_their_types(tmp_path: Path, document: dict[str, Any]) -> None:
    given = {"flag": True, "one": 1, "real": 1.0, "text": "1"}
    document["candidates"][1]["hyperparameters"] = given

    loaded = load(tmp_path, document).candidates[1].hyperparameters

    assert [(k, type(v), v) for k, v in loaded.items()] == [
        (k, type(v), v) for k, v in sorted(given.items())
    ]


def test_scalars_follow_yaml_1_2(tmp_path: Path) -> None:
    text = (ROOT / "lifecycle.yaml").read_text()
    text = re.sub(r"n_bins: \d+\n +C: 1.0", "{C: 1e-3, a: no, b: 12:30}", text)

    loaded = load(tmp_path, text).candidates[1].hyperparameters

    assert loaded == {"C": 0.001, "a": "no", "b": "12:30"}


def test_anchors_may_be_used(tmp_path: Path) -> None:
    text = (ROOT / "lifecycle.yaml").read_text()
    text = text.replace("n_splits: 5 ", "n_splits: &k 5 ").replace("  folds: 2 ", "  folds: *k ")

    assert load(tmp_path, text).parallel.folds == 5


def test_what_is_left_out_has_a_default(tmp_path: Path, document: dict[str, Any]) -> None:
    for section in ("storage", "processing", "parallel", "batch"):
        del document[section]
    del document["data"]["split"]

    lifecycle = load(tmp_path, document)

    assert lifecycle.storage.retain is True
    assert lifecycle.data.split.n_splits == 5
    assert lifecycle.batch.input_prefix == "batch/input/"


@pytest.mark.parametrize(
    ("text", "metric", "operator", "value"),
    [
        ("test_roc_auc >= 0.70", "test_roc_auc", ">=", 0.7),
        ("test_log_loss<.5", "test_log_loss", "<", 0.5),
        ("  test_brier  <=  2e-1 ", "test_brier", "<=", 0.2),
        ("test_f1 > -1", "test_f1", ">", -1.0),
    ],
)
def test_gates_are_parsed(
    tmp_path: Path, document: dict[str, Any], text: str, metric: str, operator: str, value: float
) -> None:
    document["evaluation"]["gates"] = [text]

    (gate,) = load(tmp_path, document).evaluation.gates

    assert isinstance(gate, config.Gate)
    assert (gate.metric, gate.operator, gate.value) == (metric, operator, value)
    document["evaluation"]["gates"] = [str(gate)]
    assert load(tmp_path, document).evaluation.gates == (gate,)


def test_data_section_as_json_has_the_files_keys(tmp_path: Path, document: dict[str, Any]) -> None:
    dumped = load(tmp_path, document).data.model_dump(mode="json", by_alias=True)

    assert json.loads(json.dumps(dumped)) == document["data"]


def test_committed_schema_is_current(tmp_path: Path) -> None:
    config.write_schema(tmp_path / "schema.json")

    committed = ROOT / "config" / "lifecycle.schema.json"
    assert committed.read_text() == (tmp_path / "schema.json").read_text(), (
        "write it again: python -c 'import config; "
        'config.write_schema("config/lifecycle.schema.json")\''
    )


def test_first_line_points_editors_at_the_schema() -> None:
    first = (ROOT / "lifecycle.yaml").read_text().splitlines()[0]

    assert first == "# yaml-language-server: $schema=config/lifecycle.schema.json"


def test_schema_accepts_the_projects_file_and_refuses_a_misspelt_key(
    document: dict[str, Any],
) -> None:
    schema = json.loads((ROOT / "config" / "lifecycle.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    document["candidates"][0]["hyperparameters"]["eta"] = [0.1, 0.3]
    jsonschema.validate(document, schema)

    document["candidates"][0]["instance_kind"] = "ml.m5.large"

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_the_file_and_the_functions_call_the_metrics_alike() -> None:
    assert config.METRICS == evaluation.metrics.METRICS
