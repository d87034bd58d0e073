"""A training job's channels: which host gets which objects, and what the host is told of them.

File mode copies a channel's objects before the program starts. FastFile mode shows the same folder
and fetches what is read; a copy made before is the same to the program.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-access-training-data.html
"""

import random
from collections.abc import Sequence
from typing import Any

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.hosts import Host
from rehearsal.sagemaker.jobs.s3_data import check_uri, download_objects, list_source, shard
from rehearsal.sagemaker.training.pipes import Pipe

SHARDED = "ShardedByS3Key"
REPLICATED = "FullyReplicated"
_DATA_TYPES = ("S3Prefix", "ManifestFile")


def input_mode(channel: Record, specification: Record) -> str:
    """File, FastFile or Pipe: the channel's own mode, else the job's."""
    return str(channel.get("InputMode") or specification["TrainingInputMode"])


def check_channel(channel: Record, specification: Record) -> None:
    """Refuse a channel that SageMaker refuses, or that the rehearsal cannot provide.

    Raises:
        ValidationError: Naming the channel.
    """
    where = f"InputDataConfig channel {channel['ChannelName']}"
    if channel["ChannelName"] in (".", ".."):
        raise ValidationError(f"{where}: that is no name of a folder.")
    source = channel["DataSource"].get("S3DataSource")
    if not source:
        raise ValidationError(f"{where}: only S3DataSource is available in the rehearsal.")
    if source["S3DataType"] not in _DATA_TYPES:
        raise ValidationError(
            f"{where}: S3DataType {source['S3DataType']} is not available in the rehearsal; "
            f"give one of {', '.join(_DATA_TYPES)}."
        )
    check_uri(f"{where}: S3Uri", source["S3Uri"])
    mode = input_mode(channel, specification)
    if mode != "Pipe":
        for member in ("CompressionType", "RecordWrapperType"):
            if channel.get(member, "None") != "None":
                raise ValidationError(
                    f"{where}: {member} {channel[member]} is used in Pipe input mode only; leave "
                    f"it unset or set it to None in {mode} mode."
                )
    elif channel.get("RecordWrapperType", "None") != "None":
        raise ValidationError(
            f"{where}: RecordWrapperType RecordIO is not available in the rehearsal."
        )


def channel_description(channel: Record, specification: Record) -> dict[str, Any]:
    """A channel's entry in `inputdataconfig.json`."""
    source = channel["DataSource"]["S3DataSource"]
    described = {
        "TrainingInputMode": input_mode(channel, specification),
        "S3DistributionType": source.get("S3DataDistributionType", REPLICATED),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    content_type = channel.get("ContentType")
    return {"ContentType": content_type, **described} if content_type else described


def provide(s3: Any, channel: Record, specification: Record, hosts: Sequence[Host]) -> list[Pipe]:
    """Bring a channel's objects to the hosts that shall have them.

    Returns:
        The pipes that must be fed while the program runs; none but in Pipe mode.

    Raises:
        JobFailure: If the data is not there, or the role may not read it.
    """
    source = channel["DataSource"]["S3DataSource"]
    bucket, objects = list_source(s3, source)
    groups = source.get("InstanceGroupNames")
    receivers = [host for host in hosts if not groups or host.group in groups]
    seed = channel.get("ShuffleConfig", {}).get("Seed")
    if seed is not None:
        random.Random(seed).shuffle(objects)
    pipes = []
    for number, host in enumerate(receivers):
        mine = objects
        if source.get("S3DataDistributionType") == SHARDED:
            mine = shard(objects, number, len(receivers))
        folder = host.container.base / "input" / "data" / channel["ChannelName"]
        if input_mode(channel, specification) == "Pipe":
            keys = [key for key, _ in mine]
            compressed = channel.get("CompressionType") == "Gzip"
            pipes.append(Pipe(s3, bucket, keys, folder, compressed=compressed, seed=seed))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            download_objects(s3, bucket, mine, folder)
    return pipes
