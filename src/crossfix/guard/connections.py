"""Connections to model APIs, over TCP or TLS, kept between requests."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

import aiohappyeyeballs

from crossfix.guard.connection import Connection
from crossfix.guard.origin import Origin
from crossfix.guard.response import Response, SlowConnectError, UnreachableError

KEPT_SECONDS = 15.0
"""How long a connection waits for its next request."""

_NAMES_SECONDS = 60.0
_NEXT_ADDRESS_SECONDS = 0.25
_MOST_KEPT = 1_000
_MOST_KNOWN = 200
"""Characters of the paths that are remembered as they were sent."""
_TARGET = re.compile(rb"[!-~]+").fullmatch
_UNSAFE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search
_NAMES = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]*").fullmatch


class Connections:
    """Connections that are open, and those to come; belongs to one event loop.

    Args:
        connect_seconds: how long a connection may take, TLS included.
        silence_seconds: how long an upstream may be silent.
        trust: whom TLS believes; without it whom the system does. Names are always checked.
    """

    def __init__(
        self, connect_seconds: float, silence_seconds: float, trust: ssl.SSLContext | None = None
    ) -> None:
        self._connect = connect_seconds
        self._silence = silence_seconds
        self._trust = trust
        self._kept: dict[Origin, list[Connection]] = {}
        self._names: dict[Origin, tuple[float, list[aiohappyeyeballs.AddrInfoType]]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._closed = False

    async def request(
        self,
        origin: Origin,
        method: str,
        path: str,
        query: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes,
    ) -> Response:
        """Send a request and return the answer when its head is there.

        Raises:
            UnreachableError, SlowConnectError: it was not begun.
            OSError: there is no answer (`LostError`), or it is too slow (`TimeoutError`).
            ValueError: what should be sent does not fit into a request.
        """
        head = _head(origin, method, path, query, headers, len(body))
        connection = self._free(origin)
        if connection is None:
            connection = await self._connected(origin)
        return await connection.request(head, body, bodiless=method == "HEAD")

    def _free(self, origin: Origin) -> Connection | None:
        kept = self._kept.get(origin)
        while kept:
            connection = kept.pop()  # the last used: the others grow old and go
            if connection.usable and self._loop.time() - connection.idle_since < KEPT_SECONDS:
                return connection
            connection.close()
        return None

    async def _connected(self, origin: Origin) -> Connection:
        try:
            async with asyncio.timeout(self._connect):
                return await self._opened(origin)
        except TimeoutError as e:
            self._names.pop(origin, None)
            raise SlowConnectError("No connection was made in time.") from e
        except (OSError, ssl.SSLError) as e:
            self._names.pop(origin, None)
            raise UnreachableError("No connection can be made.") from e

    async def _opened(self, origin: Origin) -> Connection:
        addresses = await self._addresses(origin)
        plain = await aiohappyeyeballs.start_connection(
            list(addresses), happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS, interleave=1
        )
        try:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            context = self._context() if origin.tls else None
            _, connection = await self._loop.create_connection(
                lambda: Connection(self._silence, lambda c: self._keep(origin, c)),
                sock=plain, ssl=context, server_hostname=origin.host if origin.tls else None,
            )  # fmt: skip
        except BaseException:
            plain.close()
            raise
        return connection

    async def _addresses(self, origin: Origin) -> list[aiohappyeyeballs.AddrInfoType]:
        known = self._names.get(origin)
        if known is not None and self._loop.time() < known[0]:
            return known[1]
        found = await self._loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        self._names[origin] = (self._loop.time() + _NAMES_SECONDS, list(found))
        return list(found)

    def _context(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context()
            self._trust.set_alpn_protocols(["http/1.1"])
        return self._trust

    def _keep(self, origin: Origin, connection: Connection) -> None:
        kept = self._kept.setdefault(origin, [])
        if self._closed or len(kept) >= _MOST_KEPT:
            connection.close()
            return
        kept.append(connection)
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(KEPT_SECONDS, self._sweep)

    def _sweep(self) -> None:
        """Close what waited for too long, or was closed at the other end."""
        self._sweeping = None
        before = self._loop.time() - KEPT_SECONDS
        for origin, kept in self._kept.items():
            for connection in kept:
                if connection.idle_since <= before or not connection.usable:
                    connection.close()
            self._kept[origin] = [c for c in kept if c.usable]
        if any(self._kept.values()):
            self._sweeping = self._loop.call_later(KEPT_SECONDS / 2, self._sweep)

    async def close(self) -> None:
        """Let go of all connections that wait; those in use go with their requests."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for kept in self._kept.values():
            for connection in kept:
                connection.close()
        self._kept.clear()
        await asyncio.sleep(0)


def _head(
    origin: Origin,
    method: str,
    path: str,
    query: bytes,
    headers: Sequence[tuple[bytes, bytes]],
    length: int,
) -> bytes:
    """Return the head of a request; nothing in it can begin another line.

    Raises:
        ValueError: something would.
    """
    path = origin.path + path
    target = _target(path) if len(path) < _MOST_KNOWN else _quoted(path)
    if query:
        target += b"?" + query
    if not _TARGET(target) or not method.isalpha():
        raise ValueError("The address of the request has what no address may have.")
    parts = [b"%s %s HTTP/1.1\r\n" % (method.encode(), target), origin.lines]
    # What is told apart by names and values alone is looked at once, for all headers together.
    names, values = zip(*headers, strict=True) if headers else ((), ())
    if not (all(names) and _NAMES(b"".join(names))) or _UNSAFE(b" ".join(values)):
        raise ValueError("A header has what no header may have.")
    if origin.named:
        headers = [header for header in headers if header[0] != b"authorization"]
    parts += [b"%s: %s\r\n" % header for header in headers]
    if length or method not in ("GET", "HEAD"):
        parts.append(b"content-length: %d\r\n" % length)
    parts.append(b"\r\n")
    return b"".join(parts)


def _quoted(path: str) -> bytes:
    """Return a path as it stands in a request."""
    return quote(path, safe="/%:@!$&'()*+,;=~").encode()


_target = lru_cache(maxsize=256)(_quoted)
