"""A trained network with what it knows of its columns: made, saved, loaded and asked."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tabular_network.columns import Array, Columns
from tabular_network.network import TabularNetwork
from tabular_network.rows import encoded, scores

_WEIGHTS = "network.pt"
_SETTINGS = "settings.json"


@dataclass(frozen=True)
class Shape:
    """The network's shape, less what the columns say of it."""

    embedding_dim: int
    hidden_layer_sizes: Sequence[int]
    dropout: float


class Model:
    """A network and its columns on a device.

    Attributes:
        columns: What training has learned of them.
        network: The network.
        device: Where it computes.
        settings: What makes the same columns and a network of the same shape again.
    """

    def __init__(self, columns: Columns, shape: Shape, device: torch.device) -> None:
        """Make the network, its weights drawn from torch's random state."""
        self.columns = columns
        self.device = device
        self.settings: dict[str, Any] = {"columns": asdict(columns), "shape": asdict(shape)}
        self.network = TabularNetwork(
            columns.cardinalities, len(columns.numeric), **asdict(shape)
        ).to(device)

    def predict_proba(self, features: Array) -> Array:
        """Probability of the second class, shape (n_rows,); `ValueError` for another width."""
        rows = encoded(self.columns, features, np.zeros(len(features), dtype=bool), self.device)
        probabilities = torch.sigmoid(scores(self.network, rows).double())
        return np.asarray(probabilities.cpu().numpy())

    def save(self, folder: Path) -> None:
        """Write the model's files, which `load` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(self.network.state_dict(), folder / _WEIGHTS)
        (folder / _SETTINGS).write_text(json.dumps(self.settings), encoding="utf-8")


def load(folder: Path, device: torch.device) -> Model:
    """Read the model that was saved in a folder, whatever device it was trained on."""
    settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
    model = Model(Columns(**settings["columns"]), Shape(**settings["shape"]), device)
    weights = torch.load(folder / _WEIGHTS, map_location=device, weights_only=True)
    model.network.load_state_dict(weights)
    return model
