"""Rows as the network computes with them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from tabular_network.columns import Array, Columns

_SCORED_AT_ONCE = 65_536


@dataclass(frozen=True)
class Rows:
    """Encoded features and labels (0.0 or 1.0) on a device."""

    codes: torch.Tensor
    numbers: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, index: torch.Tensor) -> "Rows":
        """These rows at some positions."""
        return Rows(self.codes[index], self.numbers[index], self.labels[index])


def encoded(
    columns: Columns, features: Array, labels: npt.NDArray[np.bool_], device: torch.device
) -> Rows:
    """Rows of a table of features, on a device."""
    codes, numbers = columns.encode(features)
    return Rows(
        torch.from_numpy(codes).to(device),
        torch.from_numpy(numbers).to(device),
        torch.from_numpy(labels.astype(np.float32)).to(device),
    )


def scores(network: nn.Module, rows: Rows) -> torch.Tensor:
    """Logits of rows, without dropout."""
    network.eval()
    with torch.inference_mode():
        parts = [
            network(codes, numbers)
            for codes, numbers in zip(
                rows.codes.split(_SCORED_AT_ONCE), rows.numbers.split(_SCORED_AT_ONCE), strict=True
            )
        ]
    return torch.cat(parts)


def log_loss(network: nn.Module, rows: Rows) -> float:
    """Mean log loss over rows, without dropout."""
    return float(nn.functional.binary_cross_entropy_with_logits(scores(network, rows), rows.labels))
