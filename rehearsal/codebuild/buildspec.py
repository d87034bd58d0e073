"""The build specification: which commands a build runs, and the script that runs them.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
# After a failure there the next phases are left out.
_DECISIVE = ("install", "pre_build")
_KNOWN = {"version", "env", "phases"}
_KNOWN_IN_PHASE = {"commands", "finally", "runtime-versions"}


class BuildspecError(Exception):
    """The build specification cannot be used; the text says why."""


@dataclass(frozen=True)
class Phase:
    """Commands of one phase.

    Attributes:
        name: As in `pre_build`.
        commands: Up to the first that fails.
        last: Run in every case, after them.
    """

    name: str
    commands: Sequence[str]
    last: Sequence[str]


@dataclass(frozen=True)
class Buildspec:
    """A build specification.

    Attributes:
        variables: Its own environment variables.
        phases: Those that have commands, in the order in which they run.
    """

    variables: dict[str, str]
    phases: Sequence[Phase]


def parse(text: str) -> Buildspec:
    """The specification in YAML or JSON.

    Raises:
        BuildspecError: For what is none, or what the rehearsal does not do.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BuildspecError(f"YAML_FILE_ERROR: {error}") from error
    if not isinstance(document, dict) or "version" not in document:
        raise BuildspecError("YAML_FILE_ERROR: the build specification has no version")
    if str(document["version"]) != "0.2":
        raise BuildspecError(f"YAML_FILE_ERROR: version {document['version']}: it must be 0.2")
    _refuse(document, _KNOWN, "")
    environment = document.get("env") or {}
    _refuse(environment, {"variables", "shell"}, "env.")
    phases = document.get("phases") or {}
    _refuse(phases, set(PHASES), "phases.")
    return Buildspec(
        {name: str(value) for name, value in (environment.get("variables") or {}).items()},
        [_phase(name, phases[name] or {}) for name in PHASES if name in phases],
    )


def script(phases: Sequence[Phase], mark: str) -> str:
    """A shell script of all phases, in one shell, as CodeBuild has it since version 0.2.

    Args:
        phases: In order.
        mark: Begins the lines by which the script tells of phases: `MARK begin NAME`, and
            `MARK end NAME CODE COMMAND` with the code and the index of the command that failed,
            or with 0 and 0.
    """
    lines = ["_succeeding=1"]
    for phase in phases:
        lines += [f"echo {mark} begin {phase.name}", "_failed="]
        for number, command in enumerate([*phase.commands, *phase.last]):
            condition = "" if number >= len(phase.commands) else '[ -n "$_failed" ] || '
            lines.append(
                f"{condition}{{ echo {shlex.quote(f'[Container] Running command {command}')}; "
                f"CODEBUILD_BUILD_SUCCEEDING=$_succeeding; export CODEBUILD_BUILD_SUCCEEDING; "
                f"eval {shlex.quote(command)}; _code=$?; "
                f'[ "$_code" -eq 0 ] || [ -n "$_failed" ] || _failed="$_code {number}"; }}'
            )
        lines += [
            f'echo {mark} end {phase.name} "${{_failed:-0 0}}"',
            '[ -z "$_failed" ] || _succeeding=0',
        ]
        if phase.name in _DECISIVE:
            lines.append('[ -z "$_failed" ] || exit 1')
    lines.append('[ "$_succeeding" = 1 ]')
    return "\n".join(lines)


def _phase(name: str, members: dict[str, Any]) -> Phase:
    _refuse(members, _KNOWN_IN_PHASE, f"phases.{name}.")
    return Phase(name, _commands(members.get("commands")), _commands(members.get("finally")))


def _commands(given: object) -> list[str]:
    commands = [given] if isinstance(given, str) else given or []
    if not isinstance(commands, list) or not all(isinstance(each, str) for each in commands):
        raise BuildspecError("YAML_FILE_ERROR: commands must be a list of texts")
    return commands


def _refuse(members: object, known: set[str], where: str) -> None:
    if not isinstance(members, dict):
        raise BuildspecError(f"YAML_FILE_ERROR: {where.rstrip('.')} must be a mapping")
    for name in members:
        if name not in known:
            raise BuildspecError(f"YAML_FILE_ERROR: {where}{name} is not available here")
