"""With `storage.retain: false`, a destroyed project leaves no bucket behind, however full."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.cdk import Cdk
from rehearsal.account import Account
from rehearsal.server import ACCOUNT_ID
from tests.end_to_end.conftest import talking_to, write_project


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    account = Account.start(tmp_path / "account")
    yield account
    account.stop()


def test_full_versioned_buckets_are_emptied_and_deleted(account: Account, tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_text("arr_delay\n")
    file = write_project(tmp_path)
    file.write_text(file.read_text().replace("retain: true", "retain: false"))
    cdk = Cdk(file, tmp_path / "cdk")
    s3 = account.client("s3")
    with talking_to(account):
        cdk.bootstrap(ACCOUNT_ID, account.region)
        before = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        cdk.run("deploy", "flights-storage", "--require-approval=never")
        deployed = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        assert len(deployed) > len(before)
        for bucket in set(deployed) - set(before):
            for version in (b"first", b"second"):
                s3.put_object(Bucket=bucket, Key="folder/object", Body=version)
            s3.delete_object(Bucket=bucket, Key="folder/object")
        cdk.run("destroy", "flights-storage", "--force")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == before
