"""The account's process: `python -m rehearsal.server --port PORT --directory FOLDER`."""

import argparse
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rehearsal.settings import Settings

ACCOUNT_ID = "000000000000"
HOST = "127.0.0.1"


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables by which an environment's proxies leave the account's address alone."""
    # The lower-case name wins where both are set.
    given = environment.get("no_proxy", environment.get("NO_PROXY", ""))
    hosts = [host for host in given.split(",") if host]
    value = ",".join(hosts if HOST in hosts else [*hosts, HOST])
    return {"NO_PROXY": value, "no_proxy": value}


def state_of(directory: Path) -> Path:
    """The folder in which an account's state is kept between its stop and its next start."""
    return directory / "state"


def images_of(directory: Path, *, keep: bool) -> Path:
    """The folder of an account's built images, which are kept with its state."""
    return (state_of(directory) if keep else jobs_of(directory)) / "images"


def jobs_of(directory: Path) -> Path:
    """The folder of what is gone with an account's process."""
    return directory / "jobs"


def kept_in(state: Path) -> dict[str, str]:
    """The settings with which MiniStack keeps the state of its services in a folder."""
    return {
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
    }


def main() -> None:
    """Start the account on loopback and serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--settings", type=Settings.model_validate_json, required=True)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()

    # MiniStack reads its settings from the environment when it is imported.
    os.environ.update(
        GATEWAY_PORT=str(options.port),
        BIND_HOST=HOST,
        MINISTACK_ACCOUNT_ID=ACCOUNT_ID,
        AWS_ENDPOINT_URL=f"http://{HOST}:{options.port}",
        AWS_DEFAULT_REGION=options.region,
        MINISTACK_REGION=options.region,
        AUTH="true",
        LOG_LEVEL="WARNING",
        IOT_MTLS_ENABLED="0",  # would listen on every address
        SFTP_ENABLED="0",
        **without_proxy(os.environ),
    )
    if options.keep:
        os.environ.update(kept_in(state_of(options.directory)))
    from rehearsal import ministack_seams
    from rehearsal.processes import Processes
    from rehearsal.sagemaker.context import Context
    from rehearsal.sagemaker.service import SageMaker

    jobs = jobs_of(options.directory)
    shutil.rmtree(jobs, ignore_errors=True)
    jobs.mkdir(parents=True)
    images = images_of(options.directory, keep=options.keep)
    images.mkdir(parents=True, exist_ok=True)
    # Functions' code is unpacked there, and is gone with the account.
    tempfile.tempdir = str(jobs)
    processes = Processes()
    authorizer = ministack_seams.Iam(ACCOUNT_ID, options.region)
    context = Context(
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region=options.region,
        account_id=ACCOUNT_ID,
        directory=jobs,
        processes=processes,
        authorizer=authorizer,
        settings=options.settings,
        publish=ministack_seams.publish,
        images=images,
    )
    come_to_rest = ministack_seams.install(context, SageMaker(context), authorizer)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        ministack_seams.serve(
            f"{HOST}:{options.port}", come_to_rest if options.keep else lambda: None
        )
    finally:
        processes.stop_all()
        shutil.rmtree(jobs, ignore_errors=True)


if __name__ == "__main__":
    main()
