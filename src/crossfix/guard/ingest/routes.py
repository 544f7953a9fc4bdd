"""The paths that take events: ``POST /v1/events`` and ``POST /v1/traces``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

import msgspec

from crossfix.errors import StoreError
from crossfix.events import Event
from crossfix.events.readers.batches import refusal as refusal_of
from crossfix.events.readers.cloud_event import is_cloud_event, of_cloud_event
from crossfix.events.readers.event_json import MOST_NAME, event_of
from crossfix.events.readers.json_fields import RefusedError, decoded
from crossfix.events.readers.litellm import is_litellm, of_litellm
from crossfix.events.readers.otel import is_traces, spans_of
from crossfix.events.readers.otel_span import NO_CALL, of_span
from crossfix.guard.access import Access
from crossfix.guard.asgi import (
    ClientLeftError,
    Receive,
    Scope,
    Send,
    TooLargeError,
    header,
    plain,
    read_body,
    send_body,
    send_json,
)
from crossfix.guard.ingest.body import UnreadableError, opened, rows
from crossfix.guard.ingest.intake import Full, Intake
from crossfix.guard.keys import Key
from crossfix.guard.wire.ask import Refusal

MOST_BODY_BYTES = 16 * 1024 * 1024
MOST_OPENED_BYTES = 64 * 1024 * 1024
SCOPE = "events"
_PROTOBUF = "application/x-protobuf"
_SHOWN_REFUSED = 100
_SMALL_BYTES = 32 * 1024
_TURN = 200
"""Events judged before others have their turn."""


class Taken:
    """What became of the rows of one request."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.refused: list[tuple[int, str]] = []
        self.ignored = 0

    def refuse(self, index: int, reason: str) -> None:
        """Note that a row is refused."""
        if not self.refused or self.refused[-1] != (index, reason):
            self.refused.append((index, reason))


class Counted(Protocol):
    """Is told the form of rows, what became of them, and how many they were."""

    def __call__(self, form: str, result: str, /, *, by: float) -> None:
        """Count them."""


class Ingest:
    """Takes events in, in every form that is known here.

    Args:
        intake: where they are kept.
        access: who may send them.
        clock: seconds since 1970.
        witness: judges an event that is new, after it is kept.
        counted: told the form, what became of rows (taken, duplicate, refused) and how many.
        most_body: bytes that a body may have as it is sent; opened it may have four times as many.
    """

    def __init__(
        self,
        intake: Intake,
        access: Access,
        clock: Callable[[], float],
        witness: Callable[[Event, float], object] | None = None,
        counted: Counted | None = None,
        *,
        most_body: int = MOST_BODY_BYTES,
    ) -> None:
        self.intake = intake
        self._access = access
        self._clock = clock
        self._witness = witness
        self._counted = counted
        self._most_body = most_body

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer ``POST /v1/events``: 202 once every event that is taken is durable."""
        try:
            key, body = await self._begin(scope, receive)
            headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in scope["headers"]}
            kind, now = _kind(scope), self._now()
            said = _service(scope)
            taken = await _apart(body, lambda: _of_rows(rows(body, kind, headers), said, now))
            kept, known = await self._keep(taken, key)
        except ClientLeftError:
            return
        except _Refused as e:
            await _refuse(send, e.refusal)
            return
        except UnreadableError as e:
            await _refuse(send, _said(e.status, "invalid_body", e.message))
            return
        self._count("events", kept, known, taken)
        nothing = not kept and not known and taken.refused
        await send_json(send, 400 if nothing else 202, [], {
            "ok": not nothing,
            "taken": kept,
            "duplicates": known,
            "ignored": taken.ignored,
            "refused": [{"index": n, "reason": why} for n, why in taken.refused[:_SHOWN_REFUSED]],
            "refused_count": len({n for n, _ in taken.refused}),
        })  # fmt: skip

    async def traces(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer ``POST /v1/traces`` as OTLP/HTTP has it: 200 once what is taken is durable."""
        protobuf = _kind(scope) == _PROTOBUF
        try:
            key, body = await self._begin(scope, receive)
            now = self._now()
            said = _service(scope)
            taken = await _apart(body, lambda: _of_spans(body, said, now, protobuf=protobuf))
            kept, known = await self._keep(taken, key)
        except ClientLeftError:
            return
        except _Refused as e:
            await _refuse(send, e.refusal)
            return
        except UnreadableError as e:
            await _refuse(send, _said(e.status, "invalid_body", e.message))
            return
        self._count("traces", kept, known, taken)
        why = "; ".join(dict.fromkeys(reason for _, reason in taken.refused))
        if protobuf:
            from crossfix.events.readers.otel_protobuf import refusal_of_protobuf

            answer = refusal_of_protobuf(len(taken.refused), why)
            await send_body(send, 200, [(b"content-type", _PROTOBUF.encode())], answer)
            return
        partial = {"rejectedSpans": str(len(taken.refused)), "errorMessage": why}
        await send_json(send, 200, [], {"partialSuccess": partial} if taken.refused else {})

    async def _begin(self, scope: Scope, receive: Receive) -> tuple[Key, bytes]:
        key = self._access.ask(scope, SCOPE)
        if isinstance(key, Refusal):
            raise _Refused(key)
        if not self.intake.room():
            raise _Refused(_FULL)
        try:
            body = await read_body(scope, receive, self._most_body)
        except TooLargeError:
            message = f"A body may have {self._most_body:,} bytes."
            raise _Refused(_said(413, "request_too_large", message)) from None
        encoding = header(scope, b"content-encoding").decode("latin-1").strip().lower()
        most = max(MOST_OPENED_BYTES, 4 * self._most_body)
        return key, opened(body, encoding, most)

    async def _keep(self, taken: Taken, key: Key) -> tuple[int, int]:
        """Keep the events and have them judged; return how many are new and how many known."""
        events = taken.events
        if key.id:
            events = [_sent_by(event, key.id) for event in events]
        try:
            kept = await self.intake.keep(events)
        except Full:
            raise _Refused(_FULL) from None
        except StoreError:
            raise _Refused(_UNKEPT) from None
        if self._witness is not None:
            for number, event in enumerate(kept.new, 1):
                self._witness(event, self._clock())
                if number % _TURN == 0:
                    await asyncio.sleep(0)
        return len(kept.new), kept.known

    def _count(self, form: str, kept: int, known: int, taken: Taken) -> None:
        if self._counted is not None:
            self._counted(form, "taken", by=kept)
            self._counted(form, "duplicate", by=known)
            self._counted(form, "refused", by=len({n for n, _ in taken.refused}))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


class _Refused(Exception):  # noqa: N818 - carries an answer
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


async def _apart(body: bytes, work: Callable[[], Taken]) -> Taken:
    """Do what takes long in a thread, so that calls of models go on meanwhile."""
    return await asyncio.to_thread(work) if len(body) > _SMALL_BYTES else work()


def _service(scope: Scope) -> str | None:
    """Return the service that the sender named in the address, which wins over what rows say."""
    query: bytes = scope.get("query_string", b"")
    for name, value in parse_qsl(query.decode("latin-1")):
        if name == "service":
            if not value.strip() or len(value) > MOST_NAME or not value.isprintable():
                raise UnreadableError(400, "service names no service.")
            return value.strip()
    return None


def _of_rows(found: Iterator[tuple[Any, str | None]], said: str | None, now: datetime) -> Taken:
    taken = Taken()
    for index, (row, fault) in enumerate(found):
        if fault is not None:
            taken.refuse(index, fault)
        elif is_traces(row):
            _spans(spans_of(row), index, said, taken, now)
        else:
            _take(index, _events_of(row, said, now), taken, now)
    return taken


def _events_of(row: Any, said: str | None, now: datetime) -> Iterator[Event]:
    if is_cloud_event(row):
        yield of_cloud_event(row, said, received=now)
    elif is_litellm(row):
        yield from of_litellm(row, said)
    else:
        yield event_of(row, said, received=now)


def _of_spans(body: bytes, said: str | None, now: datetime, *, protobuf: bool) -> Taken:
    taken = Taken()
    try:
        if protobuf:
            from crossfix.events.readers.otel_protobuf import spans_of_protobuf

            spans = list(spans_of_protobuf(body))
        else:
            spans = list(spans_of(decoded(body)))
    except RefusedError as refused:
        raise UnreadableError(400, f"The body is {refused.message}.") from None
    _spans(spans, None, said, taken, now)
    return taken


def _spans(
    spans: Iterable[Any], index: int | None, said: str | None, taken: Taken, now: datetime
) -> None:
    for number, span in enumerate(spans):
        _take(number if index is None else index, of_span(span, said), taken, now)


def _take(index: int, events: Iterator[Event], taken: Taken, now: datetime) -> None:
    """Take the events of a row, or none of them."""
    try:
        found = list(events)
    except RefusedError as refused:
        if refused.message == NO_CALL:
            taken.ignored += 1  # traces hold much that is not for us
        else:
            taken.refuse(index, refused.message)
        return
    for event in found:
        if reason := refusal_of(event, now):
            taken.refuse(index, reason)
            return
    # When it was received is ours to say, whatever the sender says.
    taken.events += [msgspec.structs.replace(event, received=now) for event in found]


def _sent_by(event: Event, key: str) -> Event:
    return msgspec.structs.replace(event, attributes=event.attributes | {"sensor": key})


def _kind(scope: Scope) -> str:
    return header(scope, b"content-type").decode("latin-1").partition(";")[0].strip().lower()


def _said(status: int, code: str, message: str, *, retry: int | None = None) -> Refusal:
    again = () if retry is None else ((b"retry-after", b"%d" % retry),)
    return Refusal(status=status, code=code, kind="invalid", message=message, headers=again)


_FULL = _said(429, "intake_full", "Too much waits to be kept; send it again later.", retry=1)
_UNKEPT = _said(503, "store_unavailable", "Events cannot be kept now; send them again.", retry=5)


async def _refuse(send: Send, refusal: Refusal) -> None:
    await send_json(send, refusal.status, list(refusal.headers), plain(refusal))
