"""Envoy's external authorization over HTTP (``ext_authz``, ``http_service``)."""

from __future__ import annotations

from typing import Any

import msgspec

from crossfix.guard.asgi import (
    ClientLeftError,
    Receive,
    Scope,
    Send,
    TooLargeError,
    header,
    read_body,
    send_body,
    send_json,
)
from crossfix.guard.caller import Caller, Callers
from crossfix.guard.passing import spelled
from crossfix.guard.recorder import UnrecordedError
from crossfix.guard.refuse import AGAIN, head
from crossfix.guard.request import Request
from crossfix.guard.shells.decide_api import MOST_BODY_BYTES
from crossfix.guard.shells.desk import Desk
from crossfix.guard.wire import WIRES, Ask, MalformedError, Refusal, Wire

PREFIX = "/envoy"
"""The ``path_prefix`` that Envoy is to be given."""

ACCOUNT_HEADER = b"x-crossfix-account-hash"


class EnvoyAuthz:
    """Answers 200 where a request may go on, and what the client is to be told where not.

    Envoy sends the request's own method, path and headers, the path behind ``PREFIX``, and its
    body where ``with_request_body`` is set; without one its texts go unread. What the model
    answers does not come by here.
    """

    def __init__(self, desk: Desk, callers: Callers) -> None:
        self._desk = desk
        self._callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one check."""
        path = spelled(scope["path"].removeprefix(PREFIX))
        if path is None:
            await _refuse(send, _ODD, None)
            return
        wire = WIRES.get(path)
        try:
            raw = await read_body(scope, receive, MOST_BODY_BYTES)
            body, ask = _read(raw, wire, header(scope, b"x-envoy-auth-partial-body") == b"true")
        except ClientLeftError:
            return
        except TooLargeError:
            await _refuse(send, _TOO_LARGE, wire)
            return
        except MalformedError as e:
            wrong = Refusal(status=400, code="invalid_request", kind="invalid", message=e.message)
            await _refuse(send, wrong, wire)
            return
        now = self._desk.parts.clock()
        caller = self._callers.identify(scope, body, ask.user, now)
        if isinstance(caller, Refusal):
            await _refuse(send, caller, wire)
            return
        try:
            verdict = await self._desk.ask(self._request(ask, caller, wire), earlier=ask.earlier)
        except UnrecordedError:
            await _refuse(send, _UNRECORDED, wire)
            return
        if verdict.refusal is not None:
            await _refuse(send, verdict.refusal, wire)
            return
        account = self._callers.identifier(caller.account).encode()
        await send_body(send, 200, [*head(verdict.decision), (ACCOUNT_HEADER, account)], b"")

    def _request(self, ask: Ask, caller: Caller, wire: Wire | None) -> Request:
        desk = self._desk
        return Request(
            id=desk.new_id(), service=desk.parts.service, account=caller.account,
            action="prompt" if wire is not None else "visit", model=ask.model, key=caller.key,
            organisation=caller.organisation, texts=ask.texts, tokens=ask.tokens,
            conversation=ask.conversation, attributes=caller.attributes,
            language=caller.language,
        )  # fmt: skip


def _read(raw: bytes, wire: Wire | None, partial: bool) -> tuple[dict[str, Any], Ask]:
    if wire is None or not raw or partial:
        return {}, Ask()
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError) as e:
        raise MalformedError("The body is not JSON.") from e
    if not isinstance(body, dict):
        raise MalformedError("The body must be a JSON object.")
    return body, wire.ask(body)


async def _refuse(send: Send, refusal: Refusal, wire: Wire | None) -> None:
    shape = (wire or WIRES["/v1/chat/completions"]).error(refusal)
    await send_json(send, refusal.status, list(refusal.headers), shape)


_ODD = Refusal(
    status=403, code="not_found", kind="denied",
    message="A path has no empty parts, dots or signs of escapes.",
)  # fmt: skip
_TOO_LARGE = Refusal(
    status=413, code="request_too_large", kind="invalid", message="The body is too large."
)
_UNRECORDED = Refusal(
    status=503, code="guard_unavailable", kind="outside", headers=AGAIN,
    message="This cannot be recorded at the moment.",
)  # fmt: skip
