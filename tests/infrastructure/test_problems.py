"""A multiclass problem and a regression: what jobs, functions and champion are told of them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from tests.infrastructure.aws_requests import problems
from tests.infrastructure.synthesis import ROOT, Synthesis, evaluated, named, state, synthesize
from tests.infrastructure.test_candidates import specifications

XGBOOST: dict[str, Any] = {"name": "xgboost", "built_in": "xgboost", "version": "1.7-1"}
LINEAR: dict[str, Any] = {"name": "linear", "built_in": "linear-learner"}
KNN: dict[str, Any] = {"name": "knn", "built_in": "knn"}


def synthesis_of(
    folder: Path, target: dict[str, Any], rank_by: str, *candidates: dict[str, Any]
) -> Synthesis:
    document = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
    document["data"]["target"] = {"column": "arr_delay", **target}
    document["data"]["split"]["stratify"] = None
    document["candidates"] = list(candidates)
    document["evaluation"] = {
        "rank_by": rank_by,
        "finalists": 1,
        "gates": [{"not_worse_than": "champion"}],
    }
    path = folder / "lifecycle.yaml"
    path.write_text(yaml.safe_dump(document))
    return synthesize(config.load(path), folder / "cdk.out")


@pytest.fixture(scope="module")
def multiclass(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesis_of(
        tmp_path_factory.mktemp("multiclass"),
        {"classes": [1, 2, 3.5]},
        "test_f1_macro",
        XGBOOST | {"hyperparameters": {"objective": "multi:softprob", "num_round": 5}},
        LINEAR | {"hyperparameters": {"predictor_type": "multiclass_classifier"}},
    )


@pytest.fixture(scope="module")
def regression(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesis_of(
        tmp_path_factory.mktemp("regression"),
        {},
        "test_rmse",
        XGBOOST | {"hyperparameters": {"num_round": 5}},
        LINEAR | {"hyperparameters": {"predictor_type": "regressor"}},
        KNN | {"hyperparameters": {"predictor_type": "regressor", "k": 5, "sample_size": 100}},
    )


def prepared_by(synthesis: Synthesis) -> Any:
    """The configuration of the preparation."""
    files = map(json.loads, (each.read_text() for each in synthesis.directory.glob("asset.*.json")))
    (found,) = (each for each in files if "target" in each)
    return found


def champions_request(synthesis: Synthesis, accept: str) -> Any:
    arguments = state(synthesis.definition("training"), "ScoreChampion")["Arguments"]
    given = {"run": "r", "champion_model": "m", "accept": accept}
    request = named(evaluated(arguments, input=given, context={"State": {"RetryCount": 0}}))
    assert problems("sagemaker", "CreateTransformJob", request) == []
    return request


def test_an_algorithm_is_told_how_many_classes_there_are(multiclass: Synthesis) -> None:
    found = specifications(multiclass)
    assert found["xgboost"]["training"]["HyperParameters"] == {
        "num_class": "3",
        "objective": "multi:softprob",
        "num_round": "5",
    }
    assert found["linear"]["training"]["HyperParameters"]["num_classes"] == "3"


def test_the_answer_for_each_class_stays_as_it_is(multiclass: Synthesis) -> None:
    found = specifications(multiclass)["xgboost"]
    assert found["labelled"] is False
    assert found["transform"]["DataProcessing"] == {"InputFilter": "$[1:]", "OutputFilter": "$"}
    of_lines = specifications(multiclass)["linear"]["transform"]["DataProcessing"]
    assert of_lines["OutputFilter"] == "$.score"


def test_the_champions_answer_for_each_class_does_too(multiclass: Synthesis) -> None:
    request = champions_request(multiclass, "text/csv")
    assert request["DataProcessing"] == {"InputFilter": "$[1:]", "OutputFilter": "$"}
    output = state(multiclass.definition("training"), "DeleteChampionModel")["Output"]
    told = evaluated(output, input={"accept": "text/csv"}, result={})
    assert told["candidate"]["labelled"] is False


def test_a_champion_of_a_regression_has_the_labels_beside_its_scores(regression: Synthesis) -> None:
    request = champions_request(regression, "text/csv")
    assert request["DataProcessing"]["OutputFilter"] == "$[0,-1]"
    request = champions_request(regression, "application/jsonlines")
    assert request["DataProcessing"] == {"InputFilter": "$[1:]"}
    output = state(regression.definition("training"), "DeleteChampionModel")["Output"]
    told = evaluated(output, input={"accept": "text/csv"}, result={})
    assert told["candidate"]["labelled"] is True


def test_the_scores_of_a_regression_have_their_labels_beside_them(regression: Synthesis) -> None:
    found = specifications(regression)
    assert found["xgboost"]["training"]["HyperParameters"] == {"num_round": "5"}
    assert found["xgboost"]["labelled"] is True
    assert found["knn"]["transform"]["DataProcessing"]["OutputFilter"] == "$.predicted_label"


def test_what_judges_knows_the_problem(multiclass: Synthesis, regression: Synthesis) -> None:
    for synthesis, kind, classes in (
        (multiclass, "multiclass", ["1", "2", "3.5"]),
        (regression, "regression", []),
    ):
        definition = synthesis.definition("training")
        told = [
            each["Arguments"]["Payload"]["problem"]
            for name in ("ReadFoldShard", "ReadHoldoutShard", "ReadChampionShard")
            for each in [state(definition, name)]
        ]
        assert told == [{"type": kind, "classes": classes, "exact_rows": 1_000_000}] * 3


def test_the_preparation_is_told_what_the_labels_are(
    multiclass: Synthesis, regression: Synthesis
) -> None:
    found = prepared_by(multiclass)
    assert found["target"] == {"column": "arr_delay", "classes": [1, 2, 3.5]}
    assert found["split"]["stratify"] is True
    found = prepared_by(regression)
    assert found["target"] == {"column": "arr_delay"}
    assert found["split"]["stratify"] is False
