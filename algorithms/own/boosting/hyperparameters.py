"""The hyperparameters of the algorithm: scikit-learn's names, checked.

learning_rate       above 0 (default 0.1)
max_iter            trees, at least 1 (default 150)
max_leaf_nodes      of a tree, at least 2 (default 31)
min_samples_leaf    at least 1 (default 20)
l2_regularization   at least 0 (default 0)
random_state        a whole number (default 0)
"""

import math
from collections.abc import Callable, Mapping

from .container import DataError

Number = int | float

# name: (default, type, smallest value, whether the smallest itself is allowed)
_KNOWN: dict[str, tuple[Number, Callable[[str], Number], float, bool]] = {
    "learning_rate": (0.1, float, 0, False),
    "max_iter": (150, int, 1, True),
    "max_leaf_nodes": (31, int, 2, True),
    "min_samples_leaf": (20, int, 1, True),
    "l2_regularization": (0.0, float, 0, True),
    "random_state": (0, int, 0, True),
}


def parse(given: Mapping[str, str]) -> dict[str, Number]:
    """Numbers from SageMaker's texts, the defaults filled in.

    Raises:
        DataError: For an unknown name, or a value that is no number or out of range.
    """
    for name in given:
        # A tuning job adds names of SageMaker's own, which begin with an underscore.
        if name not in _KNOWN and not name.startswith("_"):
            raise DataError(f"hyperparameter {name!r} is unknown; known: {', '.join(_KNOWN)}")
    return {
        name: _number(name, given[name]) if name in given else default
        for name, (default, *_) in _KNOWN.items()
    }


def _number(name: str, text: str) -> Number:
    _, kind, smallest, included = _KNOWN[name]
    word = "a whole number" if kind is int else "a number"
    bound = f"of at least {smallest}" if included else f"above {smallest}"
    try:
        number = kind(text)
    except ValueError:
        number = math.nan
    if not (number > smallest or (included and number == smallest)) or math.isinf(number):
        raise DataError(f"hyperparameter {name}: got {text!r}; allowed: {word} {bound}")
    return number
