"""The gateway: a model API's own paths, with the guard before and behind them."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import msgspec

from crossfix.errors import CrossfixError
from crossfix.guard.asgi import (
    WHOLE,
    ClientLeftError,
    Headers,
    Receive,
    Scope,
    Send,
    TooLargeError,
    read_body,
    send_body,
    send_json,
)
from crossfix.guard.caller import Caller, Callers
from crossfix.guard.decision import stronger
from crossfix.guard.exchange import Exchange, Leaving, Parts, unrecorded
from crossfix.guard.life import Life
from crossfix.guard.passing import Loose, action_of, identified, read_loosely, spelled
from crossfix.guard.recorder import UnrecordedError
from crossfix.guard.refuse import AGAIN
from crossfix.guard.relay import Relay
from crossfix.guard.request import Request
from crossfix.guard.shells.desk import Desk
from crossfix.guard.upstream import UpstreamError, passed_back, whole
from crossfix.guard.wire import WIRES, MalformedError, Refusal, Wire
from crossfix.guard.wire.ask import CHARACTERS_A_TOKEN

MOST_BODY_BYTES = 32 * 1024 * 1024
MOST_DEPTH = 200
"""How deep JSON may be nested: decoders give up at about a thousand, each at another depth."""


log = logging.getLogger("crossfix.gateway")


class Gateway:
    """An ASGI application that answers for model APIs.

    Args:
        parts: what every call shares.
        callers: who is behind a request.
        life: what begins and ends with it.
        pass_unknown: whether other paths below ``/v1`` go on to the upstream, unread.
        most_body: bytes that a request's body may have.
        most_open: calls that may be under way at once; more are refused.
        extra: answers for paths of other shells, by path or by its first part.
        listening: is told the address that the server listens at.
    """

    def __init__(
        self,
        parts: Parts,
        callers: Callers,
        life: Life,
        *,
        pass_unknown: bool = True,
        most_body: int = MOST_BODY_BYTES,
        most_open: int = 12_000,
        extra: dict[str, Callable[[Scope, Receive, Send], Any]] | None = None,
        listening: Callable[[str], None] = lambda address: None,
    ) -> None:
        self.parts = parts
        self._callers = callers
        self._life = life
        self._pass_unknown = pass_unknown
        self._most_body = most_body
        self._most_open = most_open
        self._extra = extra or {}
        self.listening = listening
        self.failure: CrossfixError | None = None
        """Why it could not start."""
        self._open = 0
        start = secrets.token_hex(6)
        self._ids = (f"{start}-{n:x}" for n in itertools.count(1))

    @property
    def open_calls(self) -> int:
        """How many calls are under way, streams among them."""
        return self._open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or begin and end with the server."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self._life.ready()
        except CrossfixError as e:
            self.failure = e
            await send({"type": "lifespan.startup.failed", "message": str(e)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._life.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        method: str = scope["method"]
        wire, own = WIRES.get(path), self._own(path)
        if wire is None and own is None:
            plain = spelled(path)
            if plain is None:
                await _refuse(send, _ODD_PATH, None)
                return
            if plain != path:
                path, wire, scope = plain, WIRES.get(plain), {**scope, "path": plain}
                own = self._own(path)
        if self._open >= self._most_open:
            await _refuse(send, _OVERLOADED, wire)
            return
        self._open += 1
        try:
            if wire is not None and method == "POST":
                await self._call(scope, receive, send, wire)
            elif wire is not None and method in ("PUT", "PATCH"):
                await _refuse(send, _POST_ALONE, wire)
            elif own is not None:
                await own(scope, receive, send)
            elif path.startswith("/v1/"):
                await self._pass(scope, receive, send)
            else:
                await _refuse(send, _NO_PATH, None)
        finally:
            self._open -= 1

    def _own(self, path: str) -> Callable[[Scope, Receive, Send], Any] | None:
        """Return what answers here, and is never passed on, for a path or its first part."""
        return self._extra.get(path) or self._extra.get(path[: path.find("/", 1)])

    async def _call(self, scope: Scope, receive: Receive, send: Send, wire: Wire) -> None:
        began = time.perf_counter()
        try:
            body = self._decoded(await read_body(scope, receive, self._most_body))
            ask = wire.ask(body)
        except ClientLeftError:
            return
        except TooLargeError:
            await _refuse(send, _TOO_LARGE, wire)
            return
        except MalformedError as e:
            refusal = Refusal(
                status=400, code="invalid_request", kind="invalid", message=e.message, param=e.param
            )
            await _refuse(send, refusal, wire)
            return
        caller = self._callers.identify(scope, body, ask.user, self.parts.clock())
        if isinstance(caller, Refusal):
            await _refuse(send, caller, wire)
            return
        exchange = Exchange(self.parts, wire, ask, caller, next(self._ids), send)
        exchange.whole = scope.get("extensions", _NO_EXTENSIONS).get(WHOLE)
        wire.identify(body, self._callers.identifier(exchange.request.account))
        leaving = Leaving(receive)
        try:
            await self._exchange(exchange, scope, body, leaving)
        finally:
            leaving.stop()
            exchange.ended()
            seconds = time.perf_counter() - began
            if (monitor := self.parts.monitor) is not None:
                monitor.called(exchange, seconds, self.parts.clock(), left=leaving.left)
            _log(exchange, seconds, left=leaving.left)

    async def _exchange(
        self, exchange: Exchange, scope: Scope, body: dict[str, Any], leaving: Leaving
    ) -> None:
        relay: Relay | None = None
        response = None
        try:
            refusal = await exchange.decided()
            if refusal is not None:
                await exchange.refuse(refusal)
                return
            headers = _credentials(scope["headers"], exchange.own_key)
            response = await exchange.pass_on(
                "POST", scope["path"], scope["query_string"], headers, body
            )
            if response.content_type == "text/event-stream" and response.status == 200:
                relay = Relay(exchange, response)
                await relay.run()
            else:
                await exchange.answer_whole(response)
        except UpstreamError as e:
            if (monitor := self.parts.monitor) is not None:
                monitor.failed(exchange.upstream, e.refusal.code)
            with suppress(UnrecordedError):
                await exchange.refuse(e.refusal)
                return
            await _refuse(exchange.send, _FULL, exchange.wire)
        except UnrecordedError as e:
            await _refuse(exchange.send, unrecorded(e), exchange.wire)
        except asyncio.CancelledError:
            if not leaving.left:
                # Nobody else cancels: the server stops, and its patience is at an end.
                await _stopped(exchange, relay)
            elif relay is not None:
                relay.left()
        finally:
            if response is not None:
                if leaving.left:
                    response.close()  # so that the upstream stops, too
                else:
                    response.release()

    def _decoded(self, raw: bytes) -> dict[str, Any]:
        try:
            body = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError) as e:
            raise MalformedError("The body is not JSON.") from e
        if not isinstance(body, dict):
            raise MalformedError("The body must be a JSON object.")
        if raw.count(b"[") + raw.count(b"{") > MOST_DEPTH and _too_deep(body):
            raise MalformedError("The body is nested too deep.")
        return body

    async def _loose(
        self, caller: Caller, action: Literal["prompt", "visit"], loose: Loose
    ) -> Refusal | None:
        """Return the refusal of a request without a format here."""
        desk = Desk(self.parts)
        request = Request(
            id=next(self._ids), service=self.parts.service, account=caller.account,
            action=action, key=caller.key,
            organisation=caller.organisation, attributes=caller.attributes,
            language=caller.language, model=loose.model,
            texts=(loose.text,) if loose.text else (),
            tokens=len(loose.text) // CHARACTERS_A_TOKEN,
        )  # fmt: skip
        try:
            return (await desk.ask(request)).refusal
        except UnrecordedError as e:
            return unrecorded(e)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on that has no format here, when its texts were looked at."""
        anthropic = any(name == b"anthropic-version" for name, _ in scope["headers"])
        shape = WIRES["/v1/messages"] if anthropic else None
        lists = scope["path"].startswith("/v1/models") and scope["method"] == "GET"
        if not (lists or self._pass_unknown):
            await _refuse(send, _NOT_PASSED, shape)
            return
        try:
            body = await read_body(scope, receive, self._most_body)
        except (TooLargeError, ClientLeftError):
            await _refuse(send, _TOO_LARGE, shape)
            return
        loose = read_loosely(scope["method"], scope["path"], body)
        caller = self._callers.identify(scope, loose.body, loose.user, self.parts.clock())
        if isinstance(caller, Refusal):
            await _refuse(send, caller, shape)
            return
        action = action_of(scope["method"], scope["path"])
        refusal = await self._loose(caller, action, loose)
        if refusal is not None:
            await _refuse(send, refusal, shape)
            return
        if loose.user:
            identified(loose.body, self._callers.identifier(caller.account))
            body = msgspec.json.encode(loose.body)
        upstreams = self.parts.upstreams
        try:
            response, _ = await upstreams.send(
                scope["method"], scope["path"], scope["query_string"],
                _credentials(scope["headers"], caller.own_key), body or None,
                model=loose.model if upstreams.serving(loose.model) else "", anthropic=anthropic,
            )  # fmt: skip
            try:
                raw = await whole(response, self.parts.most_answer_bytes)
            finally:
                response.release()
            await send_body(send, response.status, passed_back(response), raw)
        except UpstreamError as e:
            await _refuse(send, e.refusal, shape)


async def _stopped(exchange: Exchange, relay: Relay | None) -> None:
    """End a call that outlasts the server, so that its client sees that it is not whole."""
    with suppress(UnrecordedError):
        if relay is not None:
            await relay.stopped(_STOPPING)
        elif not exchange.begun:
            await exchange.refuse(_STOPPING)


def _credentials(headers: Headers, own: bool) -> Headers:
    """Return the headers without a credential that is crossfix's own."""
    if not own:
        return headers
    return [(n, v) for n, v in headers if n not in (b"authorization", b"x-api-key", b"api-key")]


def _too_deep(body: dict[str, Any]) -> bool:
    level: list[Any] = [body]
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


async def _refuse(send: Send, refusal: Refusal, wire: Wire | None) -> None:
    shape = (wire or WIRES["/v1/chat/completions"]).error(refusal)
    await send_json(send, refusal.status, list(refusal.headers), shape)


def _log(exchange: Exchange, seconds: float, *, left: bool) -> None:
    """Write one line a call, without what a client wrote but its model's name, unless asked to."""
    if not log.isEnabledFor(logging.INFO):
        return
    decision = stronger(exchange.decision, exchange.after)
    more = exchange.parts.content(exchange.request.texts) if exchange.parts.content else {}
    log.info(json.dumps(more | {
        "event": "call",
        "id": exchange.request.id,
        "wire": exchange.wire.name,
        "account": exchange.request.account,
        "model": exchange.request.model,
        "answer": decision.answer if decision else None,
        "reference": decision.reference if decision else None,
        "reasons": [r.code for r in decision.reasons] if decision else [],
        "degraded": list(decision.degraded) if decision else [],
        "seconds": round(seconds, 4),
        "client_left": left,
    }))  # fmt: skip


def _said(status: int, code: str, message: str, *, again: bool = False) -> Refusal:
    kind = "outside" if status >= 500 else "missing" if status == 404 else "invalid"
    return Refusal(
        status=status, code=code, kind=kind, message=message, headers=AGAIN if again else ()  # type: ignore[arg-type]
    )  # fmt: skip


_NO_EXTENSIONS: dict[str, Any] = {}

_OVERLOADED = _said(503, "overloaded", "Too many calls are under way.", again=True)
_STOPPING = _said(503, "gateway_stopping", "The gateway is being stopped.", again=True)
_FULL = _said(503, "guard_unavailable", "This request cannot be recorded now.", again=True)
_TOO_LARGE = _said(413, "request_too_large", "The request's body is larger than is allowed.")
_ODD_PATH = _said(404, "not_found", "A path has no empty parts, dots or signs of escapes.")
_POST_ALONE = _said(405, "method_not_allowed", "Ask with POST.")
_NO_PATH = _said(404, "not_found", "There is nothing at this path.")
_NOT_PASSED = _said(404, "not_found", "This path is not passed on; see gateway.pass_unknown.")
