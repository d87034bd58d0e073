"""Ports of loopback for model servers, no two of which get the same one.

The kernel gives a free port again until somebody listens on it; a model would then pass its health
check with another model's answer.
"""

import socket
import threading

_taken: set[int] = set()
_lock = threading.Lock()


def take() -> int:
    """A port on which nobody listens, until it is given back."""
    while True:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port: int = listener.getsockname()[1]
        with _lock:
            if port not in _taken:
                _taken.add(port)
                return port


def give_back(port: int) -> None:
    """Nobody will listen on the port any more."""
    with _lock:
        _taken.discard(port)
