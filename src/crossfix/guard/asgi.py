"""HTTP by ASGI, without a framework: bodies within bounds, answers in one piece or in many."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from crossfix.guard.wire.ask import Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

Whole = Callable[[int, Headers, bytes], bool]

WHOLE = "crossfix.whole"
"""The ASGI extension that sends an answer in one piece: a `Whole`, which says whether it did."""

JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")


class ClientLeftError(Exception):
    """The client closed its connection."""


class TooLargeError(Exception):
    """A body is larger than is allowed."""


async def read_body(scope: Scope, receive: Receive, most_bytes: int) -> bytes:
    """Return the body of a request.

    Raises:
        TooLargeError: it is larger than is allowed, or says that it will be.
        ClientLeftError: the client left before it was there.
    """
    length = header(scope, b"content-length")
    if length and (not length.isdigit() or len(length) > 15 or int(length) > most_bytes):
        raise TooLargeError
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > most_bytes:
            raise TooLargeError
        return body
    parts, size = [], 0
    while True:
        if message["type"] != "http.request":
            raise ClientLeftError
        part = message.get("body", b"")
        size += len(part)
        if size > most_bytes:
            raise TooLargeError
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def header(scope: Scope, name: bytes) -> bytes:
    """Return a header's value, ``b""`` where it is absent; of several the first."""
    for given, value in scope["headers"]:
        if given == name:
            found: bytes = value
            return found
    return b""


async def send_body(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send an answer in one piece."""
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, status: int, headers: Headers, value: Any) -> None:
    """Send an answer in one piece, as JSON."""
    await send_body(send, status, [JSON, *headers], msgspec.json.encode(value))


def only(application: Application, *methods: str) -> Application:
    """Return an application that answers these methods alone, and to others which these are."""
    allow = (b"allow", ", ".join(methods).encode())
    refusal = Refusal(
        status=405, code="method_not_allowed", kind="invalid", headers=(allow,),
        message=f"Ask with {' or '.join(methods)}.",
    )  # fmt: skip

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in methods:
            await application(scope, receive, send)
        else:
            await send_json(send, 405, [allow], plain(refusal))

    return answer


async def health(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that the process answers."""
    await send_json(send, 200, [], {"ok": True})


def plain(refusal: Refusal) -> dict[str, Any]:
    """Return the error of a path that has no format of its own."""
    error = {"code": refusal.code, "message": refusal.message, "hint": None}
    return {"ok": False, "errors": [error]}
