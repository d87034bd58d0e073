"""Archives: what is packed comes out again, and nothing is written outside of the folder."""

import io
import tarfile
from pathlib import Path

import pytest

from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.s3_data import pack, unpack


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
    pack(source, tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    assert (tmp_path / "out/xgboost-model").read_bytes() == b"\0\1"
    assert (tmp_path / "out/code/serve").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    "hostile",
    [
        member("../outside"),
        member("/outside"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
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


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(b"not a tar")
    with pytest.raises(JobFailure, match=r"model\.tar\.gz cannot be unpacked"):
        unpack(tmp_path / "model.tar.gz", tmp_path / "out")
