"""Universal Binary JSON, in which XGBoost writes its models.

Source: https://ubjson.org/type-reference/ and https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
"""

import struct
from typing import Any

import numpy as np

_NUMBERS = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
_CONSTANTS = {"Z": None, "T": True, "F": False}


def loads(content: bytes) -> Any:
    """Return the value that the bytes hold; an array of numbers of one type is numpy's.

    Raises:
        ValueError: If they are no UBJSON.
    """
    try:
        return _Reader(content).value()
    except (IndexError, struct.error, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise ValueError(f"is not UBJSON: {error}") from error


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def value(self) -> Any:
        return self._of(self._mark())

    def _mark(self) -> str:
        mark = chr(self._content[self._at])
        self._at += 1
        return mark if mark != "N" else self._mark()

    def _next_is(self, mark: str) -> bool:
        found = self._content[self._at] == ord(mark)
        self._at += found
        return found

    def _of(self, mark: str) -> Any:
        if mark in _CONSTANTS:
            return _CONSTANTS[mark]
        if mark in _NUMBERS:
            return self._numbers(mark, 1)[0].item()
        if mark == "S":
            return self._text()
        if mark == "C":
            return self._bytes(1).decode()
        if mark == "[":
            return self._array()
        if mark == "{":
            return self._object()
        raise ValueError(f"is not UBJSON: {mark!r} at byte {self._at - 1} begins no value")

    def _bytes(self, count: int) -> bytes:
        if count < 0 or self._at + count > len(self._content):
            raise ValueError(f"is not UBJSON: it ends before the {count} bytes at {self._at}")
        found = self._content[self._at : self._at + count]
        self._at += count
        return found

    def _numbers(self, mark: str, count: int) -> Any:
        kind = np.dtype(_NUMBERS[mark])
        return np.frombuffer(self._bytes(kind.itemsize * count), kind)

    def _text(self) -> str:
        return self._bytes(self._length()).decode()

    def _length(self) -> int:
        length = self.value()
        if not isinstance(length, int) or length < 0:
            raise ValueError(f"is not UBJSON: {length!r} is no length")
        return length

    def _array(self) -> Any:
        mark = self._mark() if self._next_is("$") else ""
        if not self._next_is("#"):
            return self._until("]", self.value)
        count = self._length()
        if mark in _NUMBERS:
            return self._numbers(mark, count)
        return [self._of(mark or self._mark()) for _ in range(count)]

    def _object(self) -> dict[str, Any]:
        mark = self._mark() if self._next_is("$") else ""

        def pair() -> tuple[str, Any]:
            return self._text(), self._of(mark or self._mark())

        if self._next_is("#"):
            return dict(pair() for _ in range(self._length()))
        return dict(self._until("}", pair))

    def _until(self, end: str, item: Any) -> list[Any]:
        items = []
        while not self._next_is(end):
            items.append(item())
        return items
