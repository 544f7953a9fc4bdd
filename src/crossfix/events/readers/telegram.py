"""Exports of Telegram Desktop: ``result.json`` of one chat or of a whole account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa
import xxhash

from crossfix.events.event import Action, Event
from crossfix.events.readers.batches import BAD_TIME, NO_ACCOUNT, batches
from crossfix.events.readers.json_fields import (
    RefusedError,
    first,
    ident,
    instant,
    member,
    members,
    some,
    string,
)
from crossfix.events.readers.json_items import top_level_names
from crossfix.events.readers.json_records import events_of_each, records, sample, share
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

TELEGRAM = "telegram"
_FACTS = ("name", "type", "id")
_ONE = (*((fact,) for fact in _FACTS), ("messages", "*"))
_MANY = tuple(
    (chats, "list", "*", *rest)
    for chats in ("chats", "left_chats")
    for rest in (*((fact,) for fact in _FACTS), ("messages", "*"))
)
_LOCAL = "times are those of the exporting machine, read as UTC (an older export)"


class Telegram(Reader):
    """Reads the messages of one chat or of all chats, one at a time.

    Forwards are reposts. An export names the source of a forward but not the message, so the
    target is the source and a hash of what was forwarded. The service is ``--service``, else
    ``telegram``.
    """

    name = "telegram"

    def recognises(self, source: Source) -> float:
        """Return .95 where the head shows a chat's messages or a list of chats."""
        names = top_level_names(source.head)
        if "chats" in names and ("about" in names or "personal_information" in names):
            return 0.95
        if not {"messages", "type", "id"} <= set(names):
            return 0.0
        seen = [value for value in sample(source, _ONE) if isinstance(value, dict)]
        return 0.95 * share(seen, _fits) if seen else 0.6

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield posts of channels, messages and replies of groups, and forwards."""
        make = _Maker(Service.chosen(options, TELEGRAM, "social"), tally)
        yield from batches(events_of_each(_in_chats(source, tally), make, tally), options, tally)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return the export of a channel and one of two chats."""
        both = {"about": "", "chats": {"about": "", "list": [_channel(), _group()]}}
        return [
            ("result.json", json.dumps(_channel(), indent=1, ensure_ascii=False).encode()),
            ("all/result.json", json.dumps(both, indent=1, ensure_ascii=False).encode()),
        ]


def _fits(value: Any) -> bool:
    return string(value, "type") in ("message", "service") and "text" in value


Chat = dict[str, str]
"""The facts of a chat: name, type and id."""


def _in_chats(source: Source, tally: Tally) -> Iterator[tuple[int, tuple[Chat, Any]]]:
    """Yield each message with what was said of its chat before it."""
    chat: Chat = {}
    filled = False
    for number, path, value in records(source, tally, within=(*_ONE, *_MANY)):
        if not path or path[-1] == "*":
            filled = True
            yield number, (chat, value)
            continue
        if filled:  # the next chat begins
            chat, filled = {}, False
        chat[path[-1]] = ident(value) or ""


class _Maker:
    """Turns (chat, message) into events; notes once when only local times are there."""

    def __init__(self, service: Service, tally: Tally) -> None:
        self._service = service
        self._tally = tally

    def __call__(self, row: tuple[Chat, Any]) -> Iterator[Event]:
        chat, message = row
        if string(message, "type") == "service":
            raise RefusedError("notice of the service")
        time = instant(message, "date_unixtime")
        if time is None:
            time = instant(message, "date")
            if time is None:
                raise RefusedError(BAD_TIME)
            self._tally.note(_LOCAL)
        yield event_of(chat, message, time, self._service)


def event_of(chat: Chat, message: Any, time: datetime, service: Service) -> Event:
    """Return the event of a message in a chat."""
    native = ident(message, "id")
    place = chat.get("id") or chat.get("name")
    in_channel = chat.get("type", "").endswith("channel")
    author = first(message, "from_id") or (f"channel{place}" if in_channel and place else None)
    author = author or string(message, "from")
    if author is None:
        raise RefusedError(NO_ACCOUNT)
    source = first(message, "forwarded_from_id", "forwarded_from")
    forwarded = isinstance(message, dict) and "forwarded_from" in message
    replied = first(message, "reply_to_message_id")
    text, parts = _flat(message)
    action: Action = "post" if in_channel else "reply" if replied else "message"
    return service.event(
        f"{place}/{native}" if place and native else None,
        author,
        "repost" if forwarded else action,
        time,
        *(service.of(author), time, text, native),
        conversation=place,
        text=text,
        urls=_urls(parts),
        hashtags=tuple(tag.lstrip("#").lower() for tag in _of(parts, "hashtag")),
        mentions=tuple(dict.fromkeys(service.of(who) for who in _mentioned(parts))),
        target=service.maybe(_original(source, text, message)) if forwarded else None,
        parent=service.id(f"{place}/{replied}") if replied and place else None,
        attributes=some(
            display_name=string(message, "from") or chat.get("name"),
            client=string(message, "via_bot"),
            reposted_account=service.maybe(source),
            likes=_reactions(message),
        ),
    )


def _flat(message: Any) -> tuple[str | None, list[Any]]:
    """Return a message's text, and the parts that have a meaning."""
    said = member(message, "text")
    parts = members(message, "text_entities")
    if isinstance(said, list):
        parts = parts or [part for part in members(message, "text") if isinstance(part, dict)]
        text = "".join(string(part) or string(part, "text") or "" for part in said[:10_000])
    else:
        text = string(message, "text") or ""
    return text or string(message, "poll", "question"), parts


def _of(parts: list[Any], kind: str, name: str = "text") -> list[str]:
    found = (string(part, name) for part in parts if string(part, "type") == kind)
    return list(dict.fromkeys(each.strip() for each in found if each and each.strip()))


def _urls(parts: list[Any]) -> tuple[str, ...]:
    found = [*_of(parts, "link"), *_of(parts, "text_link", "href")]
    whole = (url if "://" in url else f"https://{url}" for url in found)
    return tuple(dict.fromkeys(whole))


def _mentioned(parts: list[Any]) -> list[str]:
    named = [name.lstrip("@").lower() for name in _of(parts, "mention")]
    known = [part for part in parts if string(part, "type") == "mention_name"]
    return [*named, *(f"user{who}" for part in known if (who := ident(part, "user_id")))]


def _original(source: str | None, text: str | None, message: Any) -> str | None:
    """Return what was forwarded: its source and the hash of its text, else of its file's facts.

    The source has no name where the forwarded account hides it or is gone.
    """
    facts = (first(message, *names) for names in _FILE)
    said = text or ":".join(fact for fact in facts if fact)
    if not said:
        return None
    digest = xxhash.xxh3_64_hexdigest(said.encode("utf-8", "replace"))
    return f"{source or ''}/{digest}"


_FILE = (("file_name",), ("file_size", "photo_file_size"), ("duration_seconds",), ("width",))


def _reactions(message: Any) -> str | None:
    counts = [member(each, "count") for each in members(message, "reactions")]
    total = sum(n for n in counts if isinstance(n, int) and 0 <= n < 10**12)
    return str(total) if total else None


def _channel() -> dict[str, Any]:
    base = {"type": "message", "from": "Harbour", "from_id": "channel77"}
    link = {"type": "link", "text": "https://harbour.example/ferry"}
    tag = {"type": "hashtag", "text": "#Harbour"}
    return {
        "name": "Harbour", "type": "public_channel", "id": 77,
        "messages": [
            {"id": 1, "type": "service", "date": "2024-01-01T10:00:00",
             "date_unixtime": "1704103200", "actor": "Harbour", "actor_id": "channel77",
             "action": "create_channel", "text": "", "text_entities": []},
            {"id": 2, "date": "2024-01-01T11:00:00", "date_unixtime": "1704106800", **base,
             "text": ["Late again ", link, " ", tag],
             "text_entities": [{"type": "plain", "text": "Late again "}, link, tag],
             "reactions": [{"type": "emoji", "count": 4, "emoji": "👍"}]},
            {"id": 3, "date": "2024-01-01T12:00:00", "date_unixtime": "1704110400", **base,
             "forwarded_from": "The Pier", "text": "The crane is repaired", "text_entities": []},
        ],
    }  # fmt: skip


def _group() -> dict[str, Any]:
    base = {"type": "message", "from": "A. Crane", "from_id": "user5"}
    return {
        "name": "Dockers", "type": "public_supergroup", "id": 88,
        "messages": [
            {"id": 1, "date": "2024-01-02T10:00:00", "date_unixtime": "1704189600", **base,
             "text": "Morning"},
            {"id": 2, "date": "2024-01-02T10:05:00", "date_unixtime": "1704189900",
             "type": "message", "from": "B. Winch", "from_id": "user6",
             "reply_to_message_id": 1, "text": [{"type": "mention", "text": "@crane"}, " hello"]},
        ],
    }  # fmt: skip
