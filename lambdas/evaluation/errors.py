"""What the Lambda functions raise; Step Functions sees the names of these classes."""

_LONGEST_VALUE = 60


class EvaluationError(Exception):
    """Something is wrong with what a function was given; its text says what and where."""


class ServiceUnavailable(EvaluationError):
    """AWS throttled a call or failed to answer it. The same call may succeed later."""


class UndefinedMetric(EvaluationError):
    """A metric has no value for these rows; the text is the reason."""


class NotSubscribed(EvaluationError):
    """The account is not subscribed to an algorithm of AWS Marketplace."""


class GatesFailed(EvaluationError):
    """No finalist passed its gates, so that there is nothing to register."""


def quoted(value: object) -> str:
    """Return a bad value as it may stand in an error: on one line, at most 60 characters."""
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
