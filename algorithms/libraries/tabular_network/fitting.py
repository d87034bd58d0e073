"""Fitting the network: epochs, early stopping, checkpoints, several hosts."""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from tabular_network.checkpoints import load_checkpoint, save_checkpoint
from tabular_network.hosts import Hosts
from tabular_network.rows import Rows, log_loss


@dataclass(frozen=True)
class Fitting:
    """How a network is fitted; the words are scikit-learn's and torch's.

    Attributes:
        learning_rate_init: The highest learning rate of the one cycle over all epochs.
        weight_decay: AdamW's.
        batch_size: Rows a step, of all hosts together.
        max_iter: Epochs at most.
        n_iter_no_change: Epochs without a lower loss on the stopping rows that end the fitting.
        random_state: The same number gives the same network.
    """

    learning_rate_init: float
    weight_decay: float
    batch_size: int
    max_iter: int
    n_iter_no_change: int
    random_state: int


class Fitter:
    """Fits a network to rows, and knows where it is."""

    def __init__(
        self, network: nn.Module, fitting: Fitting, hosts: Hosts, train: Rows, stopping: Rows
    ) -> None:
        """Prepare the first epoch.

        Args:
            network: On the hosts' device, the same on every host.
            fitting: How.
            hosts: Who fits it.
            train: All rows; every host takes its share of each batch.
            stopping: Rows that are not fitted to: their loss says which epoch is the best.
        """
        self.network = network
        self._fitting = fitting
        self._hosts = hosts
        self._train = train
        self._stopping = stopping
        self._optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=fitting.learning_rate_init,
            weight_decay=fitting.weight_decay,
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimizer,
            fitting.learning_rate_init,
            epochs=fitting.max_iter,
            steps_per_epoch=math.ceil(len(train) / fitting.batch_size),
        )
        self._scaler = torch.amp.GradScaler("cuda", enabled=hosts.device.type == "cuda")
        self._epoch = 0
        self._best: dict[str, Any] = {"loss": math.inf, "epoch": 0, "network": {}}

    def fit(
        self, folder: Path | None, settings: dict[str, Any], report: Callable[[str], None]
    ) -> None:
        """Run the epochs, from the folder's checkpoint on, and keep the best one's weights.

        Args:
            folder: For the checkpoints; None for none.
            settings: What a checkpoint must agree with.
            report: Called on the first host after each epoch, with the losses.

        Raises:
            ValueError: If the checkpoint is of another training, or the loss is no number.
        """
        settings = settings | asdict(self._fitting) | {"rows": len(self._train)}
        state = load_checkpoint(folder, settings) if folder and self._hosts.is_first else None
        state = self._hosts.shared(state)
        if state is not None:
            self._load(state)
            print(f"went on after epoch {self._epoch}, from a checkpoint", flush=True)
        network = self._hosts.averaging(self.network)
        while not self._hosts.shared(self._ended):
            loss = self._run_epoch(network)
            if self._hosts.is_first:
                stopping_loss = self._keep_best()
                report(f"train:loss={loss:.6f}; early_stopping:loss={stopping_loss:.6f};")
                if folder:
                    save_checkpoint(folder, settings, self._state())
        self.network.load_state_dict(self._hosts.shared(self._best["network"]))

    @property
    def best_epoch(self) -> int:
        """The epoch of the lowest loss on the stopping rows, from 1."""
        return int(self._best["epoch"])

    @property
    def _ended(self) -> bool:
        waited = self._epoch - self._best["epoch"]
        return self._epoch == self._fitting.max_iter or waited >= self._fitting.n_iter_no_change

    def _run_epoch(self, network: nn.Module) -> float:
        network.train()
        # Of the epoch, so that a training that was interrupted goes on with the same numbers.
        seed = self._fitting.random_state + self._epoch
        torch.manual_seed(seed * self._hosts.count + self._hosts.rank)
        total, rows = 0.0, 0
        for index in self._batches(torch.Generator().manual_seed(seed)):
            batch = self._train.at(index.to(self._hosts.device))
            with torch.autocast(self._hosts.device.type, enabled=self._scaler.is_enabled()):
                logits = network(batch.codes, batch.numbers)
            loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), batch.labels)
            self._optimizer.zero_grad()
            self._scaler.scale(loss).backward()
            self._scaler.step(self._optimizer)
            self._scaler.update()
            self._schedule.step()
            total += loss.item() * len(batch)
            rows += len(batch)
        self._epoch += 1
        return total / rows

    def _batches(self, generator: torch.Generator) -> Iterator[torch.Tensor]:
        order = torch.randperm(len(self._train), generator=generator)
        for batch in order.split(self._fitting.batch_size):
            # A host without a row in the last batch has to take part in its step all the same.
            own = batch[self._hosts.rank :: self._hosts.count]
            yield own if len(own) else batch[:1]

    def _keep_best(self) -> float:
        loss = log_loss(self.network, self._stopping)
        if not math.isfinite(loss):
            raise ValueError(
                f"the loss of epoch {self._epoch} is no number with learning_rate_init "
                f"{self._fitting.learning_rate_init:g}; allowed: a lower one"
            )
        if loss < self._best["loss"]:
            weights = copy.deepcopy(self.network.state_dict())
            self._best = {"loss": loss, "epoch": self._epoch, "network": weights}
        return loss

    def _state(self) -> dict[str, Any]:
        return {
            "epoch": self._epoch,
            "best": self._best,
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "scaler": self._scaler.state_dict(),
        }

    def _load(self, state: dict[str, Any]) -> None:
        self._epoch = state["epoch"]
        self._best = state["best"]
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._scaler.load_state_dict(state["scaler"])
