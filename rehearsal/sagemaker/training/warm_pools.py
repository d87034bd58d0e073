"""Managed warm pools: how long a job's instances are kept, for whom, and what that costs.

The rehearsal keeps no process for the next job; it shows what AWS would show and bill.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-warm-pools.html
"""

from collections.abc import Iterable
from datetime import timedelta

from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.jobs.job import ACTIVE

# The members that must be the same in the next job's request.
_MATCHING = (
    "RoleArn",
    "VpcConfig",
    "EnableInterContainerTrafficEncryption",
    "EnableNetworkIsolation",
)
_MATCHING_RESOURCES = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")

_KEPT_UNTIL, _REUSED_BY = "WarmPoolKeptUntil", "WarmPoolReusedByJob"  # of a record, never shown


def status(record: Record) -> Record | None:
    """The WarmPoolStatus of a training job at this moment; None if it asked for no warm pool."""
    period = record["ResourceConfig"].get("KeepAlivePeriodInSeconds", 0)
    if record["TrainingJobStatus"] in ACTIVE:
        return {"Status": "InUse"} if period else None
    if "TrainingStartTime" not in record or not (period or _KEPT_UNTIL in record):
        return None
    ended = record["TrainingEndTime"]
    until = record.get(_KEPT_UNTIL, ended + timedelta(seconds=period))
    retained = max(timedelta(), min(now(), until) - ended)
    shown: Record = {"ResourceRetainedBillableTimeInSeconds": round(retained.total_seconds())}
    if _REUSED_BY in record:
        return {**shown, "Status": "Reused", "ReusedByJob": record[_REUSED_BY]}
    return {**shown, "Status": "Available" if now() < until else "Terminated"}


def reuse(store: Store, records: Iterable[Record], job: Record) -> None:
    """Hand the instances of the first available pool that matches to a new job."""
    for record in records:
        if record is not job and _available(record) and _matches(record, job):
            store.update(record, **{_KEPT_UNTIL: now(), _REUSED_BY: job["TrainingJobName"]})
            return


def keep(store: Store, record: Record, seconds: int) -> None:
    """Change how long a job's instances are kept, counted from its end; 0 gives them up."""
    changes: Record = {
        "ResourceConfig": {**record["ResourceConfig"], "KeepAlivePeriodInSeconds": seconds}
    }
    if _available(record):
        until = record["TrainingEndTime"] + timedelta(seconds=seconds)
        changes[_KEPT_UNTIL] = max(now(), until)
    store.update(record, **changes)


def _available(record: Record) -> bool:
    shown = status(record)
    return shown is not None and shown["Status"] == "Available"


def _matches(record: Record, job: Record) -> bool:
    return all(record.get(member) == job.get(member) for member in _MATCHING) and all(
        record["ResourceConfig"].get(member) == job["ResourceConfig"].get(member)
        for member in _MATCHING_RESOURCES
    )
