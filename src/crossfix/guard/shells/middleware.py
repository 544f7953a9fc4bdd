"""ASGI middleware: the guard before an application's own paths."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast

import msgspec

from crossfix.guard.asgi import (
    Application,
    ClientLeftError,
    Message,
    Receive,
    Scope,
    Send,
    TooLargeError,
    header,
    read_body,
    send_json,
)
from crossfix.guard.exchange import unrecorded
from crossfix.guard.recorder import UnrecordedError
from crossfix.guard.refuse import head
from crossfix.guard.request import Request
from crossfix.guard.shells.desk import Desk
from crossfix.guard.verify.mount import PREFIX
from crossfix.guard.wire import WIRES, MalformedError, Refusal
from crossfix.guard.wordings import LONGEST_ACCEPTED

MOST_BODY_BYTES = 8 * 1024 * 1024
_METHODS = frozenset({"POST", "PUT", "PATCH"})
_CHAT = WIRES["/v1/chat/completions"]


class CrossfixMiddleware:
    """Asks a guard before requests reach an application, and refuses in its place.

    Args:
        app: the application.
        guard: a `Desk`, as `crossfix.app.open_desk` gives it.
        account: who is behind a request, by the application's own sign-in; ``None`` lets the
            request by unasked.
        paths: beginnings of the paths that are guarded; all of them without it.
        texts: what people wrote in a request's body; all texts of its JSON without it.
    """

    def __init__(
        self,
        app: Application,
        guard: Desk,
        *,
        account: Callable[[Scope], str | None],
        paths: Collection[str] = ("/",),
        texts: Callable[[Any], tuple[str, ...]] | None = None,
    ) -> None:
        self._app = app
        self._desk = guard
        self._account = account
        self._paths = tuple(paths)
        self._texts = texts or all_texts
        self._listens = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "lifespan":
            receive = self._until_shutdown(receive)
        elif scope["type"] == "http" and await self._verified(scope, receive, send):
            return
        guarded = (
            scope["type"] == "http"
            and scope["method"] in _METHODS
            and scope["path"].startswith(self._paths)
        )
        account = self._account(scope) if guarded else None
        if account is None:
            await self._app(scope, receive, send)
            return
        try:
            raw = await read_body(scope, receive, MOST_BODY_BYTES)
        except ClientLeftError:
            return
        except TooLargeError:
            await _refuse(send, _TOO_LARGE)
            return
        request, earlier = self._request(account, scope, raw)
        try:
            verdict = await self._desk.ask(request, earlier=earlier)
        except UnrecordedError as e:
            await _refuse(send, unrecorded(e))
            return
        if verdict.refusal is not None:
            await _refuse(send, verdict.refusal)
            return
        lines = [*head(verdict.decision)]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *lines]}
            await send(message)

        await self._app(scope, _again(raw, receive), sending)

    async def _verified(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer where accounts are verified; the links of challenges lead here."""
        verify = self._desk.verify
        if verify is None:
            return False
        if not self._listens and (server := scope.get("server")) and server[1]:
            host = f"[{server[0]}]" if ":" in server[0] else server[0]
            verify.listening(f"{scope.get('scheme', 'http')}://{host}:{server[1]}")
            self._listens = True
        if not scope["path"].startswith(PREFIX + "/"):
            return False
        if self._desk.life is not None:
            await self._desk.life.ready()
        await verify(scope, receive, send)
        return True

    def _until_shutdown(self, receive: Receive) -> Receive:
        """Return a channel that stops the guard when the application is told to stop."""

        async def read() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown" and self._desk.life is not None:
                await self._desk.life.stop()
            return message

        return read

    def _request(self, account: str, scope: Scope, raw: bytes) -> tuple[Request, tuple[str, ...]]:
        """Return what is asked, and what stands before it in a conversation."""
        earlier: tuple[str, ...] = ()
        try:
            body = msgspec.json.decode(raw) if raw else None
            texts = self._texts(body)
            if self._texts is all_texts and _is_chat(body):
                earlier = _CHAT.ask(cast("dict[str, Any]", body)).earlier
        except MalformedError:  # it has messages, and is no chat
            texts = strings(body)
        except (msgspec.DecodeError, RecursionError, ValueError):
            texts = (raw.decode("utf-8", "replace"),)
        client = scope.get("client")
        desk = self._desk
        request = Request(
            id=desk.new_id(), service=desk.parts.service, account=desk.account(account[:256]),
            action="prompt", texts=texts, tokens=sum(map(len, texts)) // 4 + 1,
            attributes={"ip": client[0]} if client else {},
            language=header(scope, b"accept-language").decode("latin-1")[:LONGEST_ACCEPTED],
        )  # fmt: skip
        return request, earlier


def _is_chat(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("messages"), list)


def all_texts(body: Any) -> tuple[str, ...]:
    """Return every text in a JSON value, the names of members left out; chats by their format.

    Raises:
        MalformedError: it has messages as chats do, and they are none.
    """
    if _is_chat(body):
        return _CHAT.ask(body).texts
    return strings(body)


def strings(body: Any) -> tuple[str, ...]:
    """Return every text in a JSON value, the names of members left out."""
    found: list[str] = []
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
    return tuple(found)


def _again(raw: bytes, receive: Receive) -> Receive:
    """Return a channel that gives a body that was read already, and then what comes after it."""
    given = False

    async def read() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": raw, "more_body": False}

    return read


async def _refuse(send: Send, refusal: Refusal) -> None:
    shape = WIRES["/v1/chat/completions"].error(refusal)
    await send_json(send, refusal.status, list(refusal.headers), shape)


_TOO_LARGE = Refusal(
    status=413, code="request_too_large", kind="invalid", message="The body is too large."
)

__all__ = ["CrossfixMiddleware", "all_texts"]
