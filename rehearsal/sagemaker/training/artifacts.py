"""What a training job leaves in S3: the model, and the other output.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-output.html
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.jobs.hosts import Host
from rehearsal.sagemaker.jobs.s3_data import pack, upload, upload_file


def model_uri(record: Record) -> str:
    """Where a training job's model goes: an archive, or a prefix with CompressionType NONE."""
    config = record["OutputDataConfig"]
    name = "model/" if config.get("CompressionType") == "NONE" else "model.tar.gz"
    return f"{_target(record)}/{name}"


def upload_artifacts(
    s3: Any, record: Record, hosts: Sequence[Host], folder: Path, *, corrupt: bool
) -> None:
    """Upload the model and, if there is any, the other output, of all hosts together.

    Args:
        s3: Who writes.
        record: Of the training job.
        hosts: Whose output it is; in an archive the files of the later ones win.
        folder: For the archives.
        corrupt: Whether the model arrives damaged.

    Raises:
        JobFailure: If the bucket or the key refuses it.
    """
    key_id = record["OutputDataConfig"].get("KmsKeyId", "")
    models = [host.container.model for host in hosts]
    uri = model_uri(record)
    if uri.endswith("/"):
        for model in models:
            upload(s3, model, uri, key_id)
    else:
        archive = folder / "model.tar.gz"
        pack(models, archive)
        if corrupt:
            content = archive.read_bytes()
            archive.write_bytes(content[: len(content) // 2])
        upload_file(s3, archive, uri, key_id)
    outputs = [host.container.output_data for host in hosts]
    if any(output.is_dir() and any(output.iterdir()) for output in outputs):
        archive = folder / "output.tar.gz"
        pack(outputs, archive)
        upload_file(s3, archive, f"{_target(record)}/output.tar.gz", key_id)


def _target(record: Record) -> str:
    path = record["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{path}/{record['TrainingJobName']}/output"
