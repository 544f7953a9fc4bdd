"""CloudEvents 1.0: an envelope that says who sent what when, with what happened as its data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa

from crossfix.events.attributes import RESERVED
from crossfix.events.event import ACTIONS, Event
from crossfix.events.readers.event_json import FIELDS, event_of, said_of
from crossfix.events.readers.json_fields import RefusedError, ident, string
from crossfix.events.readers.json_records import record_batches, sample, share
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

VERSION = "1.0"
_REQUIRED = ("id", "source", "type")
_ACCOUNTS = ("account", "user_id", "user", "username", "account_id")
_WORDS = {
    "registered": "signup", "signed_up": "signup", "register": "signup", "sign_up": "signup",
    "logged_in": "login", "signed_in": "login", "sign_in": "login", "session": "login",
    "comment": "reply", "commented": "reply", "replied": "reply", "posted": "post",
    "published": "post", "reposted": "repost", "shared": "repost", "liked": "like",
    "followed": "follow", "deleted": "delete", "reported": "complaint", "report": "complaint",
    "visited": "visit", "sent": "send", "updated": "profile", "messaged": "message",
    "prompted": "prompt", "completed": "completion", "refused": "refusal",
}  # fmt: skip
"""Words at the end of a type that stand for an action, beside the actions themselves."""


class CloudEvents(Reader):
    """Reads CloudEvents in their JSON form, one a line or as a batch.

    ``source`` becomes the service unless the data names one, ``subject`` the account; the last
    word of ``type`` that is an action is the action (``com.example.user.signup``).
    """

    name = "cloudevents"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records are CloudEvents."""
        return 0.98 * share(sample(source), is_cloud_event)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield what the envelopes hold."""
        yield from record_batches(
            source, options, tally, lambda row: [of_cloud_event(row, options.service)]
        )

    def examples(self) -> list[tuple[str, bytes]]:
        """Return a file of lines and a batch."""
        lines = b"".join(json.dumps(row).encode() + b"\n" for row in EXAMPLE)
        return [("cloudevents.jsonl", lines), ("batch.json", json.dumps(EXAMPLE).encode())]


def is_cloud_event(row: Any) -> bool:
    """Say whether a record is one."""
    return isinstance(row, dict) and "specversion" in row and "type" in row


def of_cloud_event(row: Any, said: str | None = None, received: datetime | None = None) -> Event:
    """Return the event in an envelope; ``said`` and ``received`` as `event_of` has them.

    Raises:
        RefusedError: it is no CloudEvent, or says of no account what it did.
    """
    if not is_cloud_event(row):
        raise RefusedError("not a CloudEvent")
    if row["specversion"] != VERSION:
        raise RefusedError("another version of CloudEvents")
    if any(not ident(row, name) for name in _REQUIRED):
        raise RefusedError("no id, source or type")
    if "data_base64" in row:
        raise RefusedError("data is binary")
    data = row.get("data")
    held: dict[str, Any] = dict(data) if isinstance(data, dict) else {"text": string(data)}
    account = ident(row, "subject") or next((a for n in _ACCOUNTS if (a := ident(held, n))), None)
    event = {name: value for name, value in held.items() if name in FIELDS or name in RESERVED}
    event.setdefault("service", service_of_source(ident(row, "source") or ""))
    event["account"] = held.get("account") or account
    event["action"] = held.get("action") or action_of(ident(row, "type") or "")
    event["time"] = row.get("time") or held.get("time")
    # Ids are unique within a source only.
    event["id"] = f"{ident(row, 'source')}\x1f{ident(row, 'id')}"
    others = {n: v for n, v in held.items() if n not in event and n not in _ACCOUNTS}
    _add(event, others)
    return event_of(event, said, received)


def _add(event: dict[str, Any], others: dict[str, Any]) -> None:
    """Keep what else the data says as attributes, as far as it is text or a number."""
    given = event.get("attributes")
    plain = {
        name.lower()[:64]: text
        for name, value in list(others.items())[:64]
        if (text := said_of(value)) is not None and name.isidentifier() and name.isascii()
    }
    event["attributes"] = {n.lstrip("_"): v for n, v in plain.items() if n.strip("_")} | (
        given if isinstance(given, dict) else {}
    )


def action_of(type: str) -> str | None:
    """Return the action that a type says: by its last word that is one."""
    for part in reversed(type.lower().replace("/", ".").replace("-", "_").split(".")):
        word = _WORDS.get(part, part)
        if word in ACTIONS:
            return word
        if part == "created" and "user" in type.lower():
            return "signup"
        if part == "created" and "post" in type.lower():
            return "post"
    return None


def service_of_source(source: str) -> str:
    """Return a source as a service: the host of a URL, else the whole without its slashes."""
    plain = source.partition("://")[2].partition("/")[0] if "://" in source else source.strip("/")
    return service_of(plain)


EXAMPLE: list[dict[str, Any]] = [
    {"specversion": "1.0", "id": "e-1", "source": "https://shop.example.org/accounts",
     "type": "org.example.user.signup", "subject": "anna", "time": "2025-03-01T10:00:00Z",
     "datacontenttype": "application/json",
     "data": {"ip": "203.0.113.7", "plan": "free", "trial": True}},
    {"specversion": "1.0", "id": "e-2", "source": "/forum", "type": "org.example.post.created",
     "time": "2025-03-01T10:05:00Z", "data": {"user_id": 7, "text": "The ferry is late again"}},
]  # fmt: skip
