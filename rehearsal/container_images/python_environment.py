"""The Python of an image: a virtual environment of its own, with its own requirements.

uv makes it, from its cache where that has the packages (`make setup` fills it), else from the
network. Source: https://docs.astral.sh/uv/reference/cli/
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from rehearsal.container_images.errors import ImageError

# What changes nothing about which packages are installed.
_WITHOUT_EFFECT = {
    "--disable-pip-version-check",
    "--no-cache-dir",
    "--no-input",
    "--progress-bar=off",
    "--quiet",
    "--root-user-action=ignore",
    "--upgrade",
    "-U",
    "-q",
}
_FILE_FLAGS = ("-r", "--requirement")
_LAST_LINES = 5


class PythonEnvironment:
    """A virtual environment that may be moved with its folder."""

    def __init__(self, folder: Path, tag: str, say: Callable[[str], None]) -> None:
        """Make it.

        Args:
            folder: Where it will be.
            tag: Of the Python image that it stands for, such as `3.11-slim`.
            say: Gets every line of the log.

        Raises:
            ImageError: If it cannot be made.
        """
        self._folder = folder
        self._say = say
        made = _uv("venv", "--quiet", "--relocatable", "--python", self._interpreter(tag), folder)
        if made.returncode:
            raise ImageError(f"no virtual environment: {_last_lines(made)}")

    def install(self, arguments: Sequence[str], directory: Path) -> None:
        """Do what `pip install ARGUMENTS` would do in a folder.

        Raises:
            ImageError: If a package cannot be installed, or for a flag that is not understood.
        """
        wanted = self._checked(arguments, directory)
        python = str(self._folder / "bin" / "python")
        command = ("pip", "install", "--python", python, *wanted)
        cached = _uv(*command, "--offline", directory=directory)
        done = cached if cached.returncode == 0 else _uv(*command, directory=directory)
        for line in done.stderr.splitlines():
            self._say(line)
        if done.returncode:
            raise ImageError(
                "the packages are neither in uv's cache nor to be had from the network: "
                f"{_last_lines(done)}"
            )

    def _checked(self, arguments: Sequence[str], directory: Path) -> list[str]:
        wanted: list[str] = []
        words = iter(arguments)
        for word in words:
            flag, _, value = word.partition("=")
            if word in _WITHOUT_EFFECT:
                continue
            if flag in _FILE_FLAGS:
                file = value or next(words, "")
                if not (directory / file).is_file():
                    raise ImageError(f"No such file or directory: '{file}'")
                wanted += ["--requirement", file]
            elif word.startswith("-"):
                raise ImageError(f"the flag {word} of pip is not available in the rehearsal")
            else:
                wanted.append(word)
        return wanted

    def _interpreter(self, tag: str) -> str:
        version = re.match(r"\d+\.\d+", tag)
        own = f"{sys.version_info.major}.{sys.version_info.minor}"
        if version is None or version[0] == own:
            return sys.executable
        found = _uv("python", "find", "--no-python-downloads", "--system", version[0])
        if found.returncode == 0:
            return found.stdout.strip()
        self._say(f"Python {version[0]} is not on this machine; Python {own} stands for it")
        return sys.executable


def _uv(
    *arguments: str | Path, directory: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        raise ImageError(f"there is no {uv}, which installs an image's packages; `make setup` does")
    return subprocess.run(
        [uv, *arguments],
        cwd=directory,
        env={**os.environ, "UV_SYSTEM_CERTS": "1", "VIRTUAL_ENV": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _last_lines(done: "subprocess.CompletedProcess[str]") -> str:
    return " / ".join(line.strip() for line in done.stderr.strip().splitlines()[-_LAST_LINES:])
