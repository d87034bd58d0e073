"""What it was made with: versions, images, and the exact configuration."""

import json

from report.parts import Column, Document, Section, Table


def versions(document: Document, drawn: bool) -> Section:
    """Packages of the evaluation, and the images of the jobs."""
    del drawn
    found = document["versions"]
    images = {each["image"]: each["kind"] for each in document["jobs"] if each["image"]}
    tables = [
        Table(
            "Packages of the evaluation",
            [Column("Package"), Column("Version")],
            [[name, version] for name, version in sorted(found.items())],
            "What computed these numbers.",
        )
    ]
    if images:
        tables.append(
            Table(
                "Images",
                [Column("Image"), Column("First used for")],
                [[f"`{image}`", kind] for image, kind in images.items()],
                "The images that the jobs ran.",
                brief=False,
            )
        )
    return Section("versions", "Versions", (), tables)


def configuration(document: Document, drawn: bool) -> Section | str:
    """The lifecycle file after every check, with every default."""
    del drawn
    if not document["configuration"]:
        return "Configuration: the run was not told it."
    return Section(
        "configuration",
        "Configuration",
        ["The lifecycle file as it was resolved, with every default."],
        listing=json.dumps(document["configuration"], indent=2, ensure_ascii=False),
    )
