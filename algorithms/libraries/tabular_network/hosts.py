"""The hosts of a training job, as SageMaker's training toolkit tells them.

Source: https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed, nn

_PORT = 7777  # what the PyTorch container has for it


@dataclass(frozen=True)
class Hosts:
    """This process among those that train together, one a host.

    Attributes:
        rank: Its number, from 0; the one of rank 0 decides and saves.
        count: How many they are.
        device: Where it computes.
    """

    rank: int
    count: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this process decides and saves."""
        return self.rank == 0

    def shared(self, value: Any) -> Any:
        """What the first host has; the others give a value that does not matter."""
        if self.count == 1:
            return value
        values = [value]
        distributed.broadcast_object_list(values, src=0, device=self.device)
        return values[0]

    def averaging(self, network: nn.Module) -> nn.Module:
        """The network, with gradients that are means over the hosts."""
        if self.count == 1:
            return network
        devices = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(network, device_ids=devices)


def first_device() -> torch.device:
    """The first GPU, or the processor if there is none."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


@contextmanager
def connected(environment: Mapping[str, str] = os.environ) -> Iterator[Hosts]:
    """Connect the hosts of SM_HOSTS; alone without that variable.

    A host computes on its first GPU, or on its processor if it has none.
    """
    names: list[str] = json.loads(environment.get("SM_HOSTS", "[]")) or ["localhost"]
    rank = names.index(environment.get("SM_CURRENT_HOST", names[0]))
    device = first_device()
    hosts = Hosts(rank, len(names), device)
    if hosts.count == 1:
        yield hosts
        return
    interface = environment.get("SM_NETWORK_INTERFACE_NAME")
    if interface:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", interface)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", interface)
    backend = "nccl" if device.type == "cuda" else "gloo"
    distributed.init_process_group(
        backend, store=_store(names[0], hosts), rank=rank, world_size=hosts.count
    )
    try:
        yield hosts
    finally:
        distributed.destroy_process_group()


def _store(first: str, hosts: Hosts) -> distributed.TCPStore:
    # Bound to the first host's own address: by itself the store takes the port of all addresses.
    listener = socket.create_server((first, _PORT)).detach() if hosts.is_first else None
    return distributed.TCPStore(
        first, _PORT, hosts.count, hosts.is_first, master_listen_fd=listener
    )
