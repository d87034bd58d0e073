"""What ran, on what, for how long, and what is billed for it."""

from report.parts import Cell, Column, Document, Missing, Section, Table
from report.wording import count, seconds


def jobs(document: Document, drawn: bool) -> Section | str:
    """Time and billable seconds of each job, with its instance type."""
    del drawn
    found = document["jobs"]
    if not found:
        return "Time and cost: the jobs could not be described."
    instance_seconds = sum(
        (each["billable_seconds"] or 0) * each["instance_count"] for each in found
    )
    by_type: dict[str, float] = {}
    for each in found:
        billed = (each["billable_seconds"] or 0) * each["instance_count"]
        by_type[each["instance_type"]] = by_type.get(each["instance_type"], 0) + billed
    told = ", ".join(f"{count(round(value))} on `{name}`" for name, value in by_type.items())
    return Section(
        "jobs",
        "Time and cost of each job",
        [
            f"{count(round(instance_seconds))} instance seconds are billed in all: {told}. Their "
            "price is the region's."
        ],
        [_table(found)],
    )


def _table(found: list[Document]) -> Table:
    return Table(
        "Jobs",
        [
            Column("Job"),
            Column("Kind"),
            Column("Status"),
            Column("Instances"),
            Column("Seconds", number=True),
            Column("Billable seconds", number=True),
        ],
        [
            [
                f"`{each['name']}`",
                each["kind"],
                each["status"],
                f"{each['instance_count']} × `{each['instance_type']}`",  # noqa: RUF001
                seconds(each["seconds"]),
                _billed(each["billable_seconds"]),
            ]
            for each in found
        ],
        summary=f"All {len(found)} jobs",
        brief=False,
    )


def _billed(value: float | None) -> Cell:
    return Missing("SageMaker does not tell it") if value is None else seconds(value)
