"""The rules of SageMaker Debugger, against numbers worked out by hand from AWS's descriptions."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.debugger.rules import RULES
from rehearsal.sagemaker.debugger.trial import Trial
from rehearsal.tensors import Collection, Tensor

LOSSES = Collection("losses", ["^[a-zA-z]+-.+(?<!(auc|map))$", "loss"])


def trial(interval: int = 1, mode: str = "GLOBAL", **series: Sequence[float]) -> Trial:
    """Single numbers, saved every so many steps; `_` in a name stands for `-`."""
    made = Trial()
    for name, values in series.items():
        name = name.replace("_", "-")
        made.add(Tensor(name, step * interval, mode, (value,)) for step, value in enumerate(values))
    made.describe([LOSSES])
    return made


def met(rule: str, tensors: Trial, **parameters: Any) -> int | None:
    texts = {name: str(value) for name, value in parameters.items()}
    return RULES[rule].of(texts).step_met(tensors)


def test_a_loss_that_is_not_lower_after_num_steps_is_found() -> None:
    # The first release's own test: saved every 4 steps, step 12 is compared with step 0.
    assert met("LossNotDecreasing", trial(4, loss=[0.3, 0.33, 0.31, 0.30, 0.28])) == 12


def test_a_loss_is_checked_every_num_steps_only() -> None:
    # Steps 12, 24 and 36 are compared with 0, 12 and 24; the rise at step 15 is not seen.
    losses = [10 - 0.1 * step for step in range(20)]
    losses[5] = 100.0
    assert met("LossNotDecreasing", trial(3, loss=losses)) is None
    losses[8] = losses[4]  # step 24: as at step 12
    assert met("LossNotDecreasing", trial(3, loss=losses)) == 24


@pytest.mark.parametrize(
    ("new", "step"),
    [(0.9991, 10), (0.999, None), (1.0, 10), (1.04, None), (1.06, 10)],
)
def test_a_loss_must_fall_by_a_share_and_may_rise_by_another(new: float, step: int | None) -> None:
    assert met("LossNotDecreasing", trial(10, loss=[1.0, new])) == step


def test_metrics_that_should_grow_are_no_losses() -> None:
    tensors = trial(validation_auc=[0.7] * 30)
    assert met("LossNotDecreasing", tensors) is None
    assert not RULES["LossNotDecreasing"].of({}).inspects(tensors)
    assert met("LossNotDecreasing", tensors, tensor_regex="validation-auc") == 10


def test_losses_of_another_mode_are_left_out() -> None:
    tensors = trial(mode="TRAIN", loss=[1.0] * 12)
    assert met("LossNotDecreasing", tensors, mode="EVAL") is None
    assert met("LossNotDecreasing", tensors, mode="TRAIN") == 10


def test_overfit_is_a_validation_loss_far_above_the_training_loss() -> None:
    tensors = trial(train_logloss=[1.0, 0.8, 0.5, 0.4], validation_logloss=[1.0, 0.88, 0.56, 0.45])
    assert met("Overfit", tensors) == 2  # (0.56 - 0.5) / 0.5 = 0.12; 0.08 / 0.8 is not above 0.1
    assert met("Overfit", tensors, patience=2) == 3
    assert met("Overfit", tensors, patience=3) is None
    assert met("Overfit", tensors, start_step=3) == 3
    assert met("Overfit", tensors, ratio_threshold=0.2) is None


def test_overfit_needs_its_steps_in_a_row() -> None:
    tensors = trial(train_loss=[1.0, 1.0, 1.0], validation_loss=[1.2, 1.0, 1.2])
    assert met("Overfit", tensors, patience=2) is None


def test_overfit_tells_training_from_validation_by_the_mode() -> None:
    tensors = Trial()
    tensors.add(Tensor("loss", step, "TRAIN", (1.0,)) for step in (0, 10, 20))
    tensors.add([Tensor("loss", 21, "EVAL", (1.5,))])
    tensors.describe([LOSSES])
    assert met("Overfit", tensors) == 21


def test_overtraining_waits_for_an_improvement_by_delta() -> None:
    falling = [1.0, 0.5, 0.495, 0.492, 0.491, 0.4901, 0.4901]
    assert met("Overtraining", trial(train_loss=falling)) == 6  # five steps after step 1
    assert met("Overtraining", trial(train_loss=falling), patience_train=6) is None
    assert met("Overtraining", trial(train_loss=falling), delta=0.001) is None
    assert met("Overtraining", trial(validation_loss=[0.5] * 11)) == 10
    assert met("Overtraining", trial(validation_loss=[0.5] * 10)) is None


def labelled(
    labels: list[float], predictions: Sequence[float], shape: tuple[int, ...] = ()
) -> Trial:
    made = Trial()
    made.add(
        [
            Tensor("labels", 3, "GLOBAL", labels, (len(labels),)),
            Tensor("predictions", 3, "GLOBAL", predictions, shape or (len(predictions),)),
        ]
    )
    return made


def test_a_class_that_is_a_tenth_of_another_is_too_small() -> None:
    # The first release's own test: 990 and 10 labels, all predicted right.
    labels = [0.0] * 990 + [1.0] * 10
    assert met("ClassImbalance", labelled(labels, labels)) == 3
    balanced = [0.0] * 910 + [1.0] * 91
    assert met("ClassImbalance", labelled(balanced, balanced)) is None
    assert met("ClassImbalance", labelled(labels, labels), samples=1001) is None


def test_a_class_that_is_mostly_mispredicted_is_found() -> None:
    labels = [0.0] * 500 + [1.0] * 100
    predictions = [0.2] * 500 + [0.4] * 71 + [0.9] * 29
    assert met("ClassImbalance", labelled(labels, predictions)) == 3
    assert (
        met("ClassImbalance", labelled(labels, predictions), threshold_misprediction=0.71) is None
    )


def test_the_most_probable_of_several_classes_counts() -> None:
    labels = [0.0, 1.0] * 300
    probabilities = [0.9, 0.05, 0.05, 0.8, 0.1, 0.1] * 300  # class 0 for everything
    tensors = labelled(labels, probabilities, (600, 3))
    assert met("ClassImbalance", tensors, argmax=True) == 3


@given(st.lists(st.floats(1e-6, 1e6), max_size=40), st.integers(1, 9), st.floats(0, 50), st.data())
def test_every_loss_has_an_answer_and_more_losses_do_not_change_it(
    losses: list[float], num_steps: int, percent: float, data: st.DataObject
) -> None:
    parameters = {"num_steps": num_steps, "diff_percent": percent}
    step = met("LossNotDecreasing", trial(loss=losses), **parameters)
    if step is not None:
        seen = data.draw(st.integers(step + 1, len(losses)))
        assert met("LossNotDecreasing", trial(loss=losses[:seen]), **parameters) == step


@pytest.mark.parametrize(
    ("rule", "parameters", "told"),
    [
        ("Overfit", {"patiense": "1"}, "no parameter patiense; it has tensor_regex, start_step"),
        ("Overfit", {"patience": "0"}, "patience = '0'; it must be a whole number of at least 1"),
        ("Overtraining", {"delta": "nan"}, "delta = 'nan'; it must be a number of at least 0"),
        ("ClassImbalance", {"argmax": "yes"}, "it must be True or False"),
        ("ClassImbalance", {"labels_regex": "("}, "it must be a regular expression"),
        ("LossNotDecreasing", {"mode": "PREDICT"}, "it must be EVAL, TRAIN or GLOBAL"),
    ],
)
def test_wrong_parameters_are_told(rule: str, parameters: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match="parameter") as refused:
        RULES[rule].of(parameters)
    assert told in str(refused.value)
