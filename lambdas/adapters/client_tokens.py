"""Tokens by which SageMaker knows that a request is one that it has answered before."""

from hashlib import sha256

from evaluation.promotion import Finalist


def client_token(run: str, finalist: Finalist) -> str:
    """36 characters at most, so a digest; it differs if the model does."""
    identity = "\n".join((run, finalist.candidate, finalist.training_job, finalist.model_data))
    return sha256(identity.encode()).hexdigest()[:32]
