"""ActivityStreams activities and Mastodon statuses: outboxes, lines and API answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from crossfix.events.event import Action, Event
from crossfix.events.readers.batches import NO_ACCOUNT
from crossfix.events.readers.html_text import text_and_links
from crossfix.events.readers.json_fields import (
    RefusedError,
    count,
    ident,
    instant,
    member,
    members,
    some,
    string,
)
from crossfix.events.readers.json_records import record_batches, sample, share
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

MASTODON = "mastodon"
NO_POST = "no post that can be named"
_WITHIN = (("orderedItems", "*"), ("statuses", "*"), ("items", "*"))
_ABOUT: dict[str, Action] = {
    "Announce": "repost",
    "Like": "like",
    "EmojiReact": "like",
    "Follow": "follow",
    "Delete": "delete",
}
_WRITES = ("Create", "Update")
_ACTOR = re.compile(r"/(?:users/|@|u/|profile/|c/|accounts/|video-channels/|ap/users/)([^/@?#]+)/?")
_POST_TYPES = ("Note", "Article", "Question", "Page", "Video", "Audio", "Image", "Event")


class ActivityStreams(Reader):
    """Reads an outbox (``OrderedCollection``), activities a line each, and Mastodon API statuses.

    Accounts are ``mastodon:name@host`` where the actor's address says so, else the address. The
    service is ``--service``, else ``mastodon``.
    """

    name = "activitystreams"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records are activities or statuses, at most .95."""
        return 0.95 * share(sample(source, _WITHIN), _fits)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield posts, replies, reposts, likes, follows and deletions."""
        service = Service.chosen(options, MASTODON, "social")
        yield from record_batches(
            source, options, tally, lambda value: events_of(value, service), within=_WITHIN
        )

    def examples(self) -> list[tuple[str, bytes]]:
        """Return an outbox, a file of activities and a file of API statuses."""
        return [
            ("outbox.json", json.dumps(_outbox()).encode()),
            ("inbox.jsonl", _lines(_activities())),
            ("statuses.json", json.dumps(_statuses(), indent=2).encode()),
        ]


def _fits(value: Any) -> bool:
    if string(value, "type") in (*_ABOUT, *_WRITES):
        return _address(member(value, "actor")) is not None
    if string(value, "type") in _POST_TYPES:
        return _address(member(value, "attributedTo")) is not None
    return isinstance(member(value, "account"), dict) and (
        string(value, "account", "acct") is not None and string(value, "uri") is not None
    )


def events_of(value: Any, service: Service) -> Iterator[Event]:
    """Yield the event that an activity, an object or an API status is."""
    kind = string(value, "type")
    if kind in _WRITES:
        thing = member(value, "object")
        if string(thing, "type") not in _POST_TYPES:
            raise RefusedError(f"{kind} of something that is no post")
        yield _post(thing, _actor(member(value, "actor")), instant(value, "published"), service)
    elif kind in _ABOUT:
        yield _about(value, _ABOUT[kind], service)
    elif kind in _POST_TYPES:
        yield _post(value, _actor(member(value, "attributedTo")), None, service)
    elif isinstance(member(value, "account"), dict):
        yield _status(value, service)
    else:
        raise RefusedError("activity of another kind")


def _address(value: Any) -> str | None:
    """Return the address of an actor or object, given as text, as an object or in a list."""
    if isinstance(value, list) and value:
        value = value[0]
    return string(value) or string(value, "id")


def _actor(value: Any) -> str:
    address = _address(value)
    if address is None:
        raise RefusedError(NO_ACCOUNT)
    return handle_of(address)


def handle_of(address: str) -> str:
    """Return ``name@host`` for an actor's address, or the address itself."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname
    except ValueError:
        host = None
    found = _ACTOR.match(parts.path) if host else None
    if not found:
        return address.strip()[:500]
    return f"{found.group(1).lower()}@{host}"


def _post(post: Any, account: str, published: datetime | None, service: Service) -> Event:
    native = _address(member(post, "id"))
    if native is None:
        raise RefusedError(NO_POST)
    text, links = text_and_links(string(post, "content") or "")
    tags = members(post, "tag")
    replied = _address(member(post, "inReplyTo"))
    address = _link(member(post, "url")) or native
    return service.event(
        native,
        account,
        "reply" if replied else "post",
        instant(post, "published") or published,
        conversation=string(post, "conversation") or string(post, "context"),
        text=_with_title(string(post, "summary") or string(post, "name"), text),
        language=next(iter(_languages(post)), None),
        urls=_urls(links, tags, "href"),
        hashtags=_hashtags(string(tag, "name") for tag in tags if _is(tag, "Hashtag")),
        mentions=tuple(
            service.of(handle_of(href))
            for tag in tags
            if _is(tag, "Mention") and (href := string(tag, "href"))
        ),
        media=_media(members(post, "attachment")),
        target=service.maybe(replied),
        parent=service.id(replied),
        attributes=some(
            url=address,
            likes=count(post, "likes", "totalItems"),
            reposts=count(post, "shares", "totalItems"),
        ),
    )


def _is(tag: Any, kind: str) -> bool:
    return string(tag, "type") == kind


def _link(value: Any) -> str | None:
    for each in value if isinstance(value, list) else [value]:
        if found := string(each) or string(each, "href"):
            return found
    return None


def _languages(post: Any) -> list[str]:
    found = member(post, "contentMap")
    return [key for key in found if isinstance(key, str)] if isinstance(found, dict) else []


def _with_title(title: str | None, text: str) -> str | None:
    return "\n".join(part for part in (title, text) if part) or None


def _urls(links: list[str], tags: list[Any], key: str) -> tuple[str, ...]:
    """Return the links in a text that are not its mentions and hashtags."""
    own = {string(tag, key) for tag in tags}
    kept = (link for link in links if link not in own and not _of_tag(link))
    return tuple(dict.fromkeys(kept))


def _of_tag(link: str) -> bool:
    path = link.partition("://")[2].partition("/")[2]
    return path.startswith(("tags/", "tag/", "@"))


def _hashtags(names: Iterator[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.lstrip("#").lower() for name in names if name))


def _media(attachments: list[Any]) -> tuple[str, ...]:
    """Return the pictures' blurhashes: what a server says of a picture's look."""
    found = (string(each, "blurhash") for each in attachments)
    return tuple(dict.fromkeys(f"blurhash:{hash_}" for hash_ in found if hash_))


def _about(activity: Any, action: Action, service: Service) -> Event:
    account = _actor(member(activity, "actor"))
    about = _address(member(activity, "object"))
    if about is None:
        raise RefusedError(NO_POST)
    time = instant(activity, "published") or instant(activity, "updated")
    native = string(activity, "id")
    return service.event(
        native,
        account,
        action,
        time,
        *(service.of(account), action, about, time),
        target=service.of(handle_of(about) if action == "follow" else about),
        attributes=some(url=native) if action == "repost" else {},
    )


def _status(status: Any, service: Service) -> Event:
    """Return the event that a status of Mastodon's API is."""
    whole = member(status, "reblog")
    shown = whole if isinstance(whole, dict) else status
    native = string(status, "uri")
    if native is None:
        raise RefusedError(NO_POST)
    author = member(status, "account")
    host = (urlsplit_host(string(author, "url")) or urlsplit_host(native)) or ""
    name = string(author, "acct")
    if name is None:
        raise RefusedError(NO_ACCOUNT)
    text, links = text_and_links(string(shown, "content") or "")
    original, replied = string(whole, "uri"), ident(status, "in_reply_to_account_id")
    made = instant(author, "created_at")
    mentions = members(shown, "mentions")
    return service.event(
        native,
        name.lower() if "@" in name else f"{name.lower()}@{host}",
        "repost" if original else "reply" if replied else "post",
        instant(status, "created_at"),
        text=_with_title(string(shown, "spoiler_text"), text),
        language=string(shown, "language"),
        urls=_urls(links, mentions, "url"),
        hashtags=_hashtags(string(tag, "name") for tag in members(shown, "tags")),
        mentions=tuple(service.of(handle_of(url)) for m in mentions if (url := string(m, "url"))),
        media=_media(members(shown, "media_attachments")),
        target=service.maybe(original or _answered(status, mentions, replied)),
        attributes=some(
            display_name=string(author, "display_name"),
            bio=text_and_links(string(author, "note") or "")[0],
            created=made.isoformat() if made else None,
            followers=count(author, "followers_count"),
            url=string(status, "url") or native,
            client=string(status, "application", "name"),
            reposted_account=service.of(handle_of(author_url))
            if original and (author_url := string(shown, "account", "url"))
            else None,
            likes=count(status, "favourites_count"),
            reposts=count(status, "reblogs_count"),
        ),
    )


def urlsplit_host(address: str | None) -> str | None:
    """Return the host of an address, or None where it has none."""
    try:
        return urlsplit(address or "").hostname
    except ValueError:
        return None


def _answered(status: Any, mentions: list[Any], replied: str | None) -> str | None:
    for each in mentions:
        if replied and ident(each, "id") == replied and (url := string(each, "url")):
            return handle_of(url)
    return None


_ME, _PIER = "https://social.example/users/harbour", "https://pier.example/users/crane"


def _activities() -> list[dict[str, Any]]:
    note = {
        "id": f"{_ME}/statuses/1", "type": "Note", "attributedTo": _ME,
        "published": "2024-02-03T04:05:06Z", "contentMap": {"en": ""},
        "content": '<p>Late again <a href="https://harbour.example/ferry">the ferry</a></p>',
        "tag": [
            {"type": "Hashtag", "name": "#Harbour", "href": "https://social.example/tags/harbour"},
            {"type": "Mention", "name": "@crane@pier.example", "href": _PIER},
        ],
    }  # fmt: skip
    times = {"actor": _ME, "published": "2024-02-03T04:06:00Z"}
    return [
        {"id": f"{_ME}/statuses/1/activity", "type": "Create", **times, "object": note},
        {"id": f"{_ME}/statuses/2/activity", "type": "Announce", **times,
         "object": f"{_PIER}/statuses/9"},
        {"id": f"{_ME}#likes/3", "type": "Like", **times, "object": f"{_PIER}/statuses/8"},
        {"id": f"{_ME}#follows/4", "type": "Follow", **times, "object": _PIER},
        {"id": f"{_ME}/statuses/1#delete", "type": "Delete", **times,
         "object": {"id": f"{_ME}/statuses/1", "type": "Tombstone"}},
    ]  # fmt: skip


def _outbox() -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json",
        "type": "OrderedCollection", "totalItems": 2, "orderedItems": _activities()[:2],
    }  # fmt: skip


def _statuses() -> list[dict[str, Any]]:
    crane = {"id": "7", "acct": "crane@pier.example", "url": "https://pier.example/@crane",
             "display_name": "Crane"}  # fmt: skip
    harbour = {"id": "1", "acct": "harbour", "url": "https://social.example/@harbour",
               "created_at": "2022-01-01T00:00:00.000Z", "note": "<p>News</p>"}  # fmt: skip
    original = {
        "id": "109", "uri": f"{_PIER}/statuses/9", "created_at": "2024-02-03T03:00:00.000Z",
        "content": "<p>The crane is repaired</p>", "account": crane, "language": "en",
        "tags": [{"name": "crane"}], "mentions": [], "media_attachments": [],
    }  # fmt: skip
    repost = {"id": "110", "uri": f"{_ME}/statuses/2/activity", "account": harbour,
              "created_at": "2024-02-03T04:06:00.000Z", "content": "",
              "reblog": original}  # fmt: skip
    return [original, repost]


def _lines(values: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)
