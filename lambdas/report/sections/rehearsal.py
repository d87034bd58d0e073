"""What only a rehearsal has: live traffic, batch transform, and the seconds of its stages."""

from report.parts import Bar, Cell, Column, Document, Section, Table
from report.sections.live import live
from report.wording import count, percent


def rehearsal(document: Document) -> list[Section]:
    """The sections of the document's `rehearsal`; none where it has none."""
    found = document.get("rehearsal")
    if not found:
        return []
    comparison = found["endpoint"].get("comparison")
    return [
        _traffic(found["endpoint"]),
        *([live(comparison)] if comparison else []),
        _batch(found["batch"]),
        _stages(found["stages"]),
    ]


def _traffic(endpoint: Document) -> Section:
    variants = endpoint["variants"]
    weights = sum(variant["weight"] for variant in variants)
    requests = sum(variant["requests"] for variant in variants)
    rows: list[list[Cell]] = []
    for variant in variants:
        configured = variant["weight"] / weights if weights else 0.0
        observed = variant["requests"] / requests if requests else 0.0
        rows.append(
            [
                variant["name"],
                f"{variant['weight']:g} ({percent(configured)})",
                f"{count(variant['requests'])} ({percent(observed)})",
                Bar(observed, configured),
            ]
        )
    return Section(
        "traffic",
        "Live traffic",
        [f"{count(requests)} requests to the endpoint `{endpoint['name']}`."],
        [
            Table(
                "Live traffic",
                [
                    Column("Variant"),
                    Column("Weight", number=True),
                    Column("Answered", number=True),
                    Column("Share"),
                ],
                rows,
                "Bar: the share answered; line: the share by weight.",
            )
        ],
    )


def _batch(batch: Document) -> Section:
    complete = batch["rows_in"] == batch["rows_out"]
    verdict = "✓ one for each row in" if complete else "✗ not one for each row in"
    return Section(
        "batch",
        "Batch transform",
        (),
        [
            Table(
                "Batch transform",
                [Column("Fact"), Column("Value")],
                [
                    ["Rows in", count(batch["rows_in"])],
                    ["Rows out", f"{count(batch['rows_out'])} {verdict}"],
                    ["Seconds", f"{batch['seconds']:.1f}"],
                    ["Output", f"`{batch['output']}`"],
                    ["Model package", f"`{batch['model_package']}`"],
                ],
            )
        ],
    )


def _stages(stages: dict[str, float]) -> Section:
    longest = max(stages.values(), default=0.0)
    rows: list[list[Cell]] = [
        [name, f"{value:.1f}", Bar(value / longest if longest else 0.0)]
        for name, value in stages.items()
    ]
    return Section(
        "stages",
        "Stages",
        (),
        [
            Table(
                "Stages",
                [Column("Stage"), Column("Seconds", number=True), Column("Of the longest")],
                [*rows, ["All stages", f"{sum(stages.values()):.1f}", ""]],
            )
        ],
    )
