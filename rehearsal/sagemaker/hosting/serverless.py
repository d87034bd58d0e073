"""Serverless variants: no server until a request comes, none after a while without one.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

import threading
import time
from dataclasses import replace
from typing import Any

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import Throttling, ValidationError
from rehearsal.sagemaker.hosting.serving import ANSWER_SECONDS, Answer, ModelServer, start_variant
from rehearsal.sagemaker.runtime.runtime_errors import InvalidInvocation

_MEMORY_STEP = 1024
_MAXIMUM_BYTES = 4 * 1024 * 1024


def check(variant: Record) -> None:
    """Refuse a ServerlessConfig that the service would.

    Raises:
        ValidationError: If the memory is no whole number of GB, or more concurrency is
            provisioned than allowed.
    """
    config = variant["ServerlessConfig"]
    name = variant["VariantName"]
    if config["MemorySizeInMB"] % _MEMORY_STEP:
        raise ValidationError(
            f"MemorySizeInMB of variant {name} is {config['MemorySizeInMB']}; it must be one of "
            f"{', '.join(str(size * _MEMORY_STEP) for size in range(1, 7))}."
        )
    if config.get("ProvisionedConcurrency", 0) > config["MaxConcurrency"]:
        raise ValidationError(
            f"ProvisionedConcurrency of variant {name} is {config['ProvisionedConcurrency']}; it "
            f"must not be larger than its MaxConcurrency, {config['MaxConcurrency']}."
        )


class ServerlessServer:
    """Starts a model server when a request needs one, and stops it when none does any more.

    With provisioned concurrency the server is there from the start, and stays.

    Attributes:
        role: The model's.

    Raises:
        JobFailure: From the constructor, with provisioned concurrency, as `ModelServer` does.
    """

    def __init__(
        self,
        context: Context,
        endpoint: str,
        variant: str,
        container: dict[str, Any],
        config: Record,
    ) -> None:
        """Prepare a variant with a ServerlessConfig."""
        self.role = context.role(container["ExecutionRoleArn"])
        self._context = context
        self._arguments = (context, endpoint, variant, container)
        self._maximum: int = config["MaxConcurrency"]
        self._stays = bool(config.get("ProvisionedConcurrency"))
        self._requests = 0
        self._idle_since = 0.0
        self._stopped = False
        self._counting = threading.Lock()
        self._starting = threading.Lock()
        self._server: ModelServer | None = None
        if self._stays:
            self._server = start_variant(*self._arguments)

    def invoke(
        self,
        body: bytes,
        content_type: str,
        accept: str,
        seconds: float = ANSWER_SECONDS,
        custom_attributes: str = "",
    ) -> Answer:
        """POST to `/invocations` of the server, which is started if need be.

        Raises:
            InvalidInvocation: If the body is larger than 4 MB.
            Throttling: If as many requests as MaxConcurrency are under way.
            JobFailure: If the server cannot start.
        """
        if len(body) > _MAXIMUM_BYTES:
            raise InvalidInvocation(
                f"Request has oversize body: {len(body)} bytes; a serverless endpoint takes at "
                f"most {_MAXIMUM_BYTES}."
            )
        with self._counting:
            if self._requests >= self._maximum:
                raise Throttling(
                    f"Rate exceeded: the serverless variant has a MaxConcurrency of "
                    f"{self._maximum}."
                )
            self._requests += 1
        try:
            started = time.monotonic()
            server, cold = self._running()
            setup = time.monotonic() - started if cold else 0.0
            answer = server.invoke(body, content_type, accept, seconds, custom_attributes)
            return replace(answer, setup_seconds=setup)
        finally:
            with self._counting:
                self._requests -= 1
                self._idle_since = time.monotonic()

    def stop(self) -> None:
        """Stop the server, if there is one, for good."""
        with self._starting:
            self._stopped = True
            self._discard()

    def _running(self) -> tuple[ModelServer, bool]:
        """The server, and whether the request had to wait for its start."""
        server = self._server
        if server:
            return server, False
        with self._starting:
            if self._server:
                return self._server, True
            if self._stopped:
                raise InvalidInvocation("The endpoint is being deleted.")
            self._server = start_variant(*self._arguments)
            threading.Thread(target=self._stop_when_idle, daemon=True).start()
            return self._server, True

    def _stop_when_idle(self) -> None:
        left = limit = self._context.settings.serverless_idle_seconds
        while left > 0:
            time.sleep(left)
            with self._starting, self._counting:
                idle = 0.0 if self._requests else time.monotonic() - self._idle_since
                left = limit - idle
                idle_server, self._server = (
                    (None, self._server) if left > 0 else (self._server, None)
                )
        if idle_server:
            idle_server.stop()

    def _discard(self) -> None:
        server, self._server = self._server, None
        if server:
            server.stop()
