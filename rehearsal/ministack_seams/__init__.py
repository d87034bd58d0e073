"""Every private name of MiniStack that the rehearsal touches, in this one folder.

MiniStack (package `ministack`) is the account; it has no SageMaker. Its version is
pinned, and tests/rehearsal/test_seams.py says which seam moved when the pin does.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

import ministack.app
from hypercorn.asyncio import serve as serve_until
from hypercorn.config import Config

from rehearsal import runtime_connections
from rehearsal.autoscaling.service import ApplicationAutoScaling
from rehearsal.ministack_seams import (
    cloudwatch,
    codebuild,
    iam,
    lambda_functions,
    persistence,
    s3,
    sagemaker,
)
from rehearsal.ministack_seams import step_functions as states
from rehearsal.ministack_seams.events import publish
from rehearsal.ministack_seams.iam import Iam
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.service import SageMaker

__all__ = ["Iam", "install", "publish", "serve"]

_KEEP_ALIVE_SECONDS = 75


def install(context: Context, service: SageMaker, authorizer: Iam) -> Callable[[], None]:
    """Make SageMaker a service of the account, and mend what the account gets wrong.

    Returns:
        Ends what is running in the account, so that its state can be kept. To be called while
        the account still answers.
    """
    iam.count_loopback_as_tls()
    iam.tell_log_streams_apart()
    iam.tell_metric_namespaces()
    iam.check_alarms_on_alarms()
    cloudwatch.install()
    scaling = ApplicationAutoScaling(context, service.endpoints)
    sagemaker.install(service, scaling)
    executions = states.install(service, authorizer, context.endpoint_url)
    lambda_functions.install()
    s3.install(authorizer)
    codebuild.install(context)
    persistence.install({"sagemaker": service, "application-autoscaling": scaling})

    def come_to_rest() -> None:
        executions.stop_all()
        service.come_to_rest()

    return come_to_rest


def _lock_only_on_the_event_loop() -> None:
    # Endpoints are answered on other threads, where its lock of a reset cannot be taken.
    lock = ministack.app._get_reset_lock

    def reset_lock() -> AbstractAsyncContextManager[None]:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return nullcontext()
        held: AbstractAsyncContextManager[None] = lock()
        return held

    ministack.app._get_reset_lock = reset_lock


def serve(address: str, before_end: Callable[[], None]) -> None:
    """Answer on `host:port` until SIGTERM or SIGINT; `before_end` is called before it ends."""
    config = Config()
    config.bind = [address]
    config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
    config.loglevel = "WARNING"

    async def run() -> None:
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told.set)

        async def ended() -> None:
            await told.wait()
            await asyncio.to_thread(before_end)

        await serve_until(ministack.app.app, config, shutdown_trigger=ended)

    runtime_connections.install(ministack.app.app)
    _lock_only_on_the_event_loop()

    asyncio.run(run())
