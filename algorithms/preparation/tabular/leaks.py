"""Looking for what would make models look better than they are."""

import numpy as np
import pandas as pd

from evaluation.splits.leakage import Leak, divided_groups, duplicate_rows, telling_features

from .parts import Groups, Labels, Parts
from .target import Target


def leaks(
    features: pd.DataFrame,
    labels: Labels,
    groups: Groups | None,
    parts: Parts,
    target: Target,
) -> list[Leak]:
    """What was found; `features` are encoded. Rows of the holdout are not looked at one by one."""
    of_rows = parts.of_rows(len(labels))
    found = [] if groups is None else divided_groups(groups, of_rows)
    numbers = features.astype("float64")
    hashes = pd.util.hash_pandas_object(numbers.assign(label=labels), index=False)
    found += duplicate_rows(hashes.to_numpy(dtype=np.uint64), of_rows)
    seen = parts.seen
    columns = {str(name): numbers[name].to_numpy()[seen] for name in numbers}
    return found + telling_features(columns, labels[seen], target.problem_type)
