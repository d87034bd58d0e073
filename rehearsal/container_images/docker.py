"""The `docker` command of a build: `login`, `build`, `tag` and `push`, in one build's folder.

    docker login --username AWS --password-stdin REGISTRY
    docker build --tag NAME [--file DOCKERFILE] FOLDER
    docker tag NAME NAME
    docker push NAME

It is `python -m rehearsal.container_images.docker`. DOCKER_CONFIG is the folder in which it
remembers, REHEARSAL_IMAGES the one of the built images; without that there is no daemon, as in a
build without privileged mode.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from rehearsal.container_images.building import build
from rehearsal.container_images.errors import ImageError
from rehearsal.container_images.image import Image
from rehearsal.container_images.registry import push, reference

IMAGES_VARIABLE = "REHEARSAL_IMAGES"
CONFIGURATION_VARIABLE = "DOCKER_CONFIG"

_NO_DAEMON = (
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
    "Is the docker daemon running?"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ImageError(f"not available in the rehearsal: {message}")


class _Names:
    """What is remembered between two commands: a JSON object in a file."""

    def __init__(self, name: str) -> None:
        self._path = Path(os.environ[CONFIGURATION_VARIABLE], f"{name}.json")

    def all(self) -> dict[str, str]:
        names: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return names

    def add(self, name: str, value: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self.all() | {name: value}))


def _images() -> Path:
    if IMAGES_VARIABLE not in os.environ:
        raise ImageError(_NO_DAEMON)
    return Path(os.environ[IMAGES_VARIABLE])


def _login(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    parser.add_argument("--username", "-u", required=True)
    parser.add_argument("--password-stdin", action="store_true", required=True)
    parser.add_argument("registry")
    options = parser.parse_args(words)
    if options.username != "AWS" or not sys.stdin.read().strip():
        raise ImageError("Error response from daemon: unauthorized: authentication required")
    _Names("logins").add(options.registry.removeprefix("https://"), options.username)
    print("Login Succeeded")


def _build(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    parser.add_argument("--tag", "-t", action="append", default=[])
    parser.add_argument("--file", "-f", default="Dockerfile")
    for ignored in ("--platform", "--provenance", "--progress"):
        parser.add_argument(ignored)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(words)
    image = build(options.folder, _images(), _say, options.file)
    for name in options.tag:
        _Names("images").add(name, image.folder.name)
        _say(f"Successfully tagged {name}")


def _tag(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    parser.add_argument("source")
    parser.add_argument("target")
    options = parser.parse_args(words)
    _Names("images").add(options.target, _known(options.source))


def _push(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    parser.add_argument("name")
    name = parser.parse_args(words).name
    image = Image.load(_images() / _known(name))
    if reference(name).registry not in _Names("logins").all():
        raise ImageError("no basic auth credentials")
    # Slow to import, and the other commands do not need it.
    import boto3

    push(image, name, boto3.client("ecr"))
    _say(f"{name}: digest: {image.digest}")


def _known(name: str) -> str:
    names = _Names("images").all()
    if name not in names:
        raise ImageError(f"An image does not exist locally with the tag: {name}")
    return names[name]


def _say(line: str) -> None:
    print(line, flush=True)


_COMMANDS: dict[str, Callable[[argparse.ArgumentParser, Sequence[str]], None]] = {
    "build": _build,
    "login": _login,
    "push": _push,
    "tag": _tag,
}


def main(words: Sequence[str]) -> None:
    """Do one command; what is wrong ends it with one line."""
    try:
        command = words[0] if words else ""
        if command not in _COMMANDS:
            known = ", ".join(_COMMANDS)
            raise ImageError(f"'{command}' is not available in the rehearsal, which has {known}")
        _images()
        _COMMANDS[command](_Parser(prog=f"docker {command}"), words[1:])
    except ImageError as error:
        sys.exit(f"ERROR: docker: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
