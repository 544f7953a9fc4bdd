import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
import uvloop
from tests.guard.gateway_process import Serving
from uvicorn.server import ServerState

from crossfix.guard import server
from crossfix.guard.asgi import WHOLE, Receive, Scope, Send, read_body, send_body
from crossfix.guard.server import BoundedProtocol


def asked(serving: Serving, *requests: bytes) -> list[bytes]:
    """Return what comes in one piece after each request on one connection."""
    host, port = serving.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        found = []
        for request in requests:
            raw.sendall(request)
            found.append(raw.recv(65_536))
        return found


def test_an_answer_comes_in_one_piece_again_and_again(gateway: Serving) -> None:
    request = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    for answer in asked(gateway, request, request, request):
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body == b'{"ok":true}'


def test_the_last_answer_comes_whole_before_the_connection_ends(gateway: Serving) -> None:
    last = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    (answer,) = asked(gateway, last)
    assert answer.endswith(b'{"ok":true}')


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the path, as the query asks: whole or in ASGI's messages, soon or late."""
    await read_body(scope, receive, 1_000)
    if b"late" in scope["query_string"]:
        await asyncio.sleep(0.5)
    body, headers = scope["path"].encode(), [(b"x-a", b"b\r\nc: d")]
    headers = headers if b"forged" in scope["query_string"] else []
    if b"whole" not in scope["query_string"] or not scope["extensions"][WHOLE](200, headers, body):
        await send_body(send, 200, headers, body)


@contextmanager
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Serve the application in a thread, with short times, at a port."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    ready, stopped = threading.Event(), threading.Event()
    port: list[int] = []

    async def run() -> None:
        config = uvicorn.Config(
            application, http=BoundedProtocol, ws="none", lifespan="off", access_log=False,
            proxy_headers=False, log_config=None, server_header=False, date_header=False,
            timeout_keep_alive=3,
        )  # fmt: skip
        config.load()
        state = ServerState()
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(
            lambda: BoundedProtocol(config=config, server_state=state, app_state={}),  # type: ignore[arg-type]
            "127.0.0.1", 0,
        )  # fmt: skip
        port.append(listening.sockets[0].getsockname()[1])
        ready.set()
        while not stopped.is_set():
            await asyncio.sleep(0.02)
        listening.close()
        for connection in list(state.connections):
            connection.transport.close()
        await asyncio.sleep(0.05)

    thread = threading.Thread(target=uvloop.run, args=(run(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield port[0]
    finally:
        stopped.set()
        thread.join(10)


def to_the_end(port: int, *pieces: bytes) -> tuple[bytes, float]:
    """Return what comes until the connection is closed, and after how many seconds it is."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        for piece in pieces:
            raw.sendall(piece)
        began, found = time.monotonic(), b""
        while part := raw.recv(65_536):
            found += part
        return found, time.monotonic() - began


def get(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: x\r\n{more}\r\n".encode()


CLOSE = "connection: close\r\n"


def test_an_answer_by_the_short_way_is_the_one_by_the_long_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(monkeypatch) as port:
        short, _ = to_the_end(port, get("/a?whole", CLOSE))
        long, _ = to_the_end(port, get("/a", CLOSE))
        assert short == long
        assert short.endswith(b"connection: close\r\n\r\n/a")
        old, _ = to_the_end(port, b"GET /old?whole HTTP/1.0\r\n\r\n")
        assert old.endswith(b"connection: close\r\n\r\n/old")
        head, _ = to_the_end(
            port, b"HEAD /a?whole HTTP/1.1\r\nhost: x\r\n" + CLOSE.encode() + b"\r\n"
        )
        assert head.endswith(b"\r\n\r\n")


def test_requests_that_come_together_are_answered_in_their_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(monkeypatch) as port:
        asked = get("/1?whole&late"), get("/2?whole"), get("/3"), get("/4?whole", CLOSE)
        found, _ = to_the_end(port, b"".join(asked))
        bodies = [part[:2] for part in found.split(b"\r\n\r\n")[1:]]
        assert bodies == [b"/1", b"/2", b"/3", b"/4"]


def test_no_header_of_a_whole_answer_begins_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch) as port:
        found, _ = to_the_end(port, get("/a?whole&forged", CLOSE))
        assert found == b""


def test_a_head_that_does_not_end_and_a_connection_that_idles_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(monkeypatch) as port:
        nothing, seconds = to_the_end(port)
        assert nothing == b""
        assert seconds < 2.5
        begun, seconds = to_the_end(port, b"GET / HTTP/1.1\r\nhost: x\r\n")
        assert begun == b""
        assert seconds < 2.5
        idle, seconds = to_the_end(port, get("/a?whole"))
        assert idle.endswith(b"/a")
        assert seconds > 2.5
        again, seconds = to_the_end(port, get("/a?whole"), b"GET /b HTTP/1.1\r\n")
        assert again.endswith(b"/a")
        assert seconds < 2.5


def test_an_answer_may_take_longer_than_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(monkeypatch) as port:
        found, _ = to_the_end(port, get("/a?whole&late"))
        assert found.endswith(b"/a")
