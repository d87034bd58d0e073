"""The document as one HTML page that loads nothing and runs nothing."""

import re
from pathlib import Path
from typing import Any

from report import answers
from report.parts import Bar, Cell, Document, Missing, Verdict
from report.sections import sections

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


def render(document: Document) -> str:
    """Return the page; equal documents give equal pages."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True,
        keep_trailing_newline=True,
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(cell=_cell, inline=_inline)
    text: str = environment.get_template("page.html").render(
        document=document,
        title=answers.title(document),
        answers=answers.answers(document),
        cards=answers.cards(document),
        sections=sections(document, drawn=True),
        markup=Markup,
    )
    # A reason may hold what no encoding of Unicode has.
    return text.encode("utf-8", "replace").decode()


def _inline(text: str) -> Any:
    """Text in which `this` is code and **this** is strong."""
    from markupsafe import Markup, escape

    marked = _CODE.sub(r"<code>\1</code>", str(escape(text)))
    marked = _BOLD.sub(r"<strong>\1</strong>", marked)
    for sign, kind in (("✓", "good"), ("✗", "bad")):
        marked = re.sub(rf"{sign} [\w-]+", rf'<span class="{kind}">\g<0></span>', marked)
    return Markup(marked)


def _cell(cell: Cell) -> Any:
    from markupsafe import Markup

    match cell:
        case Verdict(passed):
            return _inline("✓ passed" if passed else "✗ failed")
        case Missing(reason):
            return Markup('<abbr title="{}">–</abbr>').format(reason)  # noqa: RUF001
        case Bar(share, mark):
            line = "" if mark is None else Markup('<i style="left: {:.1%}"></i>').format(mark)
            return Markup(
                '<div class="bar" aria-hidden="true"><span style="width: {:.1%}"></span>{}</div>'
            ).format(share, line)
        case _:
            return _inline(str(cell))
