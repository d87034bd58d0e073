"""All that a training job has saved so far, as the rules see it.

Source: https://github.com/awslabs/sagemaker-debugger/blob/master/docs/analysis.md
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from rehearsal.tensors import Collection, Tensor

LOSSES = "losses"
GLOBAL = "GLOBAL"


class Trial:
    """The tensors of one training job by name and step; the last worker that saves one counts.

    Attributes:
        additions: How many tensors were added, each time that one was.
        memory: What a rule has worked out of a step already, for itself.
    """

    def __init__(self) -> None:
        self.additions = 0
        self.memory: dict[Hashable, Any] = {}
        self._tensors: dict[str, dict[int, Tensor]] = defaultdict(dict)
        self._collections: dict[str, list[Collection]] = defaultdict(list)

    def add(self, tensors: Iterable[Tensor]) -> None:
        """Take further tensors."""
        for tensor in tensors:
            self._tensors[tensor.name][tensor.step] = tensor
            self.additions += 1

    def describe(self, collections: Iterable[Collection]) -> None:
        """Take what is known of the collections, in place of what was."""
        self._collections.clear()
        for collection in collections:
            self._collections[collection.name].append(collection)

    def names(self, *, collections: Sequence[str] = (), regexes: Sequence[str] = ()) -> list[str]:
        """The names of the tensors in any of the collections, or that any pattern matches."""
        chosen = [each for name in collections for each in self._collections.get(name, ())]
        members = {name for each in chosen for name in each.tensor_names}
        patterns = [*regexes, *(pattern for each in chosen for pattern in each.include_regex)]
        return sorted(
            name
            for name in self._tensors
            if name in members or any(re.match(pattern, name) for pattern in patterns)
        )

    def tensors(self, name: str) -> list[Tensor]:
        """The tensors of a name, in the order of their steps."""
        return [tensor for _, tensor in sorted(self._tensors.get(name, {}).items())]

    def series(self, name: str, mode: str = GLOBAL) -> list[tuple[int, float]]:
        """(step, number) of the tensors that are single numbers; GLOBAL stands for every mode."""
        return [
            (tensor.step, tensor.scalar)
            for tensor in self.tensors(name)
            if tensor.scalar is not None and mode in (GLOBAL, tensor.mode)
        ]
