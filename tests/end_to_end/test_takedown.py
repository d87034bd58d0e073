"""Taking the rehearsal's stacks down, after every other test of it."""

from cli.s3 import split_uri
from tests.end_to_end.conftest import Rehearsal
from tests.end_to_end.test_rehearsal import Client, keys


def test_destroy_takes_the_endpoint_and_keeps_the_data(
    rehearsal: Rehearsal, client: Client
) -> None:
    rehearsal.cdk("destroy", "--all", "--force")
    assert not client("sagemaker").list_endpoints()["Endpoints"]
    assert not client("sagemaker").list_models(NameContains="flights")["Models"]
    kept = [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]]
    uri = rehearsal.summary["batch"]["output"]
    assert split_uri(uri)[0] in kept
    assert keys(client, uri)
