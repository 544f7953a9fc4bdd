"""AT protocol records: Jetstream lines, and posts as Bluesky's API returns them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pyarrow as pa

from crossfix.events.event import Action, Event
from crossfix.events.readers.batches import NO_ACCOUNT
from crossfix.events.readers.json_fields import (
    RefusedError,
    count,
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

BLUESKY = "bluesky"
OTHER = "record of another kind"
_WITHIN = (("feed", "*"), ("posts", "*"))
_POST = "app.bsky.feed.post"
_ABOUT: dict[str, Action] = {
    "app.bsky.feed.repost": "repost",
    "app.bsky.feed.like": "like",
    "app.bsky.graph.follow": "follow",
}
_PROFILE = "app.bsky.actor.profile"


class Bluesky(Reader):
    """Reads Jetstream's commits and the feeds and posts of the API.

    The time of a Jetstream event is when the relay saw it: the time in the record is whatever its
    author's program wrote there. The service is ``--service``, else ``bluesky``.
    """

    name = "bluesky"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records are of the AT protocol, at most .95."""
        return 0.95 * share(sample(source, _WITHIN), _fits)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield posts, replies, reposts, likes, follows, profiles and deletions."""
        service = Service.chosen(options, BLUESKY, "social")
        yield from record_batches(
            source, options, tally, lambda value: events_of(value, service), within=_WITHIN
        )

    def examples(self) -> list[tuple[str, bytes]]:
        """Return Jetstream lines and an author's feed."""
        lines = b"".join(json.dumps(each).encode() + b"\n" for each in _jetstream())
        return [("jetstream.jsonl", lines), ("feed.json", json.dumps(_feed(), indent=2).encode())]


def _fits(value: Any) -> bool:
    if (string(value, "did") or "").startswith("did:"):
        return string(value, "kind") in ("commit", "identity", "account")
    uri = string(value, "post", "uri") or string(value, "uri") or ""
    return uri.startswith("at://") and (
        member(value, "post", "record") is not None or member(value, "record") is not None
    )


def events_of(value: Any, service: Service) -> Iterator[Event]:
    """Yield the event of a Jetstream line, or those of an entry of a feed."""
    if string(value, "kind") is not None:
        yield _commit(value, service)
        return
    post = member(value, "post") if isinstance(member(value, "post"), dict) else value
    yield _viewed(post, service)
    if (string(value, "reason", "$type") or "").endswith("#reasonRepost"):
        yield _reposted(value, post, service)


def _known(did: str | None) -> str:
    if not did:
        raise RefusedError(NO_ACCOUNT)
    return did


def _commit(line: Any, service: Service) -> Event:
    commit = member(line, "commit")
    if string(line, "kind") != "commit" or not isinstance(commit, dict):
        raise RefusedError(OTHER)
    collection, rkey = string(commit, "collection"), string(commit, "rkey")
    if collection not in (_POST, _PROFILE, *_ABOUT) or rkey is None:
        raise RefusedError(OTHER)
    did, seen = _known(string(line, "did")), instant(line, "time_us")
    uri = f"at://{did}/{collection}/{rkey}"
    if string(commit, "operation") == "delete":
        return _about(f"{uri}#delete", did, "delete", uri, seen, service)
    record, cid = member(commit, "record"), string(commit, "cid")
    return _record(uri, did, collection, record, seen, cid, service)


def _record(
    uri: str, did: str, collection: str, record: Any, seen: datetime | None, cid: str | None,
    service: Service,
) -> Event:  # fmt: skip
    time = seen or instant(record, "createdAt")
    if collection == _POST:
        return _post(uri, did, record, time, {}, service)
    if collection == _PROFILE:
        return _profile(f"{uri}@{cid}", did, record, time, service)
    action = _ABOUT[collection]
    about = string(record, "subject") if action == "follow" else string(record, "subject", "uri")
    if about is None:
        raise RefusedError("no subject")
    return _about(uri, did, action, about, time, service)


def _about(
    native: str, did: str, action: Action, about: str, time: datetime | None, service: Service
) -> Event:
    author = _known(_author(about)) if action == "repost" else None
    return service.event(
        native,
        did,
        action,
        time,
        target=service.of(about),
        attributes=some(reposted_account=service.maybe(author)),
    )


def _post(
    uri: str, did: str, record: Any, time: datetime | None, attributes: dict[str, str],
    service: Service,
) -> Event:  # fmt: skip
    features = [
        feature for facet in members(record, "facets") for feature in members(facet, "features")
    ]
    replied = string(record, "reply", "parent", "uri")
    root = string(record, "reply", "root", "uri")
    tags = [*_of(features, "#tag", "tag"), *filter(None, map(string, members(record, "tags")))]
    return service.event(
        uri,
        did,
        "reply" if replied else "post",
        time,
        conversation=root,
        text=string(record, "text"),
        language=string(record, "langs", 0),
        urls=tuple(dict.fromkeys([*_of(features, "#link", "uri"), *_embedded(record)])),
        hashtags=tuple(dict.fromkeys(tag.lower() for tag in tags)),
        mentions=tuple(map(service.of, _of(features, "#mention", "did"))),
        media=_media(record),
        target=service.of(_author(replied)) if replied else None,
        parent=service.id(replied),
        attributes=some(url=_shown(uri), client=string(record, "via")) | attributes,
    )


def _of(features: list[Any], kind: str, name: str) -> list[str]:
    fitting = (each for each in features if (string(each, "$type") or "").endswith(kind))
    return [found for each in fitting if (found := string(each, name))]


def _author(uri: str) -> str:
    return uri.removeprefix("at://").partition("/")[0]


def _shown(uri: str) -> str:
    did, _, rest = uri.removeprefix("at://").partition("/")
    return f"https://bsky.app/profile/{did}/post/{rest.rpartition('/')[2]}"


def _embedded(record: Any) -> list[str]:
    """Return the links of cards and quoted posts."""
    embed = member(record, "embed")
    found = (
        string(embed, "external", "uri"),
        string(embed, "media", "external", "uri"),
        string(embed, "record", "uri"),
        string(embed, "record", "record", "uri"),
    )
    return [uri for uri in found if uri]


def _media(record: Any) -> tuple[str, ...]:
    """Return the content hashes (CID) of pictures and video."""
    embed = member(record, "embed")
    blobs = [
        *(member(image, "image") for image in members(embed, "images")),
        *(member(image, "image") for image in members(embed, "media", "images")),
        member(embed, "video"),
        member(embed, "media", "video"),
        member(embed, "external", "thumb"),
    ]
    found = (_blob(blob) for blob in blobs)
    return tuple(dict.fromkeys(cid for cid in found if cid))


def _blob(blob: Any) -> str | None:
    return string(blob, "ref", "$link")


def _profile(native: str, did: str, record: Any, time: datetime | None, service: Service) -> Event:
    made = instant(record, "createdAt")
    return service.event(
        native,
        did,
        "profile",
        time,
        attributes=some(
            display_name=string(record, "displayName"),
            bio=string(record, "description"),
            avatar=_blob(member(record, "avatar")),
            created=made.isoformat() if made else None,
        ),
    )


def _viewed(post: Any, service: Service) -> Event:
    uri, author = string(post, "uri"), member(post, "author")
    if uri is None or not uri.startswith("at://"):
        raise RefusedError("no address of a record")
    record, made = member(post, "record"), instant(author, "createdAt")
    attributes = some(
        display_name=string(author, "displayName"),
        created=made.isoformat() if made else None,
        likes=count(post, "likeCount"),
        reposts=count(post, "repostCount"),
    )
    time = instant(post, "indexedAt") or instant(record, "createdAt")
    did = _known(string(author, "did") or _author(uri))
    return _post(uri, did, record, time, attributes, service)


def _reposted(entry: Any, post: Any, service: Service) -> Event:
    reason, uri = member(entry, "reason"), string(post, "uri") or ""
    did = _known(string(reason, "by", "did"))
    native = string(reason, "uri") or f"{service.of(did)}#repost:{uri}"
    return _about(native, did, "repost", uri, instant(reason, "indexedAt"), service)


_ME, _PIER = "did:plc:harbour", "did:plc:pier"


def _jetstream() -> list[dict[str, Any]]:
    records: list[tuple[str, str, dict[str, Any]]] = [
        (_PROFILE, "self", {"displayName": "Harbour", "description": "News",
                            "avatar": {"$type": "blob", "ref": {"$link": "bafkavatar"}}}),
        (_POST, "3k1", {
            "$type": _POST, "text": "Late again harbour.example #harbour", "langs": ["en"],
            "createdAt": "2024-09-09T19:46:02.102Z",
            "facets": [
                {"features": [{"$type": "app.bsky.richtext.facet#link",
                               "uri": "https://harbour.example/ferry"}]},
                {"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "Harbour"}]},
            ],
            "embed": {"images": [{"image": {"$type": "blob", "ref": {"$link": "bafkimage"}}}]},
        }),
        (_POST, "3k2", {"text": "Why?", "reply": {
            "parent": {"uri": f"at://{_PIER}/{_POST}/3j9"},
            "root": {"uri": f"at://{_PIER}/{_POST}/3j9"}}}),
        ("app.bsky.feed.repost", "3k3", {"subject": {"uri": f"at://{_PIER}/{_POST}/3j9"}}),
        ("app.bsky.feed.like", "3k4", {"subject": {"uri": f"at://{_PIER}/{_POST}/3j8"}}),
        ("app.bsky.graph.follow", "3k5", {"subject": _PIER}),
    ]  # fmt: skip
    lines: list[dict[str, Any]] = [
        {"did": _ME, "time_us": 1_725_911_162_329_308 + n * 1_000_000, "kind": "commit",
         "commit": {"rev": "3k", "operation": "create", "collection": collection, "rkey": rkey,
                    "record": record, "cid": f"bafy{n}"}}
        for n, (collection, rkey, record) in enumerate(records)
    ]  # fmt: skip
    gone = {"rev": "3l", "operation": "delete", "collection": _POST, "rkey": "3k1"}
    return [*lines, {"did": _ME, "time_us": 1_725_911_999_000_000, "kind": "commit",
                     "commit": gone}]  # fmt: skip


def _feed() -> dict[str, Any]:
    post = {
        "uri": f"at://{_PIER}/{_POST}/3j9", "cid": "bafy", "indexedAt": "2024-09-09T10:00:00.000Z",
        "author": {"did": _PIER, "handle": "pier.example", "displayName": "The Pier",
                   "createdAt": "2023-05-01T00:00:00.000Z"},
        "record": {"$type": _POST, "text": "The crane is repaired",
                   "createdAt": "2024-09-09T10:00:00.000Z"},
        "likeCount": 3, "repostCount": 1,
    }  # fmt: skip
    reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": {"did": _ME},
              "indexedAt": "2024-09-09T11:00:00.000Z",
              "uri": f"at://{_ME}/app.bsky.feed.repost/3k3"}  # fmt: skip
    return {"feed": [{"post": post, "reason": reason}], "cursor": "c"}
