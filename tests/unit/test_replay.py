"""Rows on their way to an endpoint and back, with a server of HTTP in place of S3 and SageMaker."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import endpoint_replay
from adapters.endpoint_replay import Answers, EndpointReplay
from evaluation.documents import Document
from evaluation.errors import EvaluationError
from evaluation.replay.latency import document, merged
from evaluation.replay.requests import ROWS_OF_A_REQUEST, ReplayRequest, predictions, requests

SOURCE = "s3://data/prepared/r/fold-0/p.csv"
EVENT = {
    "run": "r",
    "candidate": "a",
    "endpoint": "flights-r-a",
    "accept": "text/csv",
    "labelled": True,
    "output_filter": "$[0,-1]",
    "keys": ["prepared/r/fold-0/p.csv"],
}
ANSWERS_LINES = EVENT | {
    "accept": "application/jsonlines",
    "labelled": False,
    "output_filter": "$.score",
}
OF_CLASSES = EVENT | {"labelled": False, "output_filter": "$"}
Scores = Callable[[list[bytes]], tuple[int, bytes]]


@dataclass
class Endpoint:
    """The rows of an object, and what the model answers to some of them."""

    rows: bytes
    answer: Scores
    requests: list[list[bytes]] = field(default_factory=list)


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[EndpointReplay]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.respond(200, endpoint.rows)

        def do_POST(self) -> None:
            rows = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
            endpoint.requests.append(rows)
            status, body = endpoint.answer(rows)
            if status == 200:
                self.respond(200, body)
            else:
                refused = {"Message": body.decode(), "OriginalStatusCode": status}
                self.respond(424, json.dumps(refused).encode(), "ModelError")

        def respond(self, status: int, body: bytes, error: str = "") -> None:
            self.send_response(status)
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        options: dict[str, Any] = {
            "endpoint_url": f"http://127.0.0.1:{server.server_port}",
            "region_name": "us-east-1",
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
        }
        try:
            yield EndpointReplay(
                "data", boto3.client("s3", **options), boto3.client("sagemaker-runtime", **options)
            )
        finally:
            server.shutdown()


def sent(endpoint: Endpoint, event: object = EVENT) -> Answers:
    request = ReplayRequest.parse(event)
    with serving(endpoint) as replay:
        return replay.send(request, request.objects[0])


def doubled(rows: list[bytes]) -> tuple[int, bytes]:
    return 200, b"".join(b"%d\n" % (2 * int(row)) for row in rows)


def numbered(rows: int) -> bytes:
    return b"".join(b"%d,%d\n" % (row % 2, row) for row in range(rows))


def predicted(event: object, answer: bytes, rows: int = 2) -> bytes:
    request = ReplayRequest.parse(event)
    (asked,) = requests([(0, numbered(rows))])
    return predictions(asked, answer, request.labelled, request.member, SOURCE)


class TestReplay:
    def test_each_rows_score_is_beside_its_label_in_the_order_of_the_rows(self) -> None:
        rows = 10 * ROWS_OF_A_REQUEST + 1
        endpoint = Endpoint(numbered(rows), doubled)
        answers = sent(endpoint)
        expected = b"".join(b"%d,%d\n" % (row % 2, 2 * row) for row in range(rows))
        assert answers.lines == expected
        assert (answers.rows, answers.retries) == (rows, 0)
        assert len(answers.milliseconds) == len(endpoint.requests)
        assert max(len(each) for each in endpoint.requests) == ROWS_OF_A_REQUEST

    def test_a_model_that_fails_once_is_asked_again_and_that_is_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(endpoint_replay, "_FIRST_SECONDS", 0.01)
        endpoint = Endpoint(numbered(3), lambda rows: answers(rows))

        def answers(rows: list[bytes]) -> tuple[int, bytes]:
            return doubled(rows) if len(endpoint.requests) > 1 else (500, b"still loading")

        assert sent(endpoint).retries == 1

    def test_a_refusal_is_told_with_its_rows_and_ends_the_requests(self) -> None:
        def refuse_the_first(rows: list[bytes]) -> tuple[int, bytes]:
            return (400, b"7 columns, not 8") if rows[0] == b"0" else doubled(rows)

        endpoint = Endpoint(numbered(100 * ROWS_OF_A_REQUEST), refuse_the_first)
        with pytest.raises(EvaluationError, match=r"rows from 1: endpoint flights-r-a.*7 columns"):
            sent(endpoint)
        assert len(endpoint.requests) < 20


class TestPredictions:
    @given(
        st.lists(st.floats(0, 1), min_size=1, max_size=30), st.sampled_from([b"\n", b",", b"\r\n"])
    )
    def test_every_spelling_of_csv_is_read(self, scores: list[float], delimiter: bytes) -> None:
        answer = delimiter.join(repr(score).encode() for score in scores)
        lines = predicted(EVENT, answer, len(scores)).splitlines()
        assert [float(line.partition(b",")[2]) for line in lines] == scores

    def test_the_probabilities_of_several_classes_are_one_prediction(self) -> None:
        answer = b"[0.2, 0.8]\r\n[0.5, 0.5]\r\n"
        assert predicted(EVENT, answer) == b"0,[0.2, 0.8]\n1,[0.5, 0.5]\n"

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (b"[0.2, 0.8, 0.0],[0.5, 0.25, 0.25]", b"[0.2, 0.8, 0.0]\n[0.5, 0.25, 0.25]\n"),
            (b"[0.2, 0.8, 0.0]\n[0.5, 0.25, 0.25]\n", b"[0.2, 0.8, 0.0]\n[0.5, 0.25, 0.25]\n"),
            (b"0.2,0.8,0.0\n0.5,0.25,0.25\n", b"0.2,0.8,0.0\n0.5,0.25,0.25\n"),
        ],
    )
    def test_the_scores_of_a_row_stay_together(self, answer: bytes, expected: bytes) -> None:
        assert predicted(OF_CLASSES, answer) == expected

    def test_the_score_of_json_lines_is_the_member_that_the_filter_names(self) -> None:
        answer = b'{"score": 0.25, "predicted_label": 0}\n{"score": 0.75, "predicted_label": 1}\n'
        assert predicted(ANSWERS_LINES, answer) == b"0.25\n0.75\n"

    @pytest.mark.parametrize(
        ("event", "answer", "expected"),
        [
            (EVENT, b"0.5\n", r"rows 1 to 2: the endpoint answered 1 prediction"),
            (EVENT, b"[0.2, 0.8\n[0.5]\n", r"the endpoint answered 0 prediction"),
            (EVENT, b"0.5\n\n\n", r"answered 3 prediction"),
            (EVENT, b"0.5\n\n", r"row 2: the endpoint answered ''; allowed: a score"),
            (ANSWERS_LINES, b'{"score": 1}\n{"mark": 2}\n', r"row 2: .*an object with score"),
            (ANSWERS_LINES, b'{"score": 1}\n[2]\n', r"row 2: .*an object with score"),
            (ANSWERS_LINES, b'{"score": 1}\n{"sco\n', r"row 2: .*an object with score"),
        ],
    )
    def test_a_mistaken_answer_is_named_by_object_and_row(
        self, event: object, answer: bytes, expected: str
    ) -> None:
        with pytest.raises(EvaluationError, match=re.escape(SOURCE) + ".*" + expected):
            predicted(event, answer)

    def test_a_filter_that_the_replay_cannot_apply_is_refused(self) -> None:
        with pytest.raises(EvaluationError, match=r"output_filter.*\$\.<member>"):
            ReplayRequest.parse(ANSWERS_LINES | {"output_filter": "$['a','b']"})


class TestLatency:
    def test_all_objects_are_told_together(self) -> None:
        told = merged(
            Document(document(milliseconds, rows, retries))
            for milliseconds, rows, retries in (([1.0, 2.0], 600, 1), ([3.0], 7, 0))
        )
        assert told == {
            "requests": 3,
            "rows": 607,
            "retries": 1,
            "p50": 2.0,
            "p90": pytest.approx(2.8),
            "p99": pytest.approx(2.98),
            "max": 3.0,
        }

    def test_without_a_request_there_is_none(self) -> None:
        assert merged([]) is None
