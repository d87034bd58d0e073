"""The rows: read, dropped and kept, and what was found in them."""

from collections.abc import Iterable

from report.parts import Cell, Column, Document, Section, Table
from report.wording import count, foreign, percent, size

_MOST_CATEGORIES = 12


def data(document: Document, drawn: bool) -> Section:
    """What the preparation said of its work."""
    found = document["data"]
    del drawn
    return Section(
        "data",
        "Data",
        [*_shares(document), *_leaks(found), *_bytes(document)],
        [_rows(found), _parts(found), _features(found), *_findings(found)],
    )


def _rows(found: Document) -> Table:
    read = found["rows_read"]

    def row(label: str, number: int) -> list[Cell]:
        return [label, count(number), percent(number / read if read else 0.0)]

    return Table(
        "Data",
        [Column("Rows"), Column("Count", number=True), Column("Of those read", number=True)],
        [
            row("Read", read),
            *(
                row(f"Dropped: {foreign(each['reason'])}", each["rows"])
                for each in found["dropped"]
            ),
            row("Kept", found["rows"]),
            row("Kept for the folds", found["rows"] - found["holdout_rows"]),
            row("Kept for the holdout", found["holdout_rows"]),
        ],
    )


def _parts(found: Document) -> Table:
    keys = [key for key in ("rows", "positives") if all(key in fold for fold in found["folds"])]
    return Table(
        "Folds",
        [Column("Fold"), *(Column(key.capitalize(), number=True) for key in keys)],
        [[str(fold["fold"]), *(count(fold[key]) for key in keys)] for fold in found["folds"]],
        summary="Rows of each fold",
        brief=False,
    )


def _features(found: Document) -> Table:
    categories = found.get("categories", {})
    rows: list[list[Cell]] = []
    for name in found["features"]:
        values = categories.get(name)
        shown = [foreign(str(value)) for value in (values or [])[:_MOST_CATEGORIES]]
        more = "" if values is None or len(values) <= len(shown) else ", ..."
        rows.append(
            [
                f"`{name}`",
                "number" if values is None else f"{len(values)} categories",
                ", ".join(shown) + more,
            ]
        )
    return Table(
        "Features",
        [Column("Feature"), Column("Kind"), Column("Categories")],
        rows,
        summary="Features",
        brief=False,
    )


def _shares(document: Document) -> list[str]:
    data = document["data"]
    if document["problem"]["type"] == "binary" and "positive_share" in data:
        return [f"{percent(data['positive_share'])} of the rows that were kept are positive."]
    classes = data.get("class_rows") or {}
    if not classes:
        return []
    shown = sorted(classes.items(), key=lambda each: -each[1])[:_MOST_CATEGORIES]
    told = ", ".join(f"{percent(rows / data['rows'])} {foreign(name)}" for name, rows in shown)
    more = ", ..." if len(classes) > len(shown) else ""
    return [f"Of the rows that were kept are {told}{more}."]


def _leaks(found: Document) -> list[str]:
    leakage = found.get("leakage")
    if leakage is None:
        return ["The preparation looked for no leakage."]
    return [] if leakage else ["✓ No leakage was found between the folds, nor in a feature."]


def _findings(found: Document) -> Iterable[Table]:
    leaks = found.get("leakage")
    if not leaks:
        return
    rows: list[list[Cell]] = [
        [each["kind"].replace("_", " "), foreign(each["detail"]), count(each["rows"])]
        for each in leaks
    ]
    yield Table(
        "Leakage",
        [Column("Suspicion"), Column("Found"), Column("Rows", number=True)],
        rows,
        "✗ Leakage: what may make a model look better than it is on new rows.",
    )


def _bytes(document: Document) -> list[str]:
    prepared, stored = document["data"]["bytes_prepared"], document.get("bytes_stored")
    if stored is None or not prepared:
        return [f"{size(prepared)} were prepared."]
    return [
        f"{size(prepared)} were prepared and {size(stored)} are stored: {stored / prepared:.2f} "
        "times the data. No row is copied for a fold: what is above 1.00 are manifests, and the "
        "weights, groups and slices of the rows."
    ]
