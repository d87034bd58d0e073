"""The network: an embedding for each category and each bin of a number, then dense layers."""

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import nn

_EMBEDDING_SCALE = 0.3


class TabularNetwork(nn.Module):  # type: ignore[misc]  # torch's types are skipped
    """Logits of the second class.

    Numbers enter twice, as they are and as embeddings of their quantile bins, which lets dense
    layers learn what is not smooth (https://arxiv.org/abs/2203.05556).

    Args:
        cardinalities: How many embeddings each column has.
        n_numeric: How many numbers a row has besides.
        embedding_dim: Length of an embedding.
        hidden_layer_sizes: Units of each hidden layer.
        dropout: The share of a hidden layer's units that a training step leaves out.
    """

    def __init__(
        self,
        cardinalities: Sequence[int],
        n_numeric: int,
        embedding_dim: int,
        hidden_layer_sizes: Sequence[int],
        dropout: float,
    ) -> None:
        """Make the layers, their weights drawn from torch's random state."""
        super().__init__()
        first = [0, *accumulate(cardinalities)]
        self.register_buffer("first", torch.tensor(first[:-1]))
        # One table for all columns: one look-up a row is faster than one a column.
        self.embedding = nn.Embedding(first[-1], embedding_dim)
        nn.init.normal_(self.embedding.weight, std=_EMBEDDING_SCALE)
        with torch.no_grad():
            # Missing or unseen is the average of all, until training tells otherwise.
            self.embedding.weight[self.first] = 0.0
        layers: list[nn.Module] = []
        width = len(cardinalities) * embedding_dim + n_numeric
        for size in hidden_layer_sizes:
            layers += [nn.Linear(width, size), nn.ReLU(), nn.Dropout(dropout)]
            width = size
        self.layers = nn.Sequential(*layers, nn.Linear(width, 1))

    def forward(self, codes: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        """Logits, shape (n_rows,), of what `Columns.encode` returns."""
        embedded = self.embedding(codes + self.first).flatten(1)
        return self.layers(torch.cat([embedded, numbers], dim=1)).squeeze(1)
