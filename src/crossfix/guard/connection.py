"""One connection to a model API: HTTP/1.1, one request at a time, kept for the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httptools

from crossfix.guard.response import LostError, Response

MOST_HEAD_BYTES = 64 * 1024
"""What the heads and trailers of one answer may have."""

MOST_BUFFERED = 256 * 1024
"""Bytes of a body that wait to be read before the connection is paused."""

MOST_DRAINED = 64 * 1024
_DRAIN_SECONDS = 1.0
_AT_ONCE = 64 * 1024


class Connection(asyncio.Protocol):
    """A connection that is kept; ``idle`` is told when it may serve the next request.

    Silence is watched by one timer that goes on from request to request.
    """

    def __init__(self, silence: float, idle: Callable[[Connection], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._silence = silence
        self._idle = idle
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._response: Response | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard = 0.0
        self._unsent = 0
        self._head_bytes = self._received = self._drained_bytes = 0
        self._headed = self._keep = self._paused = self._draining = False
        self._bodiless = self._interim = self._until_close = False
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        """Whether a request may be sent."""
        return self._response is None and not self._transport.is_closing()

    async def request(self, head: bytes, body: bytes, *, bodiless: bool) -> Response:
        """Send a request and return the answer when its head is there.

        ``bodiless`` says that the answer will have no body, whatever its head says (HEAD).

        Raises:
            OSError: there is none (`LostError`), or it is too slow (`TimeoutError`).
        """
        response = self._response = Response(self)
        self._bodiless = bodiless
        self._headed = self._interim = False
        self._head_bytes = self._received = self._drained_bytes = 0
        self._heard, self._unsent = self._loop.time(), len(body)
        if self._timer is None:
            self._timer = self._loop.call_later(self._silence, self._check)
        try:
            if len(body) < _AT_ONCE:
                self._transport.write(head + body)
            else:
                self._transport.writelines([head, body])
            while not self._headed:
                if response.error is not None:
                    raise response.error
                await self.more()
        except BaseException:
            self.abandoned(response)
            raise
        return response

    async def more(self) -> None:
        """Wait until something comes, or the connection ends."""
        waiter = self._waiter = self._loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def resume(self) -> None:
        """Go on to read."""
        if self._paused:
            self._paused = False
            self._heard = self._loop.time()
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def released(self, response: Response) -> None:
        """Be free for another request, after the rest of the answer has come."""
        if self._response is not response or self._draining:
            return
        if response.complete:
            self._free()
        elif response.error is not None or not self._headed:
            self._close()
        else:  # the end of a stream is often one packet behind its last event
            self._draining = True
            self.resume()
            self._loop.call_later(_DRAIN_SECONDS, self._drained, response)

    def _drained(self, response: Response) -> None:
        if self._response is response:
            self._close()

    def abandoned(self, response: Response) -> None:
        """Close, unless the connection is another request's by now."""
        if self._response is response:
            self._close()

    def _free(self) -> None:
        self._response, self._draining = None, False
        if self._keep and not self._transport.is_closing():
            self.idle_since = self._loop.time()
            self._idle(self)
        else:
            self._close()

    def close(self) -> None:
        """End a connection that serves no request, in order."""
        self._keep = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._transport.close()

    def _close(self) -> None:
        self._keep = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()

    def _fail(self, error: BaseException) -> None:
        if self._response is not None:
            self._response.fail(error)
        self._close()
        self._wake()

    def _check(self) -> None:
        """Give an upstream up that is silent."""
        self._timer = None
        response = self._response
        if response is None or response.complete:
            return  # the next request sets the timer
        now, unsent = self._loop.time(), self._transport.get_write_buffer_size()
        if self._paused or unsent < self._unsent:  # we are slow, or what is asked still goes out
            self._heard = now
        self._unsent = unsent
        left = self._heard + self._silence - now
        if left <= 0:
            self._fail(TimeoutError("The upstream is silent."))
        else:
            self._timer = self._loop.call_later(left, self._check)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        response = self._response
        if response is None or response.complete:
            self._close()  # nothing was asked: what comes now must not answer the next request
            return
        self._heard = self._loop.time()
        try:
            if not self._headed:
                self._unparsed(len(data))
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, LostError) as e:
            self._fail(LostError(f"The answer is not HTTP: {e}"))
            return
        if self._draining:
            self._drain()
        self._wake()

    def _drain(self) -> None:
        """Be free once the rest has come."""
        if self._response is not None and self._response.complete:
            self._free()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer: in order only where its end is the connection's."""
        response = self._response
        if response is not None and not response.complete:
            if exc is None and self._headed and self._until_close:
                response.complete = True
            else:
                response.fail(LostError("The upstream closed the connection."))
        self._close()
        self._wake()

    # What the parser calls; an error that is raised here comes out of ``feed_data``.

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MOST_HEAD_BYTES:
            raise LostError("The head of the answer is too long.")

    def _unparsed(self, size: int) -> None:
        """Bound a head that has begun and does not end; the last packet may have a body, too."""
        if self._received > MOST_HEAD_BYTES:
            raise LostError("The head of the answer does not end.")
        self._received += size

    def on_message_begin(self) -> None:
        """Refuse a second answer."""
        if self._response is None or self._response.complete:
            raise LostError("There is more than one answer.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header in; trailers are passed over."""
        self._count(len(name) + len(value) + 4)
        if not self._headed and self._response is not None:
            self._response.raw_headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin the answer, unless it is only said that it will come."""
        response = self._response
        assert response is not None
        status = self._parser.get_status_code()
        if 100 <= status < 200:
            if status == 101:
                raise LostError("The upstream speaks another protocol.")
            self._interim = True
            response.raw_headers.clear()
            return
        response.begin(status)
        self._headed = True
        self._keep = self._parser.should_keep_alive()
        if self._bodiless:  # the parser goes on to wait for a body
            self._keep, response.complete = False, True
        self._until_close = response.content_length is None and not any(
            name == b"transfer-encoding" for name, _ in response.raw_headers
        )

    def on_body(self, data: bytes) -> None:
        """Take a part of the body in."""
        response = self._response
        assert response is not None
        if self._draining:
            self._drained_bytes += len(data)
            if self._drained_bytes > MOST_DRAINED:
                raise LostError("There is more than the end of the answer.")
        elif not response.complete and response.put(data) > MOST_BUFFERED and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """End the answer."""
        if self._interim:
            self._interim = False
        elif self._response is not None:
            self._response.complete = True
