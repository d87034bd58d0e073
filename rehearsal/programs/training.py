"""How the training programs of the built-in algorithms run, log and fail.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from rehearsal.programs import layout
from rehearsal.programs.errors import UserError


def run(train: Callable[[Path], None], explain: Callable[[Exception], str] = repr) -> int:
    """Train below /opt/ml; on failure write the reason to `output/failure` and return 1.

    `explain` puts an error that is no `UserError` into words. SageMaker puts `AlgorithmError: `
    before the file's text in the FailureReason.
    """
    base = layout.base()
    try:
        train(base)
    except Exception as error:
        if isinstance(error, UserError):
            message = f"UserError: {error}"
        else:
            traceback.print_exc()
            message = explain(error)
        (base / "output").mkdir(parents=True, exist_ok=True)
        (base / "output" / "failure").write_text(message, encoding="utf-8")
        print(message, file=sys.stderr, flush=True)
        return 1
    return 0


def only_host() -> str:
    """The name of the one host of the training job.

    Raises:
        UserError: If there are several.
    """
    configuration = layout.read_config("resourceconfig")
    hosts = configuration.get("hosts", ["algo-1"])
    if len(hosts) > 1:
        raise UserError(
            f"The rehearsal trains this algorithm on one instance; InstanceCount is {len(hosts)}"
        )
    return str(hosts[0])


def log(line: str) -> None:
    """Print a line with its time."""
    print(f"[{time.strftime('%Y-%m-%d:%H:%M:%S')}:INFO] {line}", flush=True)
