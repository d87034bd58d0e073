"""Lambda: a candidate's training job -> nothing, or why SageMaker would not run it."""

from adapters.subscriptions import Subscriptions
from evaluation.documents import Document

subscriptions = Subscriptions()


def handler(event: object, _context: object) -> dict[str, object]:
    """Find out whether the account may train with the candidate's algorithm."""
    document = Document(event)
    request = dict(document.child("request").items())
    subscriptions.check(document.text("candidate"), request)
    return {}
