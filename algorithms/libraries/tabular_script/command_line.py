"""Hyperparameters and folders as SageMaker's training toolkit gives them to a script."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn


class ScriptParser(argparse.ArgumentParser):
    """Says what is wrong so that SageMaker puts it in the job's FailureReason.

    SageMaker quotes the output from the first line on that has the name of a Python exception.
    """

    def __init__(self, description: str) -> None:
        """Have the channels and the model's folder as arguments, by default the toolkit's."""
        super().__init__(description=description)
        self.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
        self.add_argument("--validation", default=os.environ.get("SM_CHANNEL_VALIDATION"))
        self.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))

    def error(self, message: str) -> NoReturn:
        """End the script with one line."""
        sys.exit(f"ValueError: {message}")

    def run(self, train: Callable[[argparse.Namespace], None], arguments: Sequence[str]) -> None:
        """Train as the command line says; what is wrong with the data ends it with one line."""
        options = self.parse_args(arguments)
        if not options.train:
            self.error("the train channel is absent: SM_CHANNEL_TRAIN is not set")
        try:
            train(options)
        except ValueError as error:
            self.error(str(error))


def bounded(
    kind: Callable[[str], float],
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
) -> Callable[[str], float]:
    """An argparse type: a number within the limits that are given."""

    def convert(text: str) -> float:
        value = kind(text)
        limits = [
            (f"greater than {above}", above is None or value > above),
            (f"at least {at_least}", at_least is None or value >= at_least),
            (f"less than {below}", below is None or value < below),
        ]
        for limit, kept in limits:
            if not kept:
                raise argparse.ArgumentTypeError(f"got {text}; allowed: {limit}")
        return value

    convert.__name__ = kind.__name__
    return convert
