"""Posts as the API of X returns them: version 1.1 objects, and version 2 pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from crossfix.events.event import Event
from crossfix.events.readers.batches import batches
from crossfix.events.readers.json_fields import (
    RefusedError,
    count,
    first,
    ident,
    instant,
    member,
    members,
    some,
    string,
)
from crossfix.events.readers.json_records import (
    LONGEST_RECORD,
    events_of_each,
    records,
    sample,
    share,
)
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.x_posts import NO_ID, PREFIX, X, post_of

_WITHIN = (("statuses", "*"),)


class XApi(Reader):
    """Reads version 1.1 posts (a line each, an array, a search answer) and version 2 pages.

    A version 2 page (``data`` and ``includes``) is one record: its authors stand behind its posts.
    Single version 2 posts, one a line, need ``author_id``.
    """

    name = "x-api"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records look like posts of X, at most .95."""
        return 0.95 * share(sample(source, _WITHIN), _fits)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield the posts; the service is ``--service``, else ``x``."""
        service = Service.chosen(options, X, "social")
        found = records(source, tally, within=_WITHIN, max_record=LONGEST_RECORD)
        rows = ((number, value) for number, _, value in found)
        events = events_of_each(_posts(rows), lambda page: _events_of(page, service), tally)
        yield from batches(events, options, tally)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return a version 1.1 line with a repost, and a version 2 page with one."""
        return [("statuses.jsonl", _example_v1()), ("page.json", _example_v2())]


def _fits(value: Any) -> bool:
    if isinstance(member(value, "user"), dict) and first(value, "id_str", "id"):
        return string(value, "full_text") is not None or string(value, "text") is not None
    posts = member(value, "data")
    one = posts[0] if isinstance(posts, list) and posts else posts
    one = value if one is None else one
    return string(one, "text") is not None and (
        first(one, "author_id") is not None or member(one, "edit_history_tweet_ids") is not None
    )


Page = tuple[Any, dict[str, Any], dict[str, Any]]
"""A post with the users and the other posts of its page, by id."""


def _posts(rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Page]]:
    """Open version 2 pages into their posts; the row number is that of the page."""
    for number, value in rows:
        data = member(value, "data")
        if data is None:
            yield number, (value, {}, {})
            continue
        users = _by_id(members(value, "includes", "users"))
        others = _by_id(members(value, "includes", "tweets"))
        for post in data if isinstance(data, list) else [data]:
            yield number, (post, users, others)


def _by_id(values: list[Any]) -> dict[str, Any]:
    named = ((first(value, "id"), value) for value in values)
    return {native: value for native, value in named if native}


def _events_of(page: Page, service: Service) -> Iterator[Event]:
    post, users, others = page
    if isinstance(member(post, "user"), dict):
        yield post_of(post, service)
    else:
        yield _post_v2(post, users, others, service)


def _post_v2(post: Any, users: dict[str, Any], others: dict[str, Any], service: Service) -> Event:
    native, author = first(post, "id"), first(post, "author_id")
    if native is None:
        raise RefusedError(NO_ID)
    about = {
        kind: native_of
        for each in members(post, "referenced_tweets")
        if (kind := string(each, "type")) and (native_of := first(each, "id"))
    }
    original, replied = about.get("retweeted"), about.get("replied_to")
    whole = others.get(original, post) if original else post
    text = string(whole, "note_tweet", "text") or string(whole, "text")
    prefix = PREFIX.match(text) if original and whole is post and text else None
    text = text[prefix.end() :] if text and prefix else text
    user = users.get(author or "")
    repeated = prefix.group(1) if prefix else None
    if original and whole is not post:
        repeated = string(users.get(first(whole, "author_id") or ""), "username")
    answered = first(post, "in_reply_to_user_id")
    made = instant(user, "created_at")
    return service.event(
        native,
        author,
        "repost" if original else "reply" if replied else "post",
        instant(post, "created_at"),
        conversation=first(post, "conversation_id"),
        text=text,
        language=_language(string(post, "lang")),
        urls=_entities(whole, "urls", "unwound_url", "expanded_url", "url"),
        hashtags=tuple(tag.lower() for tag in _entities(whole, "hashtags", "tag")),
        mentions=tuple(
            service.of(name.lower())
            for name in _entities(whole, "mentions", "username")
            if name.lower() != (repeated or "").lower()
        ),
        media=tuple(
            service.of(key.rpartition("_")[2])
            for each in members(whole, "attachments", "media_keys")
            if (key := ident(each))
        ),
        target=service.maybe(original or answered),
        parent=None if original else service.id(replied),
        attributes=some(
            display_name=string(user, "name"),
            bio=string(user, "description"),
            created=made.isoformat() if made else None,
            followers=count(user, "public_metrics", "followers_count"),
            url=f"https://x.com/{string(user, 'username') or 'i'}/status/{native}",
            client=string(post, "source"),
            reposted_account=service.maybe(repeated and repeated.lower()),
            likes=count(post, "public_metrics", "like_count"),
            reposts=count(post, "public_metrics", "retweet_count"),
        ),
    )


def _language(said: str | None) -> str | None:
    return None if said in (None, "und", "zxx", "qme", "qht", "qst") else said


def _entities(post: Any, kind: str, *names: str) -> tuple[str, ...]:
    """Return one text of each entity, the first of these names that it has."""
    found = (
        next(filter(None, (string(each, name) for name in names)), None)
        for holder in ("note_tweet", "")
        for each in members(post, *filter(None, (holder, "entities", kind)))
    )
    return tuple(dict.fromkeys(text for text in found if text))


def _example_v1() -> bytes:
    pier = {"id_str": "7", "screen_name": "pier", "name": "The Pier", "followers_count": 12}
    original = {
        "id_str": "901", "created_at": "Wed Oct 10 20:00:00 +0000 2018", "user": pier,
        "full_text": "The crane is repaired #crane",
        "entities": {"hashtags": [{"text": "crane"}]},
    }  # fmt: skip
    repost = {
        "id_str": "1003", "created_at": "Wed Oct 10 20:25:00 +0000 2018",
        "user": {"id_str": "42", "screen_name": "Harbour_News", "name": "Harbour News"},
        "full_text": "RT @pier: The crane is repai…", "retweeted_status": original,
    }  # fmt: skip
    return b"".join(json.dumps(post).encode() + b"\n" for post in (original, repost))


def _example_v2() -> bytes:
    page = {
        "data": [
            {
                "id": "2001", "author_id": "42", "created_at": "2023-05-06T07:08:09.000Z",
                "text": "RT @pier: The crane is repaired", "lang": "en",
                "referenced_tweets": [{"type": "retweeted", "id": "2000"}],
                "public_metrics": {"like_count": 0, "retweet_count": 5},
            },
            {
                "id": "2002", "author_id": "7", "created_at": "2023-05-06T07:10:00.000Z",
                "text": "Again: https://t.co/b", "conversation_id": "1990",
                "in_reply_to_user_id": "42",
                "referenced_tweets": [{"type": "replied_to", "id": "1990"}],
                "entities": {"urls": [{"expanded_url": "https://harbour.example/crane"}]},
            },
        ],
        "includes": {
            "users": [
                {"id": "42", "username": "Harbour_News", "name": "Harbour News"},
                {"id": "7", "username": "pier", "name": "The Pier"},
            ],
            "tweets": [{"id": "2000", "author_id": "7", "text": "The crane is repaired"}],
        },
    }  # fmt: skip
    return json.dumps(page, indent=1).encode()
