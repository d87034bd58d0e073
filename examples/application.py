"""An application that asks the endpoint, and tells later what was true.

It needs boto3 alone, permission to `sagemaker:InvokeEndpoint` on the endpoint, and for the labels
to `s3:PutObject` below `ground-truth/` in the data bucket (and `kms:GenerateDataKey` on its key):

    python examples/application.py predict flights docs/rows.csv > predictions.csv
    python examples/application.py tell s3://DATA-BUCKET/ground-truth/ labels.csv
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# A prediction that comes late is worth nothing to its user: two seconds, and once more.
PATIENCE = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)


def predict(endpoint: str, rows: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Ask for one row of features, as CSV, after the other.

    Yields:
        The inference id, by which the label can be told; the prediction; the variant.
    """
    client = boto3.client("sagemaker-runtime", config=PATIENCE)
    for row in rows:
        identity = str(uuid4())
        answer = client.invoke_endpoint(
            EndpointName=endpoint,
            ContentType="text/csv",
            Accept="text/csv",
            Body=row,
            InferenceId=identity,
        )
        prediction = answer["Body"].read().decode().strip()
        yield identity, prediction, answer["InvokedProductionVariant"]


def tell(folder: str, labels: Iterable[tuple[str, str]]) -> str:
    """Write labels by their inference ids as one object of JSON Lines; returns its URI."""
    lines = [
        {
            "groundTruthData": {"data": label, "encoding": "CSV"},
            "eventMetadata": {"eventId": identity},
            "eventVersion": "0",
        }
        for identity, label in labels
    ]
    bucket, _, prefix = folder.removeprefix("s3://").partition("/")
    key = f"{prefix}{datetime.now(UTC):%Y/%m/%d/%H}/{uuid4()}.jsonl"
    body = "".join(json.dumps(line) + "\n" for line in lines)
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
    return f"s3://{bucket}/{key}"


def labels_of(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Read lines of an inference id and a label, with a comma between.

    Raises:
        ValueError: If a line is something else. Names the line, from 1.
    """
    for number, columns in enumerate(csv.reader(lines), start=1):
        if len(columns) != 2 or columns[1] not in ("0", "1"):
            raise ValueError(f"line {number}: got {columns}; allowed: <inference id>,<0 or 1>")
        yield columns[0], columns[1]


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("predict", "tell"))
    parser.add_argument("target", help="the endpoint's name, or where labels go: s3://.../")
    parser.add_argument("file", help="rows of features, or lines of inference id and label")
    options = parser.parse_args()
    try:
        with open(options.file, encoding="utf-8", newline="") as file:
            if options.action == "predict":
                rows = (line.strip() for line in file if line.strip())
                csv.writer(sys.stdout).writerows(predict(options.target, rows))
            else:
                sys.stdout.write(tell(options.target, labels_of(file)) + "\n")
    except (OSError, ValueError, BotoCoreError, ClientError) as error:
        sys.exit(f"{options.action}: {error}")


if __name__ == "__main__":
    main()
