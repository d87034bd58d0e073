"""Shadow variants: they get copies of the requests, and their answers are thrown away.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html
"""

import contextlib
import random
import time
from functools import partial

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ServiceError
from rehearsal.sagemaker.hosting.variants import Endpoint, Variant
from rehearsal.sagemaker.runtime.background import Background
from rehearsal.sagemaker.runtime.invoker import Invoker

_AT_A_TIME = 8
_WAITING = 1000


class ShadowTraffic:
    """Copies requests to shadow variants without holding up any answer.

    When the shadows cannot keep up, copies are dropped.
    """

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker
        self._background = Background(_AT_A_TIME, _WAITING)

    def copy(self, endpoint: Endpoint, production: Variant, request: Record, body: bytes) -> None:
        """Send a request that a production variant answers to the shadows, too.

        A shadow gets its weight over the production variant's of them: all, if it is as large.
        """
        for shadow in endpoint.shadows.values():
            if random.random() * production.weight < shadow.weight:
                send = partial(self._send, endpoint.config, shadow, request, body)
                self._background.submit(send)

    def _send(self, config: Record, shadow: Variant, request: Record, body: bytes) -> None:
        with contextlib.suppress(ServiceError):  # the metrics have counted it
            self._invoker.invoke(config, shadow, request, body, received=time.perf_counter())
