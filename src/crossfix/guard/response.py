"""The answer of a model API to one request: its head, and its body as it comes."""

from __future__ import annotations

import zlib
from typing import Any, Protocol

_INFLATED_AT_ONCE = 1 << 20


class LostError(OSError):
    """The connection ended, or what came on it is not HTTP, before the answer was whole."""


class UnreachableError(OSError):
    """No connection can be made."""


class SlowConnectError(TimeoutError):
    """No connection was made in time."""


class Source(Protocol):
    """What an answer comes from."""

    async def more(self) -> None:
        """Wait until something comes, or there will be nothing more."""

    def resume(self) -> None:
        """Go on to read."""

    def released(self, response: Response) -> None:
        """Be free for another request."""

    def abandoned(self, response: Response) -> None:
        """Close, unless another request has begun."""


class Response:
    """The answer to one request: its head, and its body as it comes.

    Header names are in lower case. What is compressed is opened as it is read, never more than a
    megabyte at once.
    """

    __slots__ = ("_buffer", "_buffered", "_connection", "_inflate", "_tail", "complete",
                 "content_length", "content_type", "error", "raw_headers", "status")  # fmt: skip

    def __init__(self, connection: Source) -> None:
        self._connection = connection
        self.status = 0
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.content_type = ""
        self.content_length: int | None = None
        self.complete = False
        self._buffer: list[bytes] = []
        self._buffered = 0
        self.error: BaseException | None = None
        self._inflate: Any = None
        self._tail = b""

    def begin(self, status: int) -> None:
        """Take the head in.

        Raises:
            LostError: the body is packed in a way that was not asked for and is not known.
        """
        self.status = status
        for name, value in self.raw_headers:
            if name == b"content-type":
                self.content_type = value.partition(b";")[0].strip().lower().decode("latin-1")
            elif name == b"content-length" and value.isdigit():
                self.content_length = int(value)
            elif name == b"content-encoding":
                self._inflate = _opener(value.strip().lower())

    def put(self, data: bytes) -> int:
        """Take a part of the body in; return how many bytes wait."""
        self._buffer.append(data)
        self._buffered += len(data)
        return self._buffered

    def fail(self, error: BaseException) -> None:
        """End the body with an error, which who reads meets after what had come."""
        if not self.complete and self.error is None:
            self.error = error

    async def read(self, most_bytes: int) -> bytes | None:
        """Return the whole body, or nothing where it is longer than ``most_bytes``.

        Raises:
            OSError: it was cut, or is too slow (`TimeoutError`).
        """
        if self.complete and self._inflate is None and self._buffered <= most_bytes:
            return self._taken()
        parts, size = [], 0
        while part := await self.part():
            size += len(part)
            if size > most_bytes:
                return None
            parts.append(part)
        return b"".join(parts)

    async def part(self) -> bytes:
        """Return the next piece of the body as it came, ``b""`` at the end.

        Raises:
            OSError: it was cut, or is too slow (`TimeoutError`).
        """
        while True:
            if self._buffer or self._tail:
                data = self._taken()
                if self._inflate is not None:
                    data = self._inflated(data)
                if data:
                    return data
            elif self.error is not None:
                raise self.error
            elif self.complete:
                if self._inflate is not None and not self._inflate.eof:
                    raise LostError("The packed body ends before its end.")
                return b""
            else:
                await self._connection.more()

    def _taken(self) -> bytes:
        buffer = self._buffer
        data = buffer[0] if len(buffer) == 1 else b"".join(buffer)
        buffer.clear()
        self._buffered = 0
        self._connection.resume()
        return data

    def _inflated(self, data: bytes) -> bytes:
        try:
            out: bytes = self._inflate.decompress(self._tail + data, _INFLATED_AT_ONCE)
        except zlib.error as e:
            raise LostError("The packed body cannot be opened.") from e
        self._tail = self._inflate.unconsumed_tail
        return out

    def release(self) -> None:
        """Be done: what is left of the body is thrown away, the connection kept if that is soon."""
        self._connection.released(self)

    def close(self) -> None:
        """Be done at once, so that the upstream stops, too."""
        self._connection.abandoned(self)


def _opener(encoding: bytes) -> Any:
    """Return what opens a body that is packed so, nothing where it is not."""
    if encoding in (b"", b"identity"):
        return None
    if encoding in (b"gzip", b"x-gzip", b"deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)  # either head is told by itself
    raise LostError("The body is packed in a way that is not known.")
