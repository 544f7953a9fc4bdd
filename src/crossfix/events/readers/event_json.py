"""Events as crossfix writes them itself: one JSON object an event, by the names of the fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from crossfix.events.attributes import RESERVED
from crossfix.events.event import ACTIONS, SURFACES, Event, event_id
from crossfix.events.readers.batches import BAD_TIME, NO_ACCOUNT, NO_TIME
from crossfix.events.readers.json_fields import RefusedError, ident, instant, members, string
from crossfix.events.readers.json_records import record_batches, sample, share
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.services import service_of, surface_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

FIELDS = frozenset(Event.__struct_fields__)
MOST_NAME = 512
"""Characters of an account's or an event's name."""

MOST_ATTRIBUTES = 64
_ID = re.compile(r"[0-9a-f]{32}")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_.]{0,63}")


class EventJson(Reader):
    """Reads events in crossfix's own form, as ``crossfix export`` writes them."""

    name = "events"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records have an event's fields, at most .97."""
        return 0.97 * share(sample(source), fits)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield the events; where they say when they were received, that is kept."""
        yield from record_batches(
            source, options, tally, lambda row: [event_of(row, options.service)]
        )

    def examples(self) -> list[tuple[str, bytes]]:
        """Return lines as an application would write them."""
        return [("events.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in EXAMPLE))]


def fits(row: Any) -> bool:
    """Say whether a record has the fields that an event must have."""
    if not isinstance(row, dict) or "specversion" in row:
        return False
    return row.get("action") in ACTIONS and "account" in row and "time" in row


def event_of(row: Any, said: str | None = None, received: datetime | None = None) -> Event:
    """Return the event that an object says.

    ``said`` is the service that the person named, which wins. With ``received`` (over HTTP) that
    is when the event was received, whatever it says, and when it happened unless it says when.

    Raises:
        RefusedError: a field is missing, unknown or of a wrong kind.
    """
    if not isinstance(row, dict):
        raise RefusedError("not an event")
    _known(row)
    own = service_of(ident(row, "service") or "")
    service = service_of(said) if said else own
    if not service:
        raise RefusedError("no service")
    time = _time(row, received)
    action = row.get("action")
    if action not in ACTIONS:
        raise RefusedError("unknown action")
    account = _account(row, service, own)
    text = string(row, "text")
    native = ident(row, "id")
    if native and len(native) > MOST_NAME:
        raise RefusedError("id too long")
    rename = _renaming(service, own)
    content = (account, time, action, ident(row, "conversation"), text, ident(row, "target"))
    return Event(
        id=native if native and not said and _ID.fullmatch(native)
        else event_id(service, native, *content),
        time=time,
        received=received or instant(row, "received") or time,
        service=service,
        surface=_surface(row, service),
        account=account,
        action=action,
        conversation=ident(row, "conversation"),
        text=text,
        language=ident(row, "language"),
        urls=_texts(row, "urls"),
        hashtags=tuple(t.lower().lstrip("#") for t in _texts(row, "hashtags")),
        mentions=tuple(
            rename(m) if ":" in m else f"{service}:{m}" for m in _texts(row, "mentions")
        ),
        media=_texts(row, "media"),
        target=rename(ident(row, "target")),
        parent=_parent(row, service, said),
        attributes=attributes_of(row),
    )  # fmt: skip


def _known(row: Mapping[str, Any]) -> None:
    for name in row:
        if name not in FIELDS and name not in RESERVED:
            raise RefusedError("unknown field")


def _time(row: dict[str, Any], received: datetime | None) -> datetime:
    if row.get("time") is None:
        if received is None:
            raise RefusedError(NO_TIME)
        return received
    time = instant(row, "time")
    if time is None:
        raise RefusedError(BAD_TIME)
    return time


def _account(row: dict[str, Any], service: str, own: str) -> str:
    account = ident(row, "account")
    native = account.removeprefix(f"{own or service}:") if account else None
    if not native:
        raise RefusedError(NO_ACCOUNT)
    if len(native) > MOST_NAME or not native.isprintable():
        raise RefusedError("account is no plain name")
    return f"{service}:{native}"


def _surface(row: dict[str, Any], service: str) -> Any:
    surface = row.get("surface")
    if surface is None:
        return surface_of(service)
    if surface not in SURFACES:
        raise RefusedError("unknown surface")
    return surface


def _renaming(service: str, own: str) -> Any:
    """Return what puts the service that was said in the place of the event's own."""

    def rename(name: str | None) -> str | None:
        if name and own and own != service and name.startswith(f"{own}:"):
            return service + name[len(own) :]
        return name

    return rename


def _parent(row: dict[str, Any], service: str, said: str | None) -> str | None:
    parent = ident(row, "parent")
    if parent is None or (not said and _ID.fullmatch(parent)):
        return parent
    return event_id(service, parent)


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(text for each in members(row, name) if (text := ident(each)))


def attributes_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes: those of ``attributes``, and reserved ones beside the fields.

    Raises:
        RefusedError: there are too many, or one is neither text nor a number.
    """
    given = row.get("attributes")
    if isinstance(given, list):  # as Arrow's maps are written: pairs
        given = {pair[0]: pair[1] for pair in given if isinstance(pair, list) and len(pair) == 2}
    if given is not None and not isinstance(given, dict):
        raise RefusedError("attributes are no object")
    both = dict(given or {}) | {n: v for n, v in row.items() if n in RESERVED and n not in FIELDS}
    if len(both) > MOST_ATTRIBUTES:
        raise RefusedError("too many attributes")
    found = {}
    for name, value in both.items():
        if value is None:
            continue
        text = said_of(value)
        if text is None or not isinstance(name, str) or not _ATTRIBUTE.fullmatch(name):
            raise RefusedError("attribute is no text")
        found[name] = text
    return found


def said_of(value: Any) -> str | None:
    """Return text, a number or a truth as text; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return string(value) or ident(value) if isinstance(value, str | int) else None


EXAMPLE: tuple[dict[str, Any], ...] = (
    {"service": "app", "account": "anna", "action": "signup", "time": "2025-03-01T10:00:00Z",
     "surface": "web", "attributes": {"ip": "203.0.113.7", "email_domain": "example.org"}},
    {"service": "app", "account": "app:anna", "action": "login", "time": 1_740_823_260,
     "ip": "203.0.113.7"},
    {"id": "p-1", "service": "mastodon", "account": "bo@example.org", "action": "post",
     "time": "2025-03-01T10:05:00Z", "text": "The ferry is late again #ferry",
     "urls": ["https://example.org/a"], "hashtags": ["#Ferry"], "mentions": ["cy"]},
)  # fmt: skip
