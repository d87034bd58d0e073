"""The records of one kind of resource: unique names, listing by the API's filters, paging."""

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rehearsal.sagemaker.api.wording import missing, taken
from rehearsal.sagemaker.errors import ValidationError

Record = dict[str, Any]

_DEFAULT_PAGE = 10  # SageMaker's default MaxResults

_ORDER = {"SortBy", "SortOrder", "MaxResults", "NextToken"}
_FILTERS = {
    "NameContains",
    "StatusEquals",
    "CreationTimeAfter",
    "CreationTimeBefore",
    "LastModifiedTimeAfter",
    "LastModifiedTimeBefore",
}


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
            ResourceInUse: If the name is taken; ValidationError for the kinds that say so.
        """
        with self._lock:
            if name in self._records:
                raise taken(self.noun, self._arns[name])
            stamp = now()
            record.setdefault("CreationTime", stamp)
            record.setdefault("LastModifiedTime", stamp)
            self._records[name] = record
            self._arns[name] = arn
            return record

    def get(self, name: str, arn: str = "") -> Record:
        """The record of that name.

        Raises:
            ValidationError: If there is none, in the service's words; ResourceNotFound for the
                kinds that say so.
        """
        with self._lock:
            if name not in self._records:
                raise missing(self.noun, name, arn)
            return self._records[name]

    def find(self, arn: str) -> Record | None:
        """The record of that ARN, or None."""
        with self._lock:
            for name, known in self._arns.items():
                if known == arn:
                    return self._records[name]
        return None

    def update(self, record: Record, **changes: Any) -> None:
        """Change a record and its LastModifiedTime at once."""
        with self._lock:
            record.update(changes, LastModifiedTime=now())

    def remove(self, name: str) -> Record:
        """Forget the record of that name, and return it."""
        with self._lock:
            record = self.get(name)
            del self._records[name], self._arns[name]
            return record

    def items(self) -> list[tuple[str, str, Record]]:
        """Name, ARN and record of each, in order of creation."""
        with self._lock:
            return [(name, self._arns[name], record) for name, record in self._records.items()]

    def __iter__(self) -> Iterator[Record]:
        with self._lock:
            return iter(list(self._records.values()))

    def __contains__(self, name: object) -> bool:
        with self._lock:
            return name in self._records

    def __len__(self) -> int:
        return len(self._records)


def page(
    records: list[Record],
    request: Record,
    *,
    name_key: str,
    status_key: str = "",
    sort_keys: dict[str, str] | None = None,
    handled: tuple[str, ...] = (),
) -> tuple[list[Record], str | None]:
    """One page of a List operation: its records, and the NextToken if there are more.

    Args:
        records: All records of the kind.
        request: Of the List operation, with its SortBy and SortOrder filled in.
        name_key: The member that NameContains looks at and that SortBy `Name` sorts by; unique.
        status_key: The member of StatusEquals and of SortBy `Status`.
        sort_keys: The members of other values of SortBy; records without them are left out.
        handled: The members of the request that the caller has answered already.

    Raises:
        ValidationError: For a filter that is not available, or a NextToken of no such list.
    """
    unknown = sorted(request.keys() - _FILTERS - _ORDER - set(handled))
    if unknown:
        raise ValidationError(f"The filter {unknown[0]} is not available in the rehearsal.")
    keys = {"Name": name_key, "Status": status_key, **(sort_keys or {})}
    key = keys.get(request.get("SortBy", ""), "CreationTime")
    descending = request.get("SortOrder", "Descending") == "Descending"
    places = [
        (_place(record, key, name_key), record)
        for record in records
        if _kept(record, request, name_key, status_key) and record.get(key) is not None
    ]
    places.sort(key=lambda item: item[0], reverse=descending)
    if request.get("NextToken"):
        last = _decode(request["NextToken"], key)
        places = [item for item in places if (item[0] < last if descending else item[0] > last)]
    size = int(request.get("MaxResults", _DEFAULT_PAGE))
    found = [record for _, record in places[:size]]
    return found, _encode(places[size - 1][0], key) if len(places) > size else None


Place = tuple[str | float, float, str]


def _place(record: Record, key: str, name_key: str) -> Place:
    # A position that stays where it is when records before it come and go.
    value = record[key]
    if isinstance(value, datetime):
        value = value.timestamp()
    return value, record["CreationTime"].timestamp(), record[name_key]


def _kept(record: Record, request: Record, name_key: str, status_key: str) -> bool:
    if request.get("NameContains", "").lower() not in record[name_key].lower():
        return False
    if request.get("StatusEquals") and record.get(status_key) != request["StatusEquals"]:
        return False
    for member in ("CreationTime", "LastModifiedTime"):
        after, before = request.get(f"{member}After"), request.get(f"{member}Before")
        if after is not None and record[member].timestamp() <= after:
            return False
        if before is not None and record[member].timestamp() >= before:
            return False
    return True


def _encode(place: Place, key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, *place]).encode()).decode()


def _decode(token: str, key: str) -> Place:
    try:
        sorted_by, value, created, name = json.loads(base64.urlsafe_b64decode(token.encode()))
        numeric = key.endswith(("Time", "Value"))
        if sorted_by == key and isinstance(value, float if numeric else str):
            return value, float(created), str(name)
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise ValidationError("The provided NextToken is invalid for this list.")
