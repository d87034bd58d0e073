"""The archive of a layer: wheels for the functions' platform, without what they do not need.

It is made once for the same requirements and rules, and kept in `.layers`.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

PYTHON_VERSION = "3.14"
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux2014_aarch64")
# Of functions with all of their layers, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_UNZIPPED_BYTES = 250 * 2**20
# Sources, headers and tests; of Arrow what talks to other systems, and of fonttools all but the
# names of glyphs: nothing that the functions use loads them.
_LEFT_OUT = (
    "bin/*",
    "*/tests/*",
    "*/include/*",
    "*.pyi",
    "*.pyx",
    "*.pxd",
    "*.pxi",
    "numpy/f2py/*",
    "numpy/typing/*",
    "pyarrow/src/*",
    "pyarrow/_cuda*",
    "pyarrow/_flight*",
    "pyarrow/_pyarrow_cpp_tests*",
    "pyarrow/_s3fs*",
    "pyarrow/libarrow_flight*",
    "pyarrow/libarrow_python.so",
    "pyarrow/libarrow_python.so.*.*",
    "matplotlib/mpl-data/images/*",
    "matplotlib/mpl-data/sample_data/*",
    "fontTools/[!m]*/*",
    "fontTools/merge/*",
    "fontTools/mtiLib/*",
    "share/*",
)
_FOLDER = Path(__file__).parents[1] / ".layers"
# Zip files know no earlier time.
_TIME = (1980, 1, 1, 0, 0, 0)


class LayerError(Exception):
    """A layer cannot be made; the text says why, and what would help."""


@dataclass(frozen=True)
class LayerArchive:
    """A zip file with packages below `python/`, and a hash of what it was made of."""

    path: Path
    hash: str


def layer_archive(requirements: Path, folder: Path = _FOLDER) -> LayerArchive:
    """Return the archive of the packages that a file pins; download them if it is new.

    Args:
        requirements: Pins every package; dependencies that are not in it are left out.
        folder: Where archives are kept.

    Raises:
        LayerError: If a package cannot be downloaded.
    """
    rules = repr((PYTHON_VERSION, PLATFORMS, _LEFT_OUT)).encode()
    digest = hashlib.sha256(requirements.read_bytes() + rules).hexdigest()
    path = folder / f"{digest[:32]}.zip"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as directory:
            packages, unfinished = Path(directory) / "packages", Path(directory) / "layer.zip"
            _install(requirements, packages)
            _zip(packages, unfinished)
            # Two syntheses at a time make the same archive; either may be the last.
            os.replace(unfinished, path)
    return LayerArchive(path, digest)


def _install(requirements: Path, target: Path) -> None:
    print(f"Downloading the packages of {requirements.name} (once) ...", file=sys.stderr)
    platforms = [f"--platform={platform}" for platform in PLATFORMS]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-compile", "--only-binary=:all:", "--implementation=cp"),
            *(f"--python-version={PYTHON_VERSION}", *platforms),
            *(f"--target={target}", f"--requirement={requirements}"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise LayerError(
            f"{requirements}: pip cannot download the packages for Python {PYTHON_VERSION} on "
            f"{PLATFORMS[0]}: {'; '.join(errors) or done.stderr.strip()}"
        )


def _zip(packages: Path, archive: Path) -> None:
    files = sorted(
        (path.relative_to(packages).as_posix(), path)
        for path in packages.rglob("*")
        if path.is_file()
    )
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        for name, path in files:
            if any(fnmatch(name, pattern) for pattern in _LEFT_OUT):
                continue
            entry = zipfile.ZipInfo(f"python/{name}", date_time=_TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, path.read_bytes())
