"""The records of one kind of resource: unique names, listing by the API's filters, paging."""

import base64
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rehearsal.sagemaker.errors import ResourceInUse, ValidationError

Record = dict[str, Any]

_DEFAULT_PAGE = 10  # SageMaker's default MaxResults


def now() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)


class Store:
    """Records by name, in order of creation. Safe to use from many threads."""

    def __init__(self, noun: str) -> None:
        """Make an empty store; `noun` is the word of its error messages, e.g. `Training job`."""
        self.noun = noun
        self._records: dict[str, Record] = {}
        self._arns: dict[str, str] = {}
        self._lock = threading.RLock()

    def add(self, name: str, record: Record, arn: str) -> Record:
        """Keep a new record, whose own ARN the refusal of a second one names.

        Raises:
            ResourceInUse: If the name is taken.
        """
        with self._lock:
            if name in self._records:
                raise ResourceInUse(
                    f"{self.noun} names must be unique within an AWS account and region, but a "
                    f"{self.noun.lower()} with this name already exists ({self._arns[name]})"
                )
            stamp = now()
            record.setdefault("CreationTime", stamp)
            record.setdefault("LastModifiedTime", stamp)
            self._records[name] = record
            self._arns[name] = arn
            return record

    def get(self, name: str, arn: str = "") -> Record:
        """The record of that name.

        Raises:
            ValidationError: `Could not find ...`, as the service says it.
        """
        with self._lock:
            if name not in self._records:
                raise ValidationError(f'Could not find {self.noun.lower()} "{arn or name}".')
            return self._records[name]

    def update(self, record: Record, **changes: Any) -> None:
        """Change a record and its LastModifiedTime at once."""
        with self._lock:
            record.update(changes, LastModifiedTime=now())

    def remove(self, name: str) -> Record:
        """Forget the record of that name, and return it."""
        with self._lock:
            record = self.get(name)
            del self._records[name]
            return record

    def __iter__(self) -> Iterator[Record]:
        with self._lock:
            return iter(list(self._records.values()))

    def __contains__(self, name: object) -> bool:
        with self._lock:
            return name in self._records

    def __len__(self) -> int:
        return len(self._records)


def page(
    records: list[Record], request: Record, *, name_key: str, status_key: str = ""
) -> tuple[list[Record], str | None]:
    """One page of a List operation: its records, and the NextToken if there are more.

    Knows NameContains, StatusEquals, CreationTimeAfter / Before, SortBy, SortOrder, MaxResults.
    The default order is the service's: by CreationTime, newest first.
    """
    wanted = str(request.get("NameContains", "")).lower()
    status = request.get("StatusEquals")
    after, before = request.get("CreationTimeAfter"), request.get("CreationTimeBefore")
    kept = [
        record
        for record in records
        if wanted in str(record[name_key]).lower()
        and (not status or record.get(status_key) == status)
        and (after is None or record["CreationTime"].timestamp() > float(after))
        and (before is None or record["CreationTime"].timestamp() < float(before))
    ]
    key = {"Name": name_key, "Status": status_key}.get(request.get("SortBy", ""), "CreationTime")
    descending = request.get("SortOrder", "Descending") == "Descending"
    kept.sort(key=lambda record: record[key], reverse=descending)
    start = _decode(request["NextToken"]) if request.get("NextToken") else 0
    end = start + int(request.get("MaxResults", _DEFAULT_PAGE))
    return kept[start:end], _encode(end) if end < len(kept) else None


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def _decode(token: str) -> int:
    try:
        prefix, position = base64.urlsafe_b64decode(token.encode()).decode().split(":")
        if prefix == "at":
            return int(position)
    except ValueError:
        pass
    raise ValidationError("The provided NextToken is invalid.")
