"""An endpoint that is updated, shifted and killed while sixteen clients ask it without a pause."""

import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from scipy.stats import binom

from benchmarks.clients import Request, Traffic, traffic
from benchmarks.measurement import Measurement
from benchmarks.resources import make_role
from rehearsal.account import Account
from rehearsal.sagemaker.hosting.serving import PORT_VARIABLE
from tests.rehearsal.conftest import BUCKET
from tests.rehearsal.containers import variant
from tests.rehearsal.hosting import alarm_on_errors, create_model, settled

_NAME, _SHIFTED = "loaded", "shifted"
_CANARY_PERCENT = 25
_STEPS = 10
_STEP_SECONDS = 1.5
_CLIENTS = 16
_CHECK_SECONDS = 1.0  # a health check's period
_OUTSIDE = 1e-4  # how improbable a share must be to be called wrong
_NONE = 0.0


def measure() -> list[Measurement]:
    """Failed requests of each change, against all; the bar is none where none may fail."""
    with tempfile.TemporaryDirectory() as folder:
        account = Account.start(Path(folder) / "account")
        try:
            _prepare(account)
            return [
                *_good_update(account),
                *_broken_update(account),
                *_failing_update(account),
                *_shift(account),
                *_kill(account),
            ]
        finally:
            account.stop()


def _prepare(account: Account) -> None:
    make_role(account)
    account.client("s3").create_bucket(Bucket=BUCKET)
    sagemaker = account.client("sagemaker")
    models = {
        "old": {"WORD": "old"},
        "new": {"WORD": "new"},
        "broken": {"WORD": "broken", "BROKEN": "yes"},
        "failing": {"WORD": "sorry", "FAILING": "yes"},
    }
    for name, environment in models.items():
        create_model(account, name, **environment)
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[variant("only", name, InitialInstanceCount=4)],
        )
    sagemaker.create_endpoint_config(
        EndpointConfigName=_SHIFTED,
        ProductionVariants=[
            variant("one", "old", InitialVariantWeight=100.0),
            variant("other", "new", InitialVariantWeight=0.0),
        ],
    )
    for name, configuration in ((_NAME, "old"), (_SHIFTED, _SHIFTED)):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=configuration)
        settled(sagemaker, name)
    alarm_on_errors(account, "errors", _NAME)


def _update(account: Account, configuration: str, wait: int = 2) -> tuple[Traffic, dict[str, Any]]:
    """Update by canary under load; returns the requests and the endpoint afterwards."""
    sagemaker = account.client("sagemaker")
    size = {"Type": "CAPACITY_PERCENT", "Value": _CANARY_PERCENT}
    routing = {"Type": "CANARY", "CanarySize": size, "WaitIntervalInSeconds": wait}
    deployment: Any = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    with traffic(account, _NAME) as found:
        time.sleep(1.0)
        sagemaker.update_endpoint(
            EndpointName=_NAME, EndpointConfigName=configuration, DeploymentConfig=deployment
        )
        endpoint = settled(sagemaker, _NAME)
        time.sleep(1.0)
    return found, endpoint


def _good_update(account: Account) -> list[Measurement]:
    found, endpoint = _update(account, "new")
    assert endpoint["EndpointConfigName"] == "new", endpoint
    return [_failures("an update to a good model", found)]


def _broken_update(account: Account) -> list[Measurement]:
    found, endpoint = _update(account, "broken")
    assert endpoint["EndpointConfigName"] == "new", endpoint
    assert endpoint["FailureReason"], endpoint
    return [_failures("an update to a model that does not start", found)]


def _failing_update(account: Account) -> list[Measurement]:
    """The canary fails its own requests until the alarm: those, and no others, may fail."""
    found, endpoint = _update(account, "failing", wait=600)
    assert "errors" in endpoint["FailureReason"], endpoint
    failed = found.failed()
    canary = found.between(failed[0].at, failed[-1].at + 1e-6)
    most = float(binom.ppf(1 - _OUTSIDE, len(canary), _CANARY_PERCENT / 100))
    name = "failed requests until an alarm rolls a failing canary back, against the canary's share"
    return [Measurement(name, len(failed), most, 1.0, "requests")]


def _shift(account: Account) -> list[Measurement]:
    """From one variant to the other in steps; each step's share is tested against its weight."""
    sagemaker = account.client("sagemaker")
    periods: list[tuple[int, float, float]] = []
    with traffic(account, _SHIFTED) as found:
        for step in range(1, _STEPS + 1):
            percent = 100 * step // _STEPS
            sagemaker.update_endpoint_weights_and_capacities(
                EndpointName=_SHIFTED,
                DesiredWeightsAndCapacities=[
                    {"VariantName": "one", "DesiredWeight": 100 - percent},
                    {"VariantName": "other", "DesiredWeight": percent},
                ],
            )
            settled(sagemaker, _SHIFTED)
            time.sleep(0.1)  # what was drawn before the shift is answered by then
            start = time.monotonic()
            time.sleep(_STEP_SECONDS)
            periods.append((percent, start, time.monotonic()))
    outside = [
        percent
        for percent, start, end in periods
        if not _by_weight(found.between(start, end), percent / 100)
    ]
    name = "steps whose shares are outside of the binomial bounds of the weights, of all"
    return [
        _failures(f"a shift of weights in {_STEPS} steps", found),
        Measurement(name, len(outside), _STEPS, _NONE, "steps"),
    ]


def _by_weight(requests: list[Request], share: float) -> bool:
    counts = Counter(each.variant for each in requests)
    low, high = binom.interval(1 - _OUTSIDE, counts.total(), share)
    return bool(low <= counts["other"] <= high)


def _kill(account: Account) -> list[Measurement]:
    """Kill every model server, and so that of the endpoint's only variant."""
    with traffic(account, _NAME) as found:
        time.sleep(1.0)
        killed = time.monotonic()
        _kill_servers(account)
        time.sleep(6.0)
    failed = found.failed()
    late = [each for each in failed if each.at > killed + _CHECK_SECONDS]
    before = len(failed) - len(late)
    return [
        Measurement(
            "requests that fail before the health check notices a killed server, against clients",
            before,
            _CLIENTS,
            1.0,
            "requests",
        ),
        Measurement(
            "requests that fail after it, against all",
            len(late),
            len(found.requests),
            _NONE,
            "requests",
        ),
    ]


def _kill_servers(account: Account) -> None:
    servers = [
        process
        for process in psutil.Process(account.pid).children(recursive=True)
        if PORT_VARIABLE in process.environ()
    ]
    if not servers:
        raise RuntimeError("no model server runs")
    for process in servers:
        process.send_signal(signal.SIGKILL)


def _failures(what: str, found: Traffic) -> Measurement:
    name = f"failed requests of {_CLIENTS} clients during {what}, against all"
    return Measurement(name, len(found.failed()), len(found.requests), _NONE, "requests")
