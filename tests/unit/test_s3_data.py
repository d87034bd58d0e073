"""Archives: what is packed comes out again, and nothing is written outside of the folder.

Shards: every object goes to one host. URIs, and the files that are uploaded.
"""

import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.jobs.s3_data import (
    check_uri,
    files_below,
    pack,
    shard,
    split_uri,
    unpack,
)


def archive_of(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            member.size = 4 if member.isfile() else 0
            tar.addfile(member, io.BytesIO(b"spam"))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def test_what_is_packed_comes_out_again(tmp_path: Path) -> None:
    source = tmp_path / "model"
    (source / "code").mkdir(parents=True)
    (source / "xgboost-model").write_bytes(b"\0\1")
    script = source / "code" / "serve"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    pack([source], tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    assert (tmp_path / "out/xgboost-model").read_bytes() == b"\0\1"
    assert (tmp_path / "out/code/serve").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "hostile",
    [
        member("../outside"),
        member("/outside"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("up", tarfile.SYMTYPE, "../../etc/passwd"),
        member("hard", tarfile.LNKTYPE, "/etc/passwd"),
        member("itself", tarfile.SYMTYPE, "itself"),
        member("device", tarfile.CHRTYPE),
    ],
    ids=lambda info: info.name,
)
def test_a_hostile_archive_writes_nothing_outside(tmp_path: Path, hostile: tarfile.TarInfo) -> None:
    archive = archive_of(tmp_path / "model.tar.gz", member("good"), hostile)
    with pytest.raises(JobFailure, match=r"model\.tar\.gz cannot be unpacked"):
        unpack(archive, tmp_path / "in" / "side")
    assert not list(tmp_path.rglob("outside"))
    assert [path.name for path in (tmp_path / "in/side").iterdir()] == ["good"]


def test_links_inside_of_an_archive_become_copies(tmp_path: Path) -> None:
    source = tmp_path / "model"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "last").write_text("weights")
    (source / "hard").hardlink_to(source / "deep" / "last")
    (source / "soft").symlink_to("deep/last")
    pack([source], tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    found = [tmp_path / "out" / name for name in ("deep/last", "hard", "soft")]
    assert [path.read_text() for path in found] == ["weights"] * 3
    assert not any(path.is_symlink() for path in found)


def test_files_are_found_below_a_folder_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b").touch()
    (tmp_path / "a").touch()
    (tmp_path / "gone").symlink_to("absent")
    os.mkfifo(tmp_path / "pipe")
    assert files_below(tmp_path) == [tmp_path / "a", tmp_path / "deep" / "b"]
    assert files_below(tmp_path / "absent") == []


@pytest.mark.parametrize("uri", ["https://b/k", "s3://", "s3:///k", "s3://no bucket/k", "b/k"])
def test_what_is_no_uri_is_refused_by_its_member(uri: str) -> None:
    with pytest.raises(ValidationError, match=f"^S3Uri: {uri} is not an S3 URI; it must begin"):
        check_uri("S3Uri", uri)


@given(st.from_regex(r"[a-z0-9.-]{3,63}", fullmatch=True), st.text())
def test_a_uri_is_its_bucket_and_its_key(bucket: str, key: str) -> None:
    assert split_uri(f"s3://{bucket}/{key}") == (bucket, key)
    assert split_uri(f"s3://{bucket}") == (bucket, "")


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(b"not a tar")
    with pytest.raises(JobFailure, match=r"model\.tar\.gz cannot be unpacked"):
        unpack(tmp_path / "model.tar.gz", tmp_path / "out")


def test_the_folders_of_several_hosts_become_one_archive(tmp_path: Path) -> None:
    for host in ("algo-1", "algo-2"):
        (tmp_path / host).mkdir()
        (tmp_path / host / host).write_text(host)
        (tmp_path / host / "same").write_text(host)
    pack([tmp_path / "algo-1", tmp_path / "algo-2"], tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    found = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert found == {"algo-1": "algo-1", "algo-2": "algo-2", "same": "algo-2"}


@given(objects=st.lists(st.integers(), unique=True), count=st.integers(1, 9))
def test_every_object_goes_to_one_host_and_every_host_gets_its_share(
    objects: list[int], count: int
) -> None:
    shards = [shard(objects, number, count) for number in range(count)]
    assert sorted(item for part in shards for item in part) == sorted(objects)
    sizes = [len(part) for part in shards]
    assert max(sizes) - min(sizes) <= 1
