"""Vectors over HTTP, from a real server on this machine."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from crossfix.content.encoders.endpoint import PER_CALL, EndpointEncoder
from crossfix.errors import OutsideError, SettingError


class Embeddings(BaseHTTPRequestHandler):
    asked: list[str | None] = []  # noqa: RUF012

    def do_POST(self) -> None:
        type(self).asked.append(self.headers.get("Authorization"))
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows = [{"index": n, "embedding": [len(text), 1.0]} for n, text in enumerate(body["input"])]
        rows = rows[::-1] if self.path == "/v1/embeddings" else rows[:1]
        answer = json.dumps({"data": rows}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Embeddings) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_vectors_come_in_the_order_of_the_texts(url: str) -> None:
    encoder = EndpointEncoder(f"{url}/v1", "m", "secret")
    vectors = encoder.encode(["ab", "", "abcdefgh"])
    assert vectors.shape == (3, encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1], atol=1e-6)
    assert vectors[0, 0] < vectors[2, 0]
    assert Embeddings.asked[-1] == "Bearer secret"


def test_many_texts_take_several_calls(url: str) -> None:
    Embeddings.asked.clear()
    assert len(EndpointEncoder(f"{url}/v1", "m").encode(["x"] * (PER_CALL + 1))) == PER_CALL + 1
    assert len(Embeddings.asked) == 2


def test_too_few_vectors_are_no_answer(url: str) -> None:
    with pytest.raises(OutsideError):
        EndpointEncoder(f"{url}/other", "m").encode(["a", "b"])


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(OutsideError):
        EndpointEncoder("http://127.0.0.1:9/v1", "m").encode(["a"])


def test_only_http_is_asked() -> None:
    with pytest.raises(SettingError):
        EndpointEncoder("file:///etc/passwd", "m")
