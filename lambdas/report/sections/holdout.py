"""The finalists on the rows that no fold holds."""

from report import facts
from report.parts import Cell, Column, Document, Figure, Missing, Section, Table, Verdict
from report.wording import count, foreign, interval, joined, level, metric, number, probability


def holdout(document: Document, drawn: bool) -> Section | str:
    """Every metric with its interval, the gates, and the tests between finalists."""
    tested = facts.tested(document)
    if not tested:
        return "Finalists on the holdout: no candidate came so far."
    tables = [_metrics(document, tested), _gates(tested)]
    sentences = _thresholds(document, tested)
    comparison = document["comparison"]
    if comparison and comparison["pairs"]:
        tables.append(_comparison(comparison))
    else:
        sentences.append("No two finalists were compared by a test.")
    latencies = {name: found["latency"] for name, found in tested.items() if found.get("latency")}
    if latencies:
        tables.append(_latency(latencies))
    return Section(
        "holdout",
        "Finalists on the holdout",
        sentences,
        tables,
        _figures(document, tested) if drawn else (),
    )


def _thresholds(document: Document, tested: dict[str, Document]) -> list[str]:
    if document["problem"]["type"] != "binary":
        return []
    said: dict[str, list[str]] = {}
    for name, found in tested.items():
        threshold = found["threshold"]
        how = (
            f"chosen on out-of-fold rows, where it maximizes `{threshold['maximize']}`"
            if threshold["chosen"] == "out-of-fold"
            else "given in the file"
        )
        said.setdefault(f"a score of {threshold['value']:.4g} on ({how})", []).append(name)
    return [
        f"The positive class is predicted from {where}, by {joined(names)}."
        for where, names in said.items()
    ]


def _figures(document: Document, tested: dict[str, Document]) -> list[Figure]:
    from report.figures.rows import Row, intervals

    name = document["rank_by"]
    rows = [
        Row.of(label, found, name)
        for label, found in tested.items()
        if found["metrics"].get(name) is not None
    ]
    if not rows:
        return []
    drawings = intervals(
        rows, name="finalists", title=f"{name} of the finalists on the holdout", axis=name
    )
    return [Figure(drawings, f"`{name}` on the holdout; the line is its interval.")]


def _metrics(document: Document, tested: dict[str, Document]) -> Table:
    names = facts.metric_names(document, tested.values())
    levels = {
        each["level"] for found in tested.values() for each in found["intervals"].values() if each
    }
    said = f", with {level(levels.pop())} intervals" if len(levels) == 1 else ""
    return Table(
        "Metrics on the holdout",
        [Column("Metric"), *(Column(name, number=True) for name in tested)],
        [
            *(
                [f"`{name}`", *(_measured(found, name) for found in tested.values())]
                for name in names
            ),
            ["Rows", *(count(found["rows"]) for found in tested.values())],
        ],
        f"On the holdout{said}.",
    )


def _measured(found: Document, name: str) -> Cell:
    value = found["metrics"].get(name)
    if value is None:
        return Missing(found["undefined"].get(name, "undefined"))
    ends = found["intervals"].get(name)
    bound = found["error_bounds"].get(name)
    exact = f" ± {bound:.1g} (binned)" if bound else ""
    return number(value) + exact + (f" ({interval(ends)})" if ends else "")


def _gates(tested: dict[str, Document]) -> Table:
    return Table(
        "Gates",
        [Column("Finalist"), Column("Gate"), Column("Value", number=True), Column("Result")],
        [
            row
            for name, found in tested.items()
            for row in (
                [_gate(name, gate) for gate in found["gates"]]
                or [[name, "no gates", "", Verdict(passed=True)]]
            )
        ],
        "Gates: what a finalist must reach to be registered.",
    )


def _gate(name: str, gate: Document) -> list[Cell]:
    reason = foreign(gate.get("reason") or "undefined")
    value = metric(gate["value"], reason)
    if gate.get("low") is not None:
        value = f"{value} ({interval(gate)})"
    return [name, f"`{gate['gate']}`", value, Verdict(gate["passed"])]


def _comparison(comparison: Document) -> Table:
    reference = comparison["reference"]
    return Table(
        "Comparisons",
        [
            Column("Finalist"),
            Column("Test"),
            Column("Difference", number=True),
            Column("p", number=True),
            Column("p, corrected", number=True),
            Column("Distinguishable"),
        ],
        [
            [
                each["candidate"],
                f"`{metric}`: {each['test']}",
                _difference(each),
                _probability(each, "p_value"),
                _probability(each, "p_adjusted"),
                "yes" if each["distinguishable"] else "no",
            ]
            for metric, tests in (
                (comparison["metric"], comparison["pairs"]),
                ("test_accuracy", comparison["mcnemar"]),
            )
            for each in tests
        ],
        f"Compared with {reference} on the same rows; a difference is the finalist's value less "
        "that one's. p is corrected for the number of finalists.",
    )


def _difference(each: Document) -> Cell:
    if each["difference"] is None:
        return Missing(each["reason"] or "undefined")
    ends = f" ({interval(each)})" if each["low"] is not None else ""
    return number(each["difference"]) + ends


def _probability(each: Document, key: str) -> Cell:
    if each[key] is None:
        return Missing(each["reason"] or "undefined")
    return probability(each[key])


def _latency(latencies: dict[str, Document]) -> Table:
    return Table(
        "Latency",
        [
            Column("Finalist"),
            Column("Requests", number=True),
            Column("Retries", number=True),
            *(Column(name, number=True) for name in ("p50", "p90", "p99", "max")),
        ],
        [
            [
                name,
                count(each["requests"]),
                count(each["retries"]),
                *(f"{each[key]:.1f}" for key in ("p50", "p90", "p99", "max")),
            ]
            for name, each in latencies.items()
        ],
        "Milliseconds that a deployed model took to answer, in the replay of the holdout.",
    )
