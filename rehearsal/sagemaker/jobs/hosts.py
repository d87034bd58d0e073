"""The hosts of a job: one process, one /opt/ml tree and one name each.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
(distributed training configuration).
"""

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.namespace import HOSTS_FILE, launched
from rehearsal.sagemaker.jobs.container import BASE_VARIABLE, LITERAL_BASE, Container

HOMOGENEOUS = "homogeneousCluster"
_NETWORK_INTERFACE = "lo0" if sys.platform == "darwin" else "lo"
_BLOCKS = itertools.count()


@cache
def literal_paths() -> bool:
    """Whether this kernel gives each program an /opt/ml and host names of its own."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "ml").mkdir()
        Path(folder, "ml", "found").touch()
        Path(folder, "hosts").write_text(_hosts_file([]))
        command = launched(folder, ["sh", "-c", f"test -e {LITERAL_BASE}/found"])
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def container_command(container: Container, words: Sequence[str]) -> list[str]:
    """The command line of a program in a container whose tree is the folder `ml` of its own."""
    if literal_paths():
        return launched(str(container.base.parent), list(words))
    return [container.localized(word) for word in words]


@dataclass(frozen=True)
class Host:
    """One instance of a job.

    Attributes:
        number: From 1.
        name: What the other hosts call it, `algo-1` and so on where the kernel has literal paths.
        address: Of loopback, its own.
        instance_type: As in `ml.m5.large`.
        group: The instance group that it belongs to.
        container: Its files.
    """

    number: int
    name: str
    address: str
    instance_type: str
    group: str
    container: Container

    def command(self, words: Sequence[str]) -> list[str]:
        """How to start what the container would run: with /opt/ml, or with its stand-in."""
        return container_command(self.container, words)

    def environment(self) -> dict[str, str]:
        """Where programs find the container's tree."""
        return {BASE_VARIABLE: LITERAL_BASE if literal_paths() else str(self.container.base)}


def make_hosts(folder: Path, groups: Mapping[str, tuple[str, int]]) -> list[Host]:
    """Hosts with empty trees below a folder.

    Args:
        folder: Of the job.
        groups: (instance type, number of instances) by the name of the instance group.
    """
    count = sum(number for _, number in groups.values())
    names = _names(count)
    # A block of addresses for each job, so that the hosts of two jobs can use the same port.
    block = next(_BLOCKS) % (254 * 254)
    prefix = f"127.{1 + block // 254}.{1 + block % 254}"
    hosts: list[Host] = []
    for group, (instance_type, number) in groups.items():
        for _ in range(number):
            name = names[len(hosts)]
            address = f"{prefix}.{1 + len(hosts)}" if literal_paths() else name
            container = Container(folder / name / "ml")
            hosts.append(Host(len(hosts) + 1, name, address, instance_type, group, container))
    if literal_paths():
        text = _hosts_file(hosts)
        for host in hosts:
            host.container.base.with_name("hosts").write_text(text)
    return hosts


def resource_config(hosts: Sequence[Host], host: Host) -> dict[str, Any]:
    """The `resourceconfig.json` of a training job's host.

    The network interface is the one that really is there: programs bind to it.
    """
    groups = [
        {
            "instance_group_name": group,
            "instance_type": next(each.instance_type for each in hosts if each.group == group),
            "hosts": sorted(each.name for each in hosts if each.group == group),
        }
        for group in dict.fromkeys(each.group for each in hosts)
    ]
    return {
        "current_host": host.name,
        "current_instance_type": host.instance_type,
        "current_group_name": host.group,
        "hosts": sorted(each.name for each in hosts),
        "instance_groups": groups,
        "network_interface_name": _NETWORK_INTERFACE,
    }


def _names(count: int) -> list[str]:
    if literal_paths():
        return [f"algo-{number}" for number in range(1, count + 1)]
    # Names that resolve everywhere: the training toolkit waits for one that does not for ever.
    return ["localhost"] if count == 1 else [f"127.0.0.{n}" for n in range(1, count + 1)]


def _hosts_file(hosts: Sequence[Host]) -> str:
    own = Path(HOSTS_FILE).read_text()
    return "".join(f"{host.address} {host.name}\n" for host in hosts) + own
