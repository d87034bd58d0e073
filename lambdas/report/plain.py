"""The document for terminals and for pull requests: the same facts, without pictures."""

from collections.abc import Callable, Iterator, Sequence

from report import answers
from report.parts import Bar, Cell, Column, Document, Missing, Section, Table, Verdict
from report.sections import sections

_DASH = "–"  # noqa: RUF001


def text(document: Document) -> str:
    """Return the report as plain text, its tables as wide as they need."""
    heading = f"{answers.title(document)} ({document['project']}, run {document['run']})"
    lines = [heading, "=" * len(heading), ""]
    for question, answer in answers.answers(document):
        lines += [question, f"  {_bare(answer)}"]
    for card in answers.cards(document):
        note = f" ({_bare(card.note)})" if card.note else ""
        lines.append(f"{_bare(card.title)}: {card.value}{note}")
    for section in _brief(document):
        lines += ["", section.title, "-" * len(section.title)]
        lines += [_bare(sentence) for sentence in section.sentences]
        for table in section.tables:
            lines += ["", *_text_table(table)]
    return "\n".join(lines) + "\n"


def markdown(document: Document) -> str:
    """Return the report as GitHub's Markdown; what others wrote is escaped."""
    lines = [f"# {answers.title(document)}", "", f"{document['project']}, run `{document['run']}`"]
    for question, answer in answers.answers(document):
        lines += ["", f"**{question}** {_escaped(answer)}"]
    lines += ["", *_markdown_cards(document)]
    for section in _brief(document):
        lines += ["", f"## {section.title}"]
        for sentence in section.sentences:
            lines += ["", _escaped(sentence)]
        for table in section.tables:
            lines += ["", *_markdown_table(table)]
    return "\n".join(lines) + "\n"


def _brief(document: Document) -> Iterator[Section]:
    for section in sections(document, drawn=False):
        tables = [table for table in section.tables if table.brief]
        if tables or section.sentences:
            yield Section(section.id, section.title, section.sentences, tables)


def _word(cell: Cell) -> str:
    match cell:
        case Verdict(passed):
            return "✓ passed" if passed else "✗ failed"
        case Missing():
            return _DASH
        case Bar(share):
            return f"{share:.1%}"
        case _:
            return str(cell)


def _bare(text: str) -> str:
    return text.replace("`", "").replace("**", "")


def _cells(table: Table, write: Callable[[str], str]) -> list[list[str]]:
    # A bar says nothing that the columns beside it do not say in numbers.
    bars = {at for row in table.rows for at, cell in enumerate(row) if isinstance(cell, Bar)}
    rows: Sequence[Sequence[Cell]] = [[column.title for column in table.columns], *table.rows]
    return [[write(_word(cell)) for at, cell in enumerate(row) if at not in bars] for row in rows]


def _columns(table: Table) -> list[Column]:
    bars = {at for row in table.rows for at, cell in enumerate(row) if isinstance(cell, Bar)}
    return [column for at, column in enumerate(table.columns) if at not in bars]


def _text_table(table: Table) -> Iterator[str]:
    if table.caption or table.summary:
        yield _bare(table.caption or table.summary)
    rows = _cells(table, lambda text: " ".join(_bare(text).split()))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    numbers = [column.number for column in _columns(table)]
    for position, row in enumerate(rows):
        yield "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ).rstrip()
        if not position:
            yield "  ".join("-" * width for width in widths)


def _markdown_table(table: Table) -> Iterator[str]:
    if table.caption or table.summary:
        yield _escaped(table.caption or table.summary)
        yield ""
    heading, *rows = _cells(table, _escaped)
    yield _markdown_row(heading)
    yield _markdown_row(["---:" if column.number else "---" for column in _columns(table)])
    for row in rows:
        yield _markdown_row(row)


def _markdown_cards(document: Document) -> Iterator[str]:
    for card in answers.cards(document):
        note = f" ({_escaped(card.note)})" if card.note else ""
        yield f"- {_escaped(card.title)}: **{_escaped(card.value)}**{note}"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is; code and strong text stay such."""
    pieces = " ".join(text.split()).split("`")
    for at in range(0, len(pieces), 2):
        for sign in ("\\", "<", "[", "]", "_", "#", "~", "@"):
            pieces[at] = pieces[at].replace(sign, f"\\{sign}" if sign != "@" else "@\u200b")
    return "`".join(pieces).replace("|", "\\|")
