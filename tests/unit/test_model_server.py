"""What a model server does with requests that no good client sends, and where servers listen."""

import socket
from pathlib import Path

import pytest

from rehearsal.sagemaker.hosting import ports
from tests.unit.test_programs_serving import ask, serving, write_module


def test_only_a_whole_body_of_a_stated_length_reaches_the_model(tmp_path: Path) -> None:
    write_module(
        tmp_path / "code",
        """
        seen = []

        def model_fn(model_dir):
            return None

        def transform_fn(model, body, content_type, accept):
            seen.append(body)
            return ",".join(seen)
        """,
    )
    with serving("script_serve", tmp_path) as connection:
        port = connection.port

        def raw(request: bytes) -> bytes:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(b"POST /invocations HTTP/1.1\r\n" + request)
                client.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: client.recv(1000), b""))

        for length in (b"\xb2", b"-1", b"two", b""):
            refused = raw(b"Content-Length: %s\r\n\r\n" % length)
            assert refused.startswith(b"HTTP/1.1 411 "), (length, refused)
        assert raw(b"Content-Length: 5\r\n\r\nfour") == b""
        answer = ask(connection, "POST", "/invocations", b"whole", Content_Type="text/csv")
        assert answer[2] == b"whole"


def test_no_two_servers_get_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kernel(socket.socket):
        numbers = iter([7001, 7001, 7002, 7001])

        def bind(self, address: object) -> None:
            pass

        def getsockname(self) -> tuple[str, int]:
            return "127.0.0.1", next(self.numbers)

    monkeypatch.setattr(socket, "socket", Kernel)
    taken = [ports.take(), ports.take()]
    ports.give_back(7001)
    assert [*taken, ports.take()] == [7001, 7002, 7001]
    for port in (7001, 7002):
        ports.give_back(port)
