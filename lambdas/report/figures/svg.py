"""Makes a drawing of matplotlib's part of a page: named, themed by the page, responsive."""

import re
import xml.etree.ElementTree as ElementTree

INK = "#000001"
MUTED = "#000002"
RULE = "#000003"
ACCENT = "#000004"
SURFACE = "#000005"
SERIES = tuple(f"#00001{number}" for number in range(1, 7))

# Matplotlib knows no CSS variables, so it draws in these stand-ins.
_PAINT = {
    INK: "currentColor",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    ACCENT: "var(--accent)",
    SURFACE: "var(--surface)",
    **{series: f"var(--series-{number})" for number, series in enumerate(SERIES, start=1)},
}
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def embed(drawing: str, *, name: str, classes: str, title: str, description: str) -> str:
    """An SVG document as an element for an HTML page.

    Args:
        drawing: The document, with text as text, in the colours of this module.
        name: Becomes the prefix of every id in it.
        classes: The element's classes.
        title: What a screen reader calls the picture.
        description: What a screen reader says of its content.
    """
    root = ElementTree.fromstring(drawing)
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)
    referenced = {reference for element in root.iter() for reference in _references(element)}
    for element in root.iter():
        _localize(element, name, referenced)
    root.attrib = {
        "class": classes,
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
        "stroke-linejoin": "round",
    }
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        identifier = f"{name}-{'title' if tag == 'title' else 'description'}"
        spoken = ElementTree.Element(tag, {"id": identifier})
        spoken.text = text
        root.insert(position, spoken)
    return ElementTree.tostring(root, encoding="unicode")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _references(element: ElementTree.Element) -> list[str]:
    found = []
    for key, value in element.attrib.items():
        if _local(key) == "href":
            found.append(value.removeprefix("#"))
        found += _REFERENCE.findall(value)
    return found


def _localize(element: ElementTree.Element, name: str, referenced: set[str]) -> None:
    element.tag = _local(element.tag)
    attributes = {}
    for key, value in element.attrib.items():
        local = _local(key)
        if local == "id":
            if value not in referenced:
                continue
            value = f"{name}-{value}"
        elif local == "href":
            value = f"#{name}-{value.removeprefix('#')}"
        elif local in ("style", "clip-path"):
            value = _REFERENCE.sub(rf"url(#{name}-\1)", value)
            for stand_in, paint in _PAINT.items():
                value = value.replace(stand_in, paint)
        attributes[local] = value
    element.attrib = attributes
