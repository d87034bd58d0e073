"""What the command line asks for by hand is what the workflow asks for."""

import json
from typing import Any

import pytest

from cli.errors import CommandError
from cli.workflow_requests import TrainedModel, WorkflowRequests, with_hyperparameters
from tests.infrastructure.aws_requests import problems
from tests.infrastructure.synthesis import Synthesis, evaluated, named, state
from tests.infrastructure.test_lifecycle_workflow import RUN, context


@pytest.fixture(scope="module")
def definition(synthesis: Synthesis) -> dict[str, Any]:
    return synthesis.definition("training")


@pytest.fixture(scope="module")
def requests(definition: dict[str, Any]) -> WorkflowRequests:
    return WorkflowRequests(definition)


@pytest.mark.parametrize("name", ["xgboost", "logistic-regression"])
def test_a_training_job_is_that_of_the_fold(
    definition: dict[str, Any], requests: WorkflowRequests, name: str
) -> None:
    candidate = requests.candidate(name)
    item = evaluated(
        state(definition, "Folds")["ItemSelector"],
        input={"run": RUN, "candidate": candidate},
        context={"Map": {"Item": {"Value": 3}}},
    )
    arguments = state(definition, "TrainFold")["Arguments"]
    expected = evaluated(arguments, input=item, context=context(2))
    assert requests.training(candidate, run=RUN, fold=3, attempt="2") == expected
    own = named(requests.training(candidate, run=RUN, fold=3, attempt="t1"))
    assert problems("sagemaker", "CreateTrainingJob", own) == []
    assert own["TrainingJobName"] == f"flights-{RUN}-{name}-f3-t1"


def test_a_model_is_that_of_the_fold_under_another_name(
    definition: dict[str, Any], requests: WorkflowRequests
) -> None:
    candidate = requests.candidate("xgboost")
    model = TrainedModel(candidate, RUN, "mine", "s3://m/model.tar.gz")
    assert requests.model_package(model) is None
    request = requests.model(model, None)
    assert problems("sagemaker", "CreateModel", named(request)) == []
    assert request["ModelName"] == "mine"
    assert request["PrimaryContainer"]["ModelDataUrl"] == "s3://m/model.tar.gz"


def test_tuned_hyperparameters_stand_beside_the_candidates_own(requests: WorkflowRequests) -> None:
    candidate = requests.candidate("xgboost")
    tuned = with_hyperparameters(candidate, {"eta": "0.2", "gamma": "1"})
    request = requests.training(tuned, run=RUN, fold=0, attempt="t1")
    assert request["HyperParameters"] == {
        **candidate["training"]["HyperParameters"],
        "eta": "0.2",
        "gamma": "1",
    }


def test_what_is_not_there_is_named(definition: dict[str, Any], requests: WorkflowRequests) -> None:
    with pytest.raises(CommandError, match="no candidate 'knn', but xgboost, logistic-regression"):
        requests.candidate("knn")
    with pytest.raises(CommandError, match="There is no fold 5; the folds are 0 to 4"):
        requests.training(requests.candidate("xgboost"), run=RUN, fold=5, attempt="t1")
    older = WorkflowRequests(json.loads(json.dumps(definition).replace("TrainFold", "Train")))
    with pytest.raises(CommandError, match="no state TrainFold: it is of another version"):
        older.training(older.candidate("xgboost"), run=RUN, fold=0, attempt="t1")
