"""XGBoost on several hosts: together they build one model, each from the rows that it has.

As in the container, the first host keeps the list of the others, on its port 9099.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html (distributed training) and
https://xgboost.readthedocs.io/en/stable/python/python_api.html#module-xgboost.collective.
"""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import numpy as np

from rehearsal.programs.xgboost_library import collective, xgb

_PORT = 9099
_RETRIES = 60


def is_master(config: dict[str, Any]) -> bool:
    """Whether this host, by its resourceconfig.json, is the one that saves the model."""
    hosts = config.get("hosts", [])
    return len(hosts) < 2 or config["current_host"] == min(hosts)


@contextlib.contextmanager
def cluster(config: dict[str, Any]) -> Iterator[None]:
    """Training within it is done by all hosts of a resourceconfig.json; alone, by this one."""
    hosts = config.get("hosts", [])
    if len(hosts) < 2:
        yield
        return
    address = socket.gethostbyname(min(hosts))
    tracker = None
    if is_master(config):
        tracker = xgb.tracker.RabitTracker(n_workers=len(hosts), host_ip=address, port=_PORT)
        tracker.start()
    with collective.CommunicatorContext(
        dmlc_tracker_uri=address, dmlc_tracker_port=_PORT, dmlc_retry=_RETRIES
    ):
        yield
    if tracker:
        tracker.wait_for()


def any_host(flag: bool) -> bool:
    """Whether the flag is true on any host; every host must ask."""
    if not collective.is_distributed():
        return flag
    return bool(collective.allreduce(np.array([int(flag)]), collective.Op.MAX)[0])
