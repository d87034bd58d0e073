"""Gives a program an /opt/ml and an /etc/hosts of its own, where the kernel allows it.

The program sees its folder at the literal path that a container has, in a mount namespace of its
own; nothing changes on the host. Linux allows that to root, and mostly to others in a user
namespace; elsewhere the rehearsal's programs go by SAGEMAKER_BASE_DIR alone.
Source: https://man7.org/linux/man-pages/man7/mount_namespaces.7.html and user_namespaces.7.html.

A program of an image of the user's own sees the image's files too, in a root of its own: the host's
files, and over them the image's.

This file is also the launcher itself, `python -I -S namespace.py FOLDER ROOT DIRECTORY COMMAND...`,
which becomes the command: it must start fast, so it imports little.
"""

import ctypes
import os
import sys

LITERAL_BASE = "/opt/ml"
HOSTS_FILE = "/etc/hosts"

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000
_BIND, _RECURSIVE, _PRIVATE, _UNBINDABLE = 0x1000, 0x4000, 0x40000, 0x20000
_LIBC = ctypes.CDLL(None, use_errno=True)


def launched(
    folder: str, command: list[str], root: str = "", directory: str = LITERAL_BASE
) -> list[str]:
    """The command line that runs a command with `FOLDER/ml` and `FOLDER/hosts` in their places.

    Args:
        folder: Of the job or the server.
        command: The command line.
        root: An image's files, which the command sees at their paths; empty for none.
        directory: Where the command starts.
    """
    launcher = [sys.executable, "-I", "-S", os.path.abspath(__file__)]
    return [*launcher, folder, root, directory, *command]


def _call(function: str, *arguments: object) -> None:
    if getattr(_LIBC, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), function)


def _bind(source: str, target: str) -> None:
    _call("mount", source.encode(), target.encode(), None, _BIND | _RECURSIVE, None)


def _leave() -> None:
    # As root no user namespace is needed, in which the files of other users would be strange.
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", _NEW_MOUNTS)
    except PermissionError:
        _call("unshare", _NEW_USER | _NEW_MOUNTS)
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    _call("mount", None, b"/", None, _RECURSIVE | _PRIVATE, None)


def _show(entry: "os.DirEntry[str]", folder: str) -> None:
    # Make a folder's new member be what another has.
    target = os.path.join(folder, entry.name)
    if entry.is_symlink():
        os.symlink(os.readlink(entry.path), target)
        return
    if entry.is_dir():
        os.mkdir(target)
    else:
        open(target, "w").close()
    _bind(entry.path, target)


def _make_place(folder: str) -> None:
    # /opt cannot get a new folder without a change of the host: a copy of it gets it instead.
    parent, name = os.path.split(LITERAL_BASE)
    place = os.path.join(folder, "opt")
    os.makedirs(os.path.join(place, name))
    for entry in os.scandir(parent):
        _show(entry, place)
    _bind(place, parent)


def _merge(host: str, own: str, target: str) -> None:
    # In the empty folder `target`, what is in `own`, and below it what is in `host`.
    names = {entry.name: entry for entry in os.scandir(own)}
    for entry in os.scandir(host):
        if entry.name not in names:
            _show(entry, target)
    for name, entry in names.items():
        below = os.path.join(host, name)
        if entry.is_dir(follow_symlinks=False) and os.path.isdir(below):
            os.mkdir(os.path.join(target, name))
            _merge(below, entry.path, os.path.join(target, name))
        else:
            _show(entry, target)


def _enter(root: str, folder: str) -> None:
    place = os.path.join(folder, "root")
    os.makedirs(place, exist_ok=True)
    _call("mount", b"tmpfs", place.encode(), b"tmpfs", 0, None)
    # Else each recursive bind of a folder above it would bring it once more.
    _call("mount", None, place.encode(), None, _UNBINDABLE, None)
    _merge("/", root, place)
    os.chroot(place)
    os.chdir("/")


def main() -> None:
    """Enter the namespace and become the command.

    Raises:
        OSError: If the kernel refuses; the command has not run then.
    """
    folder, root, directory, *command = sys.argv[1:]
    _leave()
    base = os.open(os.path.join(folder, "ml"), os.O_PATH)
    hosts = os.path.join(folder, "hosts")
    if os.path.exists(hosts):
        _bind(hosts, HOSTS_FILE)
    if root:
        _enter(root, folder)
    if not os.path.isdir(LITERAL_BASE):
        _make_place(folder)
    _bind(f"/proc/self/fd/{base}", LITERAL_BASE)
    os.close(base)
    os.chdir(directory)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
