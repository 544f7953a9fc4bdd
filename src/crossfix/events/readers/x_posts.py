"""Posts of X as its API (version 1.1) and its archives write them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from crossfix.events.event import Event
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
from crossfix.events.readers.service_events import Service

X = "x"
NO_ID = "no id"
PREFIX = re.compile(r"RT @(\w{1,30}):? ?", re.ASCII)
"""How a repost begins where only its text says that it is one."""

_CLIENT = re.compile(r">([^<]{1,200})<")


def post_of(
    tweet: Any, service: Service, owner: str | None = None, display_name: str | None = None
) -> Event:
    """Return the post, reply or repost that a tweet object is.

    ``owner`` and ``display_name`` say who posted where the tweet itself does not (in an archive).
    The target of a repost is the original post (``x:id``) as far as the tweet names it; archives
    do so only for posts with media, so what reposts in them share is the text without ``RT @x:``.
    """
    native = first(tweet, "id_str", "id")
    author = first(tweet, "user.id_str", "user.id", "user.screen_name") or owner
    if native is None:
        raise RefusedError(NO_ID)
    original = member(tweet, "retweeted_status")
    text = _text(original) if isinstance(original, dict) else _text(tweet)
    prefix = PREFIX.match(text or "")
    reposts = isinstance(original, dict) or prefix is not None
    replied = first(tweet, "in_reply_to_status_id_str", "in_reply_to_status_id")
    handle = string(tweet, "user", "screen_name")
    source = original if isinstance(original, dict) else tweet
    repeated = string(original, "user", "screen_name") or (prefix.group(1) if prefix else None)
    return service.event(
        native,
        author,
        "repost" if reposts else "reply" if replied else "post",
        instant(tweet, "created_at"),
        conversation=ident(tweet, "conversation_id_str"),
        text=text[prefix.end() :] if text and prefix else text,
        language=_language(tweet),
        urls=_urls(source),
        hashtags=_hashtags(source),
        mentions=tuple(map(service.of, _mentions(source, repeated))),
        media=tuple(map(service.of, _media(source))),
        target=service.maybe(_target(tweet, original, reposts)),
        parent=None if reposts else service.id(replied),
        attributes=some(
            display_name=string(tweet, "user", "name") or display_name,
            bio=string(tweet, "user", "description"),
            created=_iso(instant(tweet, "user", "created_at")),
            followers=count(tweet, "user", "followers_count"),
            url=f"https://x.com/{handle or 'i'}/status/{native}",
            client=_client(string(tweet, "source")),
            reposted_account=service.maybe(repeated and repeated.lower()),
            likes=count(tweet, "favorite_count"),
            reposts=count(tweet, "retweet_count"),
        ),
    )


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _text(tweet: Any) -> str | None:
    return (
        string(tweet, "extended_tweet", "full_text")
        or string(tweet, "full_text")
        or string(tweet, "text")
    )


def _language(tweet: Any) -> str | None:
    language = string(tweet, "lang")
    return None if language in (None, "und", "zxx") else language


def _client(source: str | None) -> str | None:
    """Return the application's name out of the link that X wraps it in."""
    if source is None:
        return None
    found = _CLIENT.search(source[:2000])
    return found.group(1) if found else source[:200]


def _entities(tweet: Any, kind: str) -> list[Any]:
    return members(tweet, "extended_tweet", "entities", kind) or members(tweet, "entities", kind)


def _urls(tweet: Any) -> tuple[str, ...]:
    found = (string(url, "expanded_url") or string(url, "url") for url in _entities(tweet, "urls"))
    return tuple(dict.fromkeys(url for url in found if url))


def _hashtags(tweet: Any) -> tuple[str, ...]:
    found = (string(tag, "text") for tag in _entities(tweet, "hashtags"))
    return tuple(dict.fromkeys(tag.lower() for tag in found if tag))


def _mentions(tweet: Any, repeated: str | None) -> tuple[str, ...]:
    """Return who is mentioned; that a repost names its author is no mention."""
    found = (string(each, "screen_name") for each in _entities(tweet, "user_mentions"))
    names = dict.fromkeys(name.lower() for name in found if name)
    names.pop((repeated or "").lower(), None)
    return tuple(names)


def _pictures(tweet: Any) -> list[Any]:
    return members(tweet, "extended_entities", "media") or _entities(tweet, "media")


def _media(tweet: Any) -> tuple[str, ...]:
    found = (first(m, "id_str", "id") for m in _pictures(tweet))
    return tuple(dict.fromkeys(native for native in found if native))


def _target(tweet: Any, original: Any, reposts: bool) -> str | None:
    if not reposts:
        replied = first(tweet, "in_reply_to_user_id_str", "in_reply_to_user_id")
        return replied or string(tweet, "in_reply_to_screen_name")
    return first(original, "id_str", "id") or next(
        filter(None, (first(m, "source_status_id_str") for m in _pictures(tweet))), None
    )
