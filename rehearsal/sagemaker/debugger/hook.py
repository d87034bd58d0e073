"""The hook: where a training program saves tensors, and how they come to S3.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DebugHookConfig.html
"""

import io
from collections.abc import Sequence

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.jobs.container import check_local_path
from rehearsal.sagemaker.jobs.folder_sync import FolderSync
from rehearsal.sagemaker.jobs.hosts import Host, literal_paths
from rehearsal.sagemaker.jobs.s3_data import check_uri, upload_body
from rehearsal.sagemaker.roles import Role

_DEFAULT_PATH = "/opt/ml/output/tensors"


def check_hook(config: Record) -> None:
    """Refuse a folder that no host of the rehearsal has, and a place that is not in S3.

    Raises:
        ValidationError: Naming the path or the place.
    """
    check_local_path("DebugHookConfig.LocalPath", config.get("LocalPath", _DEFAULT_PATH))
    check_uri("DebugHookConfig.S3OutputPath", config["S3OutputPath"])


def output_uri(record: Record) -> str:
    """Where the tensors of a training job go."""
    path = record["DebugHookConfig"]["S3OutputPath"].rstrip("/")
    return f"{path}/{record['TrainingJobName']}/debug-output"


def claim_output(role: Role, record: Record) -> None:
    """Put smdebug's `claim.smd` there: a role that may not fails before it trains for nothing.

    Raises:
        JobFailure: If the bucket refuses it.
    """
    upload_body(role.s3, io.BytesIO(), f"{output_uri(record)}/claim.smd", "")


def prepare(role: Role, record: Record, hosts: Sequence[Host]) -> list[FolderSync]:
    """Give every host its `debughookconfig.json` and the folder that it names.

    Returns:
        What copies each host's new tensors to S3.
    """
    config = record["DebugHookConfig"]
    path = config.get("LocalPath", _DEFAULT_PATH)
    syncs = []
    for host in hosts:
        folder = host.container.local(path)
        folder.mkdir(parents=True, exist_ok=True)
        local = path if literal_paths() else str(folder)
        host.container.configure("input/config", debughookconfig={**config, "LocalPath": local})
        syncs.append(FolderSync(role.s3, folder, output_uri(record)))
    return syncs
