"""The example of an application: what it writes is what the comparison reads."""

from typing import Any

import boto3
import pytest

from evaluation.online.ground_truth import Truth, read_ground_truth
from examples.application import labels_of, tell


def test_labels_are_written_where_and_as_they_are_read(empty_account: None) -> None:
    s3: Any = boto3.client("s3")
    s3.create_bucket(Bucket="data")
    uri = tell("s3://data/ground-truth/", labels_of(["a,1\n", "b,0\n"]))
    assert uri.startswith("s3://data/ground-truth/2")
    body = s3.get_object(Bucket="data", Key=uri.removeprefix("s3://data/"))["Body"].read()
    truths = list(read_ground_truth(body.splitlines(), uri))
    assert truths == [Truth("a", 1), Truth("b", 0)]


@pytest.mark.parametrize("line", ["a", "a,2", "a,1,x", ""])
def test_a_line_that_is_no_label_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 2: got \["):
        list(labels_of(["a,1\n", f"{line}\n"]))
