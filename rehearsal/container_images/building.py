"""`docker build` of the Dockerfiles that the rehearsal understands.

    FROM         a Python image, such as public.ecr.aws/docker/library/python:3.11-slim
    WORKDIR, ENV, EXPOSE, LABEL, ENTRYPOINT, CMD
    COPY         from the folder, with --chmod and shell patterns
    RUN          pip install -r FILE (or requirements), chmod MODE FILE...

Anything else fails the build, with its line. The base image's operating system is this machine's.
Source: https://docs.docker.com/reference/dockerfile/
"""

import fnmatch
import hashlib
import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from rehearsal.container_images.dockerfile import Instruction, parse
from rehearsal.container_images.errors import ImageError
from rehearsal.container_images.image import PATH, Configuration, Image
from rehearsal.container_images.python_environment import PythonEnvironment

_PYTHON_IMAGE = re.compile(
    r"^(?:[\w.:/-]+/)?python(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?$"
)
_PIP = re.compile(r"^(?:python3?\s+-m\s+)?pip3?\s+install\s+(?P<arguments>.+)$")
_CHMOD = re.compile(r"^chmod\s+(?P<mode>[0-7]{3,4}|a?\+x)\s+(?P<files>.+)$")
_SHELL = re.compile(r"[;&|<>`$(]")
_SHELL_FORM = ["/bin/sh", "-c"]
_EXECUTABLE = 0o111

Say = Callable[[str], None]


def build(folder: Path, images: Path, say: Say = print, dockerfile: str = "Dockerfile") -> Image:
    """Build the image of a folder; the same files give the same image, which is built once.

    Args:
        folder: With the Dockerfile and what it copies.
        images: Where built images are.
        say: Gets every line of the build's log.
        dockerfile: Its path in the folder.

    Raises:
        ImageError: Naming the line and the instruction that failed.
    """
    path = folder / dockerfile
    if not path.is_file():
        raise ImageError(f"failed to read dockerfile: open {dockerfile}: no such file or directory")
    instructions = parse(path.read_text("utf-8"))
    digest = _digest(folder, path)
    built = images / digest
    if built.is_dir():
        say(f"CACHED {digest[:12]}")
        return Image.load(built)
    place = images / f"{digest}.{os.getpid()}"
    shutil.rmtree(place, ignore_errors=True)
    try:
        _Build(folder, place, say).run(instructions)
        place.rename(built)
    except OSError:
        if not built.is_dir():  # two builds of the same files at the same time
            raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
    say(f"Successfully built {digest[:12]}")
    return Image.load(built)


def context_files(folder: Path) -> Iterator[Path]:
    """The files that a build sees, by their paths in the folder, in order."""
    ignored = folder / ".dockerignore"
    patterns = [
        line.strip().strip("/")
        for line in (ignored.read_text("utf-8").splitlines() if ignored.is_file() else [])
        if line.strip() and not line.startswith("#")
    ]
    for pattern in patterns:
        if pattern.startswith("!"):
            raise ImageError(f".dockerignore: {pattern}: exceptions are not available here")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        parts = [name, *name.parents][:-1]
        if path.is_file() and not any(_ignored(part, patterns) for part in parts):
            yield name


def _ignored(path: Path, patterns: list[str]) -> bool:
    name = path.as_posix()
    return any(fnmatch.fnmatch(name, each.removeprefix("**/")) for each in patterns)


def _matches(path: Path, pattern: Path) -> bool:
    # Part by part: a star stands for no slash.
    return len(path.parts) == len(pattern.parts) and all(
        map(fnmatch.fnmatch, path.parts, pattern.parts)
    )


def _digest(folder: Path, dockerfile: Path) -> str:
    digest = hashlib.sha256(dockerfile.read_bytes())
    for name in context_files(folder):
        path = folder / name
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{name.as_posix()}\0{path.stat().st_mode & _EXECUTABLE}\0{content}".encode())
    return digest.hexdigest()


class _Build:
    def __init__(self, folder: Path, place: Path, say: Say) -> None:
        self._folder = folder
        self._files = list(context_files(folder))
        self._say = say
        self._configuration = Configuration({"PATH": PATH}, "/", [], [], {})
        self._image = Image(place, self._configuration)
        self._python: PythonEnvironment | None = None
        self._do = {
            "FROM": self._from,
            "WORKDIR": self._workdir,
            "COPY": self._copy,
            "RUN": self._run,
            "ENV": self._env,
            "LABEL": self._label,
            "EXPOSE": self._expose,
            "ENTRYPOINT": self._entry_point,
            "CMD": self._command,
        }

    def run(self, instructions: list[Instruction]) -> None:
        if not instructions or instructions[0].name != "FROM":
            raise ImageError("the Dockerfile must begin with FROM")
        (self._image.root / "opt" / "ml").mkdir(parents=True)
        for number, instruction in enumerate(instructions, 1):
            step = f"Step {number}/{len(instructions)} : {instruction.name} {instruction.text}"
            self._say(step)
            if instruction.name not in self._do:
                known = ", ".join(self._do)
                raise instruction.refused(f"not available in the rehearsal, which has {known}")
            self._do[instruction.name](instruction)
        self._image.save()

    def _from(self, instruction: Instruction) -> None:
        self._allow(instruction, "platform")
        if self._python:
            raise instruction.refused("a second stage is not available in the rehearsal")
        found = _PYTHON_IMAGE.match(instruction.text)
        if found is None:
            raise instruction.refused("in the rehearsal it must be a Python image, python:TAG")
        self._python = PythonEnvironment(self._image.folder / "venv", found["tag"] or "", self._say)

    def _workdir(self, instruction: Instruction) -> None:
        directory = self._path(self._expanded(instruction).text)
        self._own(directory).mkdir(parents=True, exist_ok=True)
        self._configuration = Configuration(**{**vars(self._configuration), "directory": directory})
        self._image = Image(self._image.folder, self._configuration)

    def _copy(self, instruction: Instruction) -> None:
        self._allow(instruction, "chmod", "chown")
        words = self._expanded(instruction).words()
        if len(words) < 2:
            raise instruction.refused("needs a source and a destination")
        *sources, destination = words
        into = destination.endswith("/") or destination in (".", "..") or len(sources) > 1
        target = self._own(self._path(destination))
        mode = instruction.flags.get("chmod")
        if mode and not re.fullmatch(r"0?[0-7]{3}", mode):
            raise instruction.refused("--chmod must be octal, such as 755")
        for source in sources:
            self._copy_source(instruction, source, target, into=into, mode=mode)

    def _copy_source(
        self, instruction: Instruction, source: str, target: Path, *, into: bool, mode: str | None
    ) -> None:
        pattern = Path(os.path.normpath(source.lstrip("/"))) if source.strip("/") else Path()
        if ".." in pattern.parts:
            raise instruction.refused(f"{source} is outside of the build's folder")
        copied = False
        for name in self._files:
            matched = next(
                (each for each in (name, *name.parents) if _matches(each, pattern)), None
            )
            if matched is None:
                continue
            copied = True
            # Of a folder Docker copies what is in it.
            below = name.relative_to(matched)
            goal = target / below if matched != name else (target / name.name if into else target)
            if goal.is_dir():
                goal = goal / name.name
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self._folder / name, goal)
            if mode:
                goal.chmod(int(mode, 8))
        if not copied:
            raise instruction.refused(f"{source}: not found in the build's folder")

    def _run(self, instruction: Instruction) -> None:
        words = instruction.exec_form()
        text = shlex.join(words) if words else self._expanded(instruction).text
        pip, chmod = _PIP.match(text), _CHMOD.match(text)
        if self._python and pip and not _SHELL.search(text):
            try:
                self._python.install(shlex.split(pip["arguments"]), self._directory)
            except ImageError as error:
                raise instruction.refused(str(error)) from error
        elif chmod and not _SHELL.search(text):
            self._chmod(instruction, chmod["mode"], shlex.split(chmod["files"]))
        else:
            raise instruction.refused(
                "the rehearsal runs only `pip install` and `chmod MODE FILE`, one to a RUN"
            )

    def _chmod(self, instruction: Instruction, mode: str, files: list[str]) -> None:
        for file in files:
            path = self._own(self._path(file))
            if not path.exists():
                raise instruction.refused(f"cannot access '{file}': No such file or directory")
            path.chmod(path.stat().st_mode | _EXECUTABLE if "x" in mode else int(mode, 8))

    def _env(self, instruction: Instruction) -> None:
        self._configuration.environment.update(self._pairs(instruction))

    def _label(self, instruction: Instruction) -> None:
        self._configuration.labels.update(self._pairs(instruction))

    def _expose(self, instruction: Instruction) -> None:
        """The port is the container's to listen on; nothing is to do."""

    def _entry_point(self, instruction: Instruction) -> None:
        self._configuration.entry_point[:] = self._command_line(instruction)
        self._configuration.command.clear()

    def _command(self, instruction: Instruction) -> None:
        self._configuration.command[:] = self._command_line(instruction)

    def _command_line(self, instruction: Instruction) -> list[str]:
        words = instruction.exec_form()
        return [*_SHELL_FORM, instruction.text] if words is None else words

    def _pairs(self, instruction: Instruction) -> dict[str, str]:
        words = self._expanded(instruction).words()
        if len(words) > 1 and "=" not in words[0]:
            return {words[0]: " ".join(words[1:])}
        if not words or not all("=" in word for word in words):
            raise instruction.refused("must have the form NAME=VALUE ...")
        return dict(word.split("=", 1) for word in words)

    def _expanded(self, instruction: Instruction) -> Instruction:
        return instruction.expanded(self._configuration.environment)

    @property
    def _directory(self) -> Path:
        return self._own(self._configuration.directory)

    def _path(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._configuration.directory, path))

    def _own(self, path: str) -> Path:
        return self._image.root / path.lstrip("/")

    def _allow(self, instruction: Instruction, *flags: str) -> None:
        for flag in instruction.flags:
            if flag not in flags:
                raise instruction.refused(f"--{flag} is not available in the rehearsal")
