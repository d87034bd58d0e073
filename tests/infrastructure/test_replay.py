"""`offline: endpoint`: what is made for a replay is deleted, whatever happens."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infrastructure.conftest import Variant
from tests.infrastructure.synthesis import Synthesis, evaluated, state, states

MADE = "ConfigureFoldEndpoint"
DELETED = ("DeleteFoldEndpoint", "DeleteConfigurationOfFoldEndpoint")
CANDIDATE = {
    "name": "linear-learner",
    "accept": "application/jsonlines",
    "labelled": False,
    "transform": {"DataProcessing": {"InputFilter": "$[1:]", "OutputFilter": "$.score"}},
}


@pytest.fixture(scope="module")
def replayed(variant: Variant) -> Synthesis:
    return variant(evaluation={"offline": "endpoint"})


@pytest.fixture(scope="module")
def definition(replayed: Synthesis) -> dict[str, Any]:
    return replayed.definition("training")


def successors(found: dict[str, Any]) -> Iterator[str]:
    for each in (found, *found.get("Choices", ()), *found.get("Catch", ())):
        if "Next" in each:
            yield each["Next"]
    if "Default" in found:
        yield found["Default"]


def paths(of_fold: dict[str, Any], start: str) -> Iterator[list[str]]:
    """Every way from a state to an end, each state at most once."""
    pending = [[start]]
    while pending:
        path = pending.pop()
        following = [each for each in successors(of_fold[path[-1]]) if each not in path]
        pending += [[*path, each] for each in following]
        if of_fold[path[-1]]["Type"] == "Fail" or of_fold[path[-1]].get("End"):
            yield path


def test_every_way_from_the_configuration_to_an_end_deletes_all(
    definition: dict[str, Any],
) -> None:
    of_fold = state(definition, "Folds")["ItemProcessor"]["States"]
    found = list(paths(of_fold, MADE))
    assert {path[-1] for path in found} == {"FoldFailed", "DeleteFoldModel"}
    for path in found:
        assert set(DELETED) <= set(path)
        assert {"DeleteFoldModel", "DiscardFoldModel"} & set(path)


def test_an_endpoint_is_looked_at_ever_less_often_and_not_for_ever(
    definition: dict[str, Any],
) -> None:
    describe, wait = (
        state(definition, name) for name in ("DescribeFoldEndpoint", "WaitForFoldEndpoint")
    )
    choices = state(definition, "FoldEndpointStatus")["Choices"]
    creating = next(each for each in choices if each["Next"] == "WaitForFoldEndpoint")
    given: dict[str, Any] = {}
    seconds = []
    while True:
        given = evaluated(describe["Output"], input=given, result={"EndpointStatus": "Creating"})
        if not evaluated(creating["Condition"], input=given):
            break
        seconds.append(evaluated(wait["Seconds"], input=given))
    assert seconds[:4] == [2, 4, 8, 16]
    assert max(seconds) == 60
    assert 3000 < sum(seconds) < 4000


def test_the_function_is_told_which_member_of_an_answer_is_the_score(
    definition: dict[str, Any],
) -> None:
    batcher = state(definition, "FoldReplay")["ItemBatcher"]["BatchInput"]
    asked = evaluated(
        batcher, input={"run": "r", "candidate": CANDIDATE, "training_job": "flights-r-l-f0-0"}
    )
    assert asked == {
        "run": "r",
        "candidate": "linear-learner",
        "endpoint": "flights-r-l-f0-0",
        "accept": "application/jsonlines",
        "labelled": False,
        "output_filter": "$.score",
    }
    payload = state(definition, "SendFoldRows")["Arguments"]["Payload"]
    sent = evaluated(payload, input={"BatchInput": asked, "Items": [{"key": "k"}]})
    assert sent == asked | {"keys": ["k"]}


def test_however_an_execution_ends_what_it_left_is_deleted(replayed: Synthesis) -> None:
    (rule,) = (
        each
        for each in replayed.properties("training", "AWS::Events::Rule")
        if each["EventPattern"]["source"] == ["aws.states"]
    )
    detail = rule["EventPattern"]["detail"]
    assert set(detail["status"]) == {"SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"}
    assert "StateMachine" in str(detail["stateMachineArn"])


def test_batch_transform_needs_no_endpoint_and_no_right_to_one(synthesis: Synthesis) -> None:
    assert not [name for name, _ in states(synthesis.definition("training")) if "Endpoint" in name]
    actions = {each for found in synthesis.statements("training") for each in found["Action"]}
    assert not [each for each in actions if "Endpoint" in each]
