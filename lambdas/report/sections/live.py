"""The endpoint's variants on live data: what they are worth, and which is better."""

from report.parts import Cell, Column, Document, Section, Table
from report.wording import count, interval, metric, number, percent

_METRICS = {"test_roc_auc": "ROC AUC", "test_brier": "Brier"}


def live(comparison: Document) -> Section:
    """The section of a comparison as the online function writes it."""
    return Section(
        "live",
        "Variants on live data",
        [*_verdicts(comparison), *_traffic(comparison)],
        [
            Table(
                "Variants on live data",
                [
                    Column("Variant"),
                    Column("Labelled rows", number=True),
                    Column("Errors", number=True),
                    Column("p99 (ms)", number=True),
                    *(
                        Column(name, number=True)
                        for each in _METRICS.values()
                        for name in (each, "Interval")
                    ),
                ],
                [_row(each) for each in comparison["variants"]],
                "Of rows whose labels are known; an interval is of one look.",
            )
        ],
    )


def _row(variant: Document) -> list[Cell]:
    served = variant["operations"]
    share, slowest = served["error_share"], served["latency_p99_ms"]
    cells: list[Cell] = [
        variant["name"],
        count(variant["labelled"]),
        metric(None, "no request was counted") if share is None else percent(share),
        metric(None, "no request was counted") if slowest is None else f"{slowest:.1f}",
    ]
    for name in _METRICS:
        reason = variant["undefined"].get(name, "undefined")
        cells.append(metric(variant["metrics"][name], reason))
        cells.append(interval(variant["intervals"].get(name)))
    return cells


def _verdicts(comparison: Document) -> list[str]:
    said = []
    for each in comparison["comparisons"]:
        against = f"`{each['variant']}` against `{each['reference']}`: {each['verdict']}"
        found = each["difference"]
        if each["errors"]["verdict"] == "worse":
            said.append(f"✗ The share of errors of `{each['variant']}` is higher.")
        if found is None:
            said.append(f"{against}; {each['reason']}.")
        else:
            side = "higher" if found["value"] > 0 else "lower"
            said.append(
                f"{against}. Its mean {each['loss']} loss is {side} by "
                f"{number(abs(found['value']))}; however often one looks, the difference is within "
                f"{interval(found)}."
            )
    return said


def _traffic(comparison: Document) -> list[str]:
    ratio = comparison["sample_ratio"]
    if not ratio or not ratio["mismatch"]:
        return []
    return [
        f"✗ The requests were not shared by the weights (p = {ratio['p_value']:.2g}): the variants "
        "may have had requests of other kinds."
    ]
