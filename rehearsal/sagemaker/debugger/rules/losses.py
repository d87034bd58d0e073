"""Losses on the training rows and on the validation rows."""

import re
from collections import defaultdict
from statistics import fmean

from rehearsal.sagemaker.debugger.trial import LOSSES, Trial

_TRAINING = re.compile(r"train(ing)?(?![a-z])", re.IGNORECASE)
_VALIDATION = re.compile(r"(validation|valid|val|evaluation|eval|test)(?![a-z])", re.IGNORECASE)

Means = dict[int, float]


def loss_means(trial: Trial, regexes: tuple[str, ...]) -> tuple[Means, Means]:
    """The mean training loss and the mean validation loss, each by step.

    A loss is of the collection `losses`, and matches a pattern if there are any. Of which rows it
    is says its mode, TRAIN or EVAL; without one its name, `train-logloss` or `validation-logloss`.
    """
    names = trial.names(collections=[LOSSES])
    if regexes:
        names = sorted(set(names) & set(trial.names(regexes=regexes)))
    training: dict[int, list[float]] = defaultdict(list)
    validation: dict[int, list[float]] = defaultdict(list)
    for name in names:
        for tensor in trial.tensors(name):
            if tensor.scalar is None:
                continue
            if tensor.mode == "TRAIN" or (tensor.mode == "GLOBAL" and _TRAINING.match(name)):
                training[tensor.step].append(tensor.scalar)
            elif tensor.mode == "EVAL" or (tensor.mode == "GLOBAL" and _VALIDATION.match(name)):
                validation[tensor.step].append(tensor.scalar)
    return _means(training), _means(validation)


def _means(values: dict[int, list[float]]) -> Means:
    return {step: fmean(values[step]) for step in sorted(values)}
