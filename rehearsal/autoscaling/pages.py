"""Pages of the Describe operations.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html
"""

from rehearsal.autoscaling.errors import InvalidNextToken
from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError

_MOST = 50
_DIGITS = 9  # of a token


def page(records: list[Record], request: Record) -> tuple[list[Record], str | None]:
    """The records of the request's namespace, resource and dimension: a page, and its NextToken.

    Raises:
        InvalidNextToken: If the token is from no such list.
        ValidationError: If MaxResults is out of range.
    """
    size = request.get("MaxResults", _MOST)
    if not 1 <= size <= _MOST:
        raise ValidationError(f"MaxResults must be between 1 and {_MOST}; got {size}.")
    matching = [
        record
        for record in records
        if all(
            record[member] == request[member]
            for member in ("ServiceNamespace", "ResourceId", "ScalableDimension")
            if member in request
        )
    ]
    token = request.get("NextToken", "0")
    if not token.isdecimal() or len(token) > _DIGITS or int(token) > len(matching):
        raise InvalidNextToken(f"The NextToken {token!r} is from no such list.")
    end = int(token) + size
    return matching[int(token) : end], str(end) if end < len(matching) else None
