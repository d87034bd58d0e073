"""Live data: the labels that come afterwards, and how the variants compare on them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from rich.table import Table

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.functions import invoke
from cli.s3 import read_json

Document = dict[str, Any]

_METRICS = ("test_roc_auc", "test_log_loss", "test_brier", "test_accuracy")


def tell_labels(deployment: Deployment, key: str, labels: Mapping[str, str]) -> None:
    """Write labels by inference id under a key of the data bucket, below `online.ground_truth`."""
    lines = (
        json.dumps(
            {
                "groundTruthData": {"data": label, "encoding": "CSV"},
                "eventMetadata": {"eventId": identity},
                "eventVersion": "0",
            }
        )
        for identity, label in labels.items()
    )
    body = "".join(f"{line}\n" for line in lines)
    bucket = deployment.output("DataBucketName")
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())


def compare(deployment: Deployment) -> Document:
    """Compare the variants now, not when the schedule would, and return the comparison.

    Raises:
        CommandError: If it fails, with the reason, or there is no endpoint.
    """
    said = invoke(deployment.output("OnlineFunctionName"), "The comparison failed")
    if not said["comparison"]:
        raise CommandError("There is no endpoint. Deploy one: `lifecycle deploy`.")
    document: Document = read_json(said["comparison"])
    return document


def table(comparison: Document) -> Table:
    """The variants side by side, each metric with its interval."""
    shown = Table(title=f"Endpoint {comparison['endpoint']} on live data", title_justify="left")
    shown.add_column("variant")
    headings = ("weight", "rows", "labelled", "errors", "p99 ms")
    for heading in (*headings, *_METRICS):
        shown.add_column(heading, justify="right")
    for each in comparison["variants"]:
        served = each["operations"]
        counts = (
            f"{each['weight']:g}",
            f"{each['rows']:,}",
            f"{each['labelled']:,}",
            _told(served["error_share"], ".2%"),
            _told(served["latency_p99_ms"], ".1f"),
        )
        shown.add_row(each["name"], *counts, *(_metric(each, name) for name in _METRICS))
    return shown


def sentences(comparison: Document) -> Iterator[str]:
    """What follows of it: the verdicts, and whether the requests were shared by the weights."""
    for each in comparison["comparisons"]:
        against = f"{each['variant']} against {each['reference']}: {each['verdict']}"
        found = each["difference"]
        if each["errors"]["verdict"] in ("better", "worse"):
            yield f"{each['variant']}'s share of errors is {each['errors']['verdict']}"
        if found is None:
            yield f"{against} ({each['reason']})"
        else:
            yield (
                f"{against} (mean {each['loss']} loss {found['value']:+.4f}, from "
                f"{found['low']:+.4f} to {found['high']:+.4f} however often one looks)"
            )
    ratio = comparison["sample_ratio"]
    if ratio and ratio["mismatch"]:
        yield (
            f"The requests were not shared by the weights (p = {ratio['p_value']:.2g}): the "
            "variants may have had requests of other kinds"
        )


def _told(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _metric(variant: Document, name: str) -> str:
    value, interval = variant["metrics"][name], variant["intervals"].get(name)
    if value is None:
        return "-"
    around = f" ({interval['low']:.3f} to {interval['high']:.3f})" if interval else ""
    return f"{value:.3f}{around}"
