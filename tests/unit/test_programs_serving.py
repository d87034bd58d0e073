"""The serving programs as processes: HTTP, script mode, and how they end."""

import io
import json
import os
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

from rehearsal.programs import arrays
from rehearsal.programs.errors import ServingError, UserError
from rehearsal.programs.script_serve import Transformer, load_module
from rehearsal.programs.server import Request

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(program: str, base: Path, port: int, **variables: str) -> "subprocess.Popen[str]":
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_BIND_TO_PORT": str(port),
    }
    return subprocess.Popen(
        [sys.executable, "-m", f"rehearsal.programs.{program}"],
        env=environment | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def serving(program: str, base: Path, **variables: str) -> Iterator[HTTPConnection]:
    port = free_port()
    process = start(program, base, port, **variables)
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        deadline = time.monotonic() + 40
        while True:
            try:
                connection.connect()
                break
            except OSError:
                assert process.poll() is None, process.stdout and process.stdout.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield connection
        connection.close()
    finally:
        process.terminate()
        process.communicate(timeout=10)


def ask(
    connection: HTTPConnection, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, str, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    response = connection.getresponse()
    return response.status, response.headers.get("Content-Type", ""), response.read()


def write_module(folder: Path, text: str, name: str = "inference.py") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(textwrap.dedent(text))


def test_a_model_server_keeps_the_contract_over_one_connection(tmp_path: Path) -> None:
    features = np.random.default_rng(0).normal(size=(200, 3))
    labels = (features[:, 0] > 0).astype(int)
    booster = xgb.train({"objective": "binary:logistic"}, xgb.DMatrix(features, labels), 3)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    expected = booster.predict(xgb.DMatrix(np.array([[1.0, np.nan, 3.0], [-1.0, 0.0, 0.0]])))
    with serving("xgboost_serve", tmp_path) as connection:
        first = connection.sock
        assert ask(connection, "GET", "/ping")[0] == 200
        status, kind, body = ask(connection, "GET", "/execution-parameters")
        assert (status, kind) == (200, "application/json")
        parameters = json.loads(body)
        assert parameters["BatchStrategy"] == "MULTI_RECORD"
        assert parameters["MaxPayloadInMB"] == 6
        assert parameters["MaxConcurrentTransforms"] >= 1
        content = {"Content_Type": "text/csv"}
        status, kind, body = ask(connection, "POST", "/invocations", b"1,,3\n-1,0,0\n", **content)
        assert (status, kind) == (200, "text/csv")
        assert [float(score) for score in body.split(b",")] == expected.tolist()
        assert ask(connection, "POST", "/invocations", b"1", **content)[0] == 400
        assert ask(connection, "POST", "/invocations", b"", **content)[0] == 204
        status, kind, body = ask(connection, "POST", "/invocations", b"1", Content_Type="a/b")
        assert status == 415
        assert kind.startswith("text/plain")
        assert b"a/b is not an accepted ContentType" in body
        assert ask(connection, "GET", "/nothing")[0] == 404
        assert ask(connection, "POST", "/ping", b"x")[0] == 404
        assert connection.sock is first
        connection.putrequest("POST", "/invocations")
        connection.putheader("Content-Length", str(7 * 1024**2))
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_script_mode_serves_the_users_functions(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "factor").write_text("3")
    write_module(tmp_path / "code", "def times(a, b):\n    return a * b\n", "helper.py")
    write_module(
        tmp_path / "code",
        """
        from pathlib import Path
        from helper import times

        def model_fn(model_dir):
            return float((Path(model_dir) / "factor").read_text())

        def input_fn(body, content_type):
            if content_type != "text/csv":
                raise ValueError(f"no {content_type}, please")
            return [float(cell) for cell in body.split(",")]

        def predict_fn(data, model):
            return [times(value, model) for value in data]

        def output_fn(prediction, accept):
            return f"{accept}:{prediction}"
        """,
        "train.py",
    )
    with serving("script_serve", tmp_path, SAGEMAKER_PROGRAM="train.py") as connection:
        status, kind, body = ask(
            connection, "POST", "/invocations", b"1,2", Content_Type="text/csv", Accept="text/csv"
        )
        assert (status, kind, body) == (200, "text/csv", b"text/csv:[3.0, 6.0]")
        status, _, body = ask(connection, "POST", "/invocations", b"1", Content_Type="a/b")
        assert (status, body) == (500, b"no a/b, please")


def test_a_server_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    write_module(tmp_path / "model" / "code", "def model_fn(model_dir):\n    return 1\n")
    port = free_port()
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-m', 'rehearsal.programs.script_serve'])\n"
        "time.sleep(60)\n"
    )
    variables = {"SAGEMAKER_BASE_DIR": str(tmp_path), "SAGEMAKER_BIND_TO_PORT": str(port)}
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | variables | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    answers = False
    deadline = time.monotonic() + 30
    while not answers and time.monotonic() < deadline:
        answers = is_listening(port)
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    assert answers
    deadline = time.monotonic() + 30
    while is_listening(port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_listening(port)


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_port_in_use_and_a_missing_module_end_it_with_one_line(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        missing = start("script_serve", tmp_path, port)
        write_module(tmp_path / "other" / "code", "def model_fn(model_dir):\n    return 1\n")
        busy = start("script_serve", tmp_path / "other", port)
        output, _ = busy.communicate(timeout=30)
        assert output == f"cannot listen on 127.0.0.1:{port}: Address already in use\n"
        output, _ = missing.communicate(timeout=30)
    assert (busy.returncode, missing.returncode) == (1, 1)
    assert output.startswith("SAGEMAKER_PROGRAM: no inference.py in ")
    assert len(output.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "please provide a model_fn implementation"),
        (
            "model_fn = input_fn = transform_fn = print",
            "cannot use transform_fn with input_fn, predict_fn, output_fn",
        ),
    ],
)
def test_a_module_against_the_contract_is_refused(tmp_path: Path, text: str, message: str) -> None:
    write_module(tmp_path / "code", text, "wrong_module.py")
    with pytest.raises(UserError, match=message):
        load_module(tmp_path, "wrong_module.py")


def transformer(tmp_path: Path, text: str) -> Transformer:
    write_module(tmp_path / "code", text, "right_module.py")
    return Transformer(load_module(tmp_path, "right_module"), "model", "application/json")


def test_defaults_are_those_of_the_inference_toolkit(tmp_path: Path) -> None:
    served = transformer(
        tmp_path,
        """
        class Model:
            def predict(self, data):
                return data.sum(axis=1)

        def model_fn(model_dir):
            return Model()
        """,
    )
    raw = io.BytesIO()
    np.save(raw, np.array([[1, 2], [3, 4]]))
    for body, content_type in (
        (b"1,2\n3,4\n", "text/csv"),
        (b"[[1, 2], [3, 4]]", "application/json"),
        (raw.getvalue(), "application/x-npy"),
    ):
        answer = served.invoke(Request(body, content_type, "*/*"))
        assert (json.loads(answer.body), answer.content_type) == ([3, 7], "application/json")
    assert served.invoke(Request(b"1,2\n3,4", "text/csv", "text/csv")).body == b"3.0\n7.0\n"
    npy = served.invoke(Request(b"1,2\n3,4", "text/csv", "application/x-npy")).body
    assert np.load(io.BytesIO(npy)).tolist() == [3, 7]


def test_transform_fn_may_answer_with_a_content_type(tmp_path: Path) -> None:
    served = transformer(
        tmp_path,
        """
        def model_fn(model_dir):
            return model_dir

        def transform_fn(model, body, content_type, accept):
            return f"{model} {body} {content_type}", "text/plain"
        """,
    )
    answer = served.invoke(Request(b"x", "text/csv", "text/csv"))
    assert (answer.body, answer.content_type) == (b"model x text/csv", "text/plain")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ('{"rows": [1]}', "application/json", 400),
        (b"x", "application/x-npy", 400),
        (b"", "application/x-npy", 400),
        (b"PK\3\4", "application/x-npy", 400),
        ("1", "text/xml", 415),
    ],
)
def test_a_body_that_cannot_be_decoded_has_a_status(
    body: str | bytes, content_type: str, status: int
) -> None:
    with pytest.raises(ServingError) as refused:
        arrays.decode(body, content_type)
    assert refused.value.status == status


def test_an_answer_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(ServingError, match="'text/xml' is not supported; allowed: text/csv"):
        arrays.encode(np.array([1]), "text/xml")
