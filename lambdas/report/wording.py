"""How numbers and names are written in the report."""

import math
import re

from evaluation.metrics import SMALLER_IS_BETTER
from report.parts import Cell, Document, Missing

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def number(value: float | None) -> str:
    """A number with four decimals, or with four significant digits if it is 100 or more."""
    if value is None:
        return "–"  # noqa: RUF001
    if value and (abs(value) >= 100 or abs(value) < 0.001):
        return f"{value:,.0f}" if 10_000 <= abs(value) < 1e9 else f"{value:.4g}"
    return f"{value:.4f}"


def metric(value: float | None, why: str = "undefined") -> Cell:
    """A metric's cell."""
    return Missing(why) if value is None else number(value)


def interval(found: Document | None) -> str:
    """Both ends of an interval; no text if there is none."""
    return f"{number(found['low'])} to {number(found['high'])}" if found else ""


def count(value: float) -> str:
    """A whole number with thousands separated; of weights, two decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def percent(share: float) -> str:
    """A share from 0 to 1, as a percentage with one decimal."""
    return f"{share:.1%}"


def level(share: float) -> str:
    """A confidence level, without decimals that it does not have."""
    return f"{share * 100:.4g}%"


def seconds(value: float | None) -> Cell:
    """Seconds, the short ones with a decimal."""
    if value is None:
        return Missing("not known")
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:.1f}"


def size(value: int) -> str:
    """A number of bytes in the largest unit that leaves at least one (1 kB is 1,000 bytes)."""
    unit = min(int(math.log10(max(value, 1)) // 3), len(_UNITS) - 1)
    return f"{value:,} bytes" if not unit else f"{value / 1000**unit:.1f} {_UNITS[unit]}"


def probability(value: float | None) -> str:
    """A p-value."""
    if value is None:
        return "–"  # noqa: RUF001
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def short_number(text: str) -> str:
    """A number's text with four significant digits at most; a whole number or a word as it is."""
    try:
        return text if text.lstrip("+-").isdigit() else f"{float(text):.4g}"
    except ValueError:
        return text


def direction(name: str) -> str:
    """Which end of a metric is the good one."""
    return "smaller is better" if name in SMALLER_IS_BETTER else "larger is better"


def plural(count_of: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count_of:,} {noun}{'' if count_of == 1 else 's'}"


def joined(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def foreign(text: str) -> str:
    """Text that others wrote, such as a reason: no backtick makes code of it, no control character.

    A character that is no valid Unicode becomes a question mark.
    """
    return _CONTROL.sub("?", text.replace("`", "'").replace("\r\n", "\n"))
