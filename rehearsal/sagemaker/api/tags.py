"""Tags of every kind of resource, by ARN.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html and
https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
"""

import threading

from rehearsal.sagemaker.api.store import Record, Store
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.resource import Operations, Resource

_MOST = 50
_RESERVED = "aws:"


class Tags(Resource):
    """The API's operations on tags, which are the member `Tags` of each resource's record."""

    def __init__(self, resources: list[Resource]) -> None:
        self._tagged = [store for resource in resources for store in resource.stores]
        self._lock = threading.Lock()

    @property
    def stores(self) -> tuple[Store, ...]:
        """None of its own."""
        return ()

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {"AddTags": self.add, "ListTags": self.list_all, "DeleteTags": self.delete}

    def add(self, request: Record) -> Record:
        """Add tags, or overwrite the values of those that are there; answers all of them."""
        check(request["Tags"])
        with self._lock:
            record = self._record(request)
            tags = _as_map(record.get("Tags", [])) | _as_map(request["Tags"])
            if len(tags) > _MOST:
                raise ValidationError(
                    f"A resource can have at most {_MOST} tags; "
                    f"{request['ResourceArn']} would have {len(tags)}."
                )
            record["Tags"] = _as_list(tags)
            return {"Tags": record["Tags"]}

    def list_all(self, request: Record) -> Record:
        """All tags; a resource never has more than a page of them."""
        if request.get("NextToken"):
            raise ValidationError("The provided NextToken is invalid for this list.")
        with self._lock:
            return {"Tags": self._record(request).get("Tags", [])}

    def delete(self, request: Record) -> Record:
        """Take tags away by their keys; a key that is not there is fine."""
        with self._lock:
            record = self._record(request)
            kept = _as_map(record.get("Tags", []))
            for key in request["TagKeys"]:
                if key.lower().startswith(_RESERVED):
                    raise _reserved(key)
                kept.pop(key, None)
            record["Tags"] = _as_list(kept)
        return {}

    def _record(self, request: Record) -> Record:
        arn = request["ResourceArn"]
        for store in self._tagged:
            record = store.find(arn)
            if record is not None:
                return record
        raise ValidationError(f"Could not find resource with ARN {arn}.")


def check(tags: list[Record]) -> None:
    """Refuse the tags that no request may set.

    Raises:
        ValidationError: For a key that is reserved, or there twice.
    """
    keys = [tag["Key"] for tag in tags]
    for key in keys:
        if key.lower().startswith(_RESERVED):
            raise _reserved(key)
        if keys.count(key) > 1:
            raise ValidationError(f"Tag keys must be unique per resource; {key!r} is there twice.")


def _reserved(key: str) -> ValidationError:
    return ValidationError(
        f"{_RESERVED} prefixed tag key names are not allowed for external use; got {key!r}."
    )


def _as_map(tags: list[Record]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _as_list(tags: dict[str, str]) -> list[Record]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
