"""The HTTP server below the gateway: uvicorn, with bounds that it does not have by itself."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from crossfix.errors import OutsideError
from crossfix.guard.asgi import WHOLE, Headers

MOST_HEAD_BYTES = 64 * 1024
MOST_HEADERS = 100
HEAD_SECONDS = 20.0
"""How long the head of a request may take to arrive."""

_CONTROL = bytes(n for n in (*range(32), 127) if n != 9)
"""What no line of a head may hold."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n"
)
_BODY = (
    b'{"error":{"message":"The request\'s headers are larger than is allowed.",'
    b'"type":"invalid_request_error","param":null,"code":"headers_too_large"}}'
)


class _Joined:
    """A transport that sends the head of an answer together with what is written right after it.

    Each write is a call of the system and wakes the client; a head alone is of no use to it.
    """

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send, but a head when the turn of the loop ends."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def send(self, data: bytes) -> None:
        """Send an answer that is whole."""
        self._flush()
        self._transport.write(data)

    def _flush(self) -> None:
        if self._head:
            data, self._head = self._head, b""
            self._transport.write(data)

    def close(self) -> None:
        """Send what waits, then close."""
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP whose heads are bounded in bytes, in number and in time.

    One timer watches the time that a head may take and that a connection may idle, and goes on
    from request to request. An answer in one piece has a shorter way than ASGI's two messages,
    which is offered as an extension (`crossfix.guard.asgi.WHOLE`).
    """

    _head_bytes = 0
    _in_head = True
    _end = 0.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self.transport = _Joined(transport, self.loop)  # type: ignore[assignment]
        self._close_after(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head."""
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and self._head_only(data):
                self._refuse()
                return
        super().data_received(data)

    def _head_only(self, data: bytes) -> bool:
        # A body that came in the same packet is no part of the head.
        end = data.find(b"\r\n\r\n")
        return end < 0 or self._head_bytes - len(data) + end > MOST_HEAD_BYTES

    def on_message_begin(self) -> None:
        """Begin to count a head."""
        if not self._in_head:
            self._in_head = True
            self._close_after(HEAD_SECONDS)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Count no longer."""
        self._end = 0.0
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()
        self.scope["extensions"] = {WHOLE: partial(self._answer, self.cycle)}  # type: ignore[dict-item]

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header in, while there are not too many."""
        if len(self.headers) < MOST_HEADERS:
            super().on_header(name, value)

    def on_response_complete(self) -> None:
        """Go on to the next request, or begin to wait for it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            # Of a next request a part may be here already.
            self._close_after(HEAD_SECONDS if self._in_head else self.timeout_keep_alive)

    def _answer(
        self, cycle: RequestResponseCycle, status: int, headers: Headers, body: bytes
    ) -> bool:
        """Send a whole answer at once; say whether that was possible."""
        if cycle.response_started or cycle.disconnected or self.flow.write_paused:
            return False
        if cycle.scope["method"] == "HEAD" or status in (204, 304) or cycle.default_headers:
            return False
        lines = [STATUS_LINE[status], *[b"%s: %s\r\n" % header for header in headers]]
        lines.append(b"content-length: %d\r\n" % len(body))
        if not cycle.keep_alive:
            lines.append(b"connection: close\r\n")
        head = b"".join(lines)
        if len(head.translate(None, _CONTROL)) != len(head) - 2 * len(lines):
            return False  # a line would end where it must not: the long way says so
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self.transport.send(b"%s\r\n%s" % (head, body))  # type: ignore[attr-defined]
        cycle.message_event.set()
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def _close_after(self, seconds: float) -> None:
        """Have the connection closed then, unless something else happens before."""
        self._end = self.loop.time() + seconds
        if self._timer is not None:
            if self._timer.when() <= self._end:
                return  # it sees then that there is more time
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        left = self._end - self.loop.time()
        if not self._end or self.transport.is_closing():
            return
        if left > 0:
            self._timer = self.loop.call_later(left, self._on_time)
        elif self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _refuse(self) -> None:
        self.transport.write(_TOO_LARGE % len(_BODY) + _BODY)
        self.transport.close()


def run(
    application: Callable[..., Any],
    host: str,
    port: int,
    *,
    stop_seconds: int = 10,
    ready: Callable[[str], None] | None = None,
    listening: socket.socket | None = None,
) -> None:
    """Serve an application until the process is told to stop.

    Calls under way have ``stop_seconds`` then, and are ended. ``ready`` is called with the address,
    once there is something to answer at it. ``listening`` is a socket that listens there already.
    """
    listening = listening or listen(host, port)
    _many_files()
    config = uvicorn.Config(
        application,
        http=BoundedProtocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="none",
        lifespan="on",
        access_log=False,
        # Whoever could name another address in a header would have as many as they like.
        proxy_headers=False,
        log_config=None,  # crossfix.guard.logs says how
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=stop_seconds,
        backlog=4096,
    )
    server = _Server(config)
    if ready is not None:
        at = address_of(host, listening)
        server.when_ready = lambda: ready(at)
    server.run(sockets=[listening])
    if server.interrupted:
        raise KeyboardInterrupt
    if not server.started:
        raise OutsideError("The gateway could not start.", hint="What is wrong stands above.")


def _many_files() -> None:
    """Allow as many open connections as the system does: each stream has two."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class _Server(uvicorn.Server):
    when_ready: Callable[[], None] | None = None
    interrupted = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop in order at a signal; uvicorn's own way then dies of it."""
        before = {s: signal.signal(s, self.handle_exit) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.interrupted = self.interrupted or sig == signal.SIGINT
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.when_ready is not None:
            self.when_ready()


def address_of(host: str, listening: socket.socket) -> str:
    """Return the address that a socket listens at, as people write it."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address.

    Raises:
        OutsideError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as e:
        listening.close()
        why = (e.strerror or str(e)).lower()
        raise OutsideError(
            f"Nobody can listen at {host}, port {port}: {why}.",
            hint="Name another port (--port) or address (--host), or stop who listens there.",
        ) from e
    listening.set_inheritable(True)
    return listening
