"""The prepared data of the runs, from which one training job alone can start."""

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.s3 import folders, objects, read


def prepared_run(deployment: Deployment, run: str | None) -> str:
    """The name of a run whose data is prepared: the one asked for, or the newest.

    Raises:
        CommandError: If there is none; says which there are, or what to start.
    """
    bucket = deployment.output("DataBucketName")
    found = [name for name in folders(f"s3://{bucket}/prepared/") if _complete(bucket, name)]
    if not found:
        raise CommandError(
            f"There is no prepared data under s3://{bucket}/prepared/. Put data in with "
            "`lifecycle upload` and start a `lifecycle run`, which prepares it first."
        )
    if run is not None and run not in found:
        raise CommandError(
            f"Run {run!r} has no prepared data; these have: {', '.join(sorted(found))}."
        )
    return run or max(found)


def sample_row(deployment: Deployment, run: str) -> str:
    """The features of the first row of a run's holdout, as CSV.

    Raises:
        CommandError: If it has none.
    """
    holdout = f"s3://{deployment.output('DataBucketName')}/prepared/{run}/holdout/"
    for uri, size in objects(holdout):
        if size:
            return read(uri).decode().partition("\n")[0].partition(",")[2].strip()
    raise CommandError(f"There is no row under {holdout}.")


def _complete(bucket: str, run: str) -> bool:
    # The metadata is the last that the preparation writes.
    return any(True for _ in objects(f"s3://{bucket}/prepared/{run}/metadata.json"))
