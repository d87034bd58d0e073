"""Every private name of MiniStack that the rehearsal touches, in this one folder.

MiniStack (package `ministack`) is the account; it has no SageMaker. Its version is
pinned, and tests/rehearsal/test_seams.py says which seam moved when the pin does.
"""

import sys

import ministack.app

from rehearsal.ministack_seams import iam, lambda_functions, s3, sagemaker, step_functions
from rehearsal.ministack_seams.iam import Iam
from rehearsal.sagemaker.service import SageMaker

__all__ = ["Iam", "install", "serve"]


def install(service: SageMaker, authorizer: Iam, endpoint_url: str) -> None:
    """Make SageMaker a service of the account, and mend what the account gets wrong."""
    iam.count_loopback_as_tls()
    sagemaker.install(service)
    step_functions.install(service, authorizer, endpoint_url)
    lambda_functions.install()
    s3.install(authorizer)


def serve() -> None:
    """Run the account until it is told to stop; its port and address are in the environment."""
    sys.argv = sys.argv[:1]  # MiniStack would read the arguments as its own
    ministack.app.main()
