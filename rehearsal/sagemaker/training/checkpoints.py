"""Checkpoints: what a training program saves is in S3 while it runs, and back when it restarts.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
"""

from collections.abc import Sequence
from typing import Any

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.jobs.container import LITERAL_BASE, check_local_path
from rehearsal.sagemaker.jobs.folder_sync import FolderSync
from rehearsal.sagemaker.jobs.hosts import Host
from rehearsal.sagemaker.jobs.s3_data import check_uri, download_objects, list_prefix, split_uri

_DEFAULT_PATH = f"{LITERAL_BASE}/checkpoints"


def check_config(config: Record) -> None:
    """Refuse a folder that no host of the rehearsal has, and a place that is not in S3.

    Raises:
        ValidationError: Naming the path or the place.
    """
    check_local_path("CheckpointConfig.LocalPath", config.get("LocalPath", _DEFAULT_PATH))
    check_uri("CheckpointConfig.S3Uri", config["S3Uri"])


def restore(s3: Any, config: Record, hosts: Sequence[Host]) -> list[FolderSync]:
    """Bring the checkpoints that are in S3 to every host, before its program starts.

    Returns:
        What copies each host's new checkpoints to S3.

    Raises:
        JobFailure: If the bucket refuses it.
    """
    uri = f"{config['S3Uri'].rstrip('/')}/"
    bucket, _ = split_uri(uri)
    found = list(list_prefix(s3, uri))
    syncs = []
    for host in hosts:
        folder = host.container.local(config.get("LocalPath", _DEFAULT_PATH))
        folder.mkdir(parents=True, exist_ok=True)
        download_objects(s3, bucket, found, folder)
        syncs.append(FolderSync(s3, folder, uri))
    return syncs
