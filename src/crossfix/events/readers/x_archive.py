"""The archive that X gives to an account's owner: a zip or folder of JavaScript files."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from crossfix.errors import CrossfixError
from crossfix.events.event import Event
from crossfix.events.readers.batches import batches
from crossfix.events.readers.json_fields import (
    RefusedError,
    ident,
    instant,
    member,
    some,
    string,
)
from crossfix.events.readers.json_records import events_of_each, records
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.x_posts import X, post_of

_POSTS = re.compile(r"(deleted-)?tweets?(-part\d+)?\.js")
_READ = ("like.js", "account.js", "profile.js")
_PICTURE_BYTES = 16 * 1024 * 1024
_ASSIGNMENT = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*window\.YTD\.(\w{1,40})\.part")


@dataclass(frozen=True)
class _Owner:
    """Whose archive it is, as account.js and profile.js say."""

    account: str | None = None
    display_name: str | None = None
    signup: Event | None = None


class XArchive(Reader):
    """Reads ``tweets.js`` and its parts, the deleted ones, and who the owner is.

    One folder of the zip or directory that holds an account.js is one archive. Likes are refused:
    an archive does not say when they were given.
    """

    name = "x-archive"

    def recognises(self, source: Source) -> float:
        """Return 1 for a file that assigns ``window.YTD``, .95 for an archive that holds one."""
        if source.directory or source.zipped:
            try:
                paths = [file.path.lower() for file in source.members()]
            except CrossfixError:
                return 0.0
            return 0.95 if any(_POSTS.fullmatch(name) for name in at_the_top(paths)) else 0.0
        return 1.0 if _ASSIGNMENT.match(source.head) else 0.0

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield the events of every archive inside; the service is ``--service``, else ``x``."""
        service = Service.chosen(options, X, "social")
        yield from batches(self._events(source, service, tally), options, tally)

    def _events(
        self, source: Source, service: Service, tally: Tally
    ) -> Iterator[tuple[int, Event]]:
        for folder in _folders(source):
            rest = [name for name in folder if not _POSTS.fullmatch(name) and name not in _READ]
            if rest:
                tally.note("of an archive only posts, likes, account and profile are read")
            owner = _owner_of(folder, service, tally)
            if owner.signup:
                yield 1, owner.signup
            for name, file in folder.items():
                if not _POSTS.fullmatch(name) and name != "like.js":
                    continue
                try:
                    yield from _posts_in(file, owner, service, tally)
                except CrossfixError as damaged:
                    tally.skip("part of the archive cannot be read", 1, str(damaged))

    def examples(self) -> list[tuple[str, bytes]]:
        """Return one archive with an account, a profile, a post, a reply and a repost."""
        return [("twitter-2024-01-02.zip", _example())]


def at_the_top(paths: list[str]) -> set[str]:
    """Return the names of the files that stand in the outermost folder, or its folder ``data``.

    An archive among other things is not the whole of what was given: what stands deeper is left
    to be read file by file.
    """
    parents = [PurePosixPath(path).parent.parts for path in paths]
    if not parents:
        return set()
    shared = 0
    while all(len(p) > shared and p[shared] == parents[0][shared] for p in parents):
        shared += 1
    return {
        PurePosixPath(path).name
        for path, parent in zip(paths, parents, strict=True)
        if parent[shared:] in ((), ("data",))
    }


def _folders(source: Source) -> Iterable[dict[str, Source]]:
    """Return the files of each archive by name; a file on disk has its neighbours' account."""
    folders: dict[str, dict[str, Source]] = {}
    if source.directory or source.zipped:
        for file in source.members():
            parent, name = str(PurePosixPath(file.path).parent), file.name
            if "profile_media" in parent:
                parent, name = str(PurePosixPath(parent).parent), f"profile_media/{name}"
            folders.setdefault(parent, {})[name] = file
        return folders.values()
    found = _ASSIGNMENT.match(source.head)
    kind = found.group(1).decode().replace("_", "-") if found else "tweets"
    folder = {f"{kind}.js": source}
    for name in ("account.js", "profile.js"):
        beside = Path(source.path).with_name(name)
        if name not in folder and beside.is_file():
            folder[name] = Source.of(beside)
    return [folder]


def _owner_of(folder: dict[str, Source], service: Service, tally: Tally) -> _Owner:
    account = _only(folder.get("account.js"), "account", tally)
    native = ident(account, "accountId") or ident(account, "username")
    if native is None:
        if any(map(_POSTS.fullmatch, folder)):
            tally.note("there is no readable account.js beside the posts: whose are they?")
        return _Owner()
    display_name, made = string(account, "accountDisplayName"), instant(account, "createdAt")
    if made is None:
        return _Owner(native, display_name)
    profile = _only(folder.get("profile.js"), "profile", tally)
    email = string(account, "email")
    signup = service.event(
        f"account:{native}",
        native,
        "signup",
        made,
        attributes=some(
            display_name=display_name,
            bio=string(profile, "description", "bio"),
            avatar=_avatar(folder, string(profile, "avatarMediaUrl")),
            created=made.isoformat(),
            client=string(account, "createdVia"),
            email_domain=email.rpartition("@")[2].lower() if email else None,
            url=f"https://x.com/{string(account, 'username') or 'i/user/' + native}",
        ),
    )
    return _Owner(native, display_name, signup)


def _only(file: Source | None, key: str, tally: Tally) -> Any:
    """Return the one object in account.js or profile.js, or None."""
    if file is None:
        return None
    try:
        return next((member(value, key) for _, _, value in records(file, tally)), None)
    except CrossfixError as damaged:
        tally.skip("part of the archive cannot be read", 1, str(damaged))
        return None


def _avatar(folder: dict[str, Source], address: str | None) -> str | None:
    """Return the hash of the owner's picture where the archive holds it."""
    name = PurePosixPath(address or "").name.lower()
    for file_name, file in folder.items():
        if name and file_name.startswith("profile_media/") and file_name.endswith(f"-{name}"):
            return _hash_of(file)
    return None


def _hash_of(picture: Source) -> str | None:
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in picture.chunks():
            digest.update(chunk)
            size += len(chunk)
            if size > _PICTURE_BYTES:
                return None
    except CrossfixError:
        return None
    return f"sha256:{digest.hexdigest()}"


def _posts_in(
    file: Source, owner: _Owner, service: Service, tally: Tally
) -> Iterator[tuple[int, Event]]:
    rows = ((number, value) for number, _, value in records(file, tally))
    yield from events_of_each(rows, lambda value: _events_of(value, owner, service), tally)


def _events_of(value: Any, owner: _Owner, service: Service) -> Iterator[Event]:
    if member(value, "like") is not None:
        raise RefusedError("like has no time")
    tweet = member(value, "tweet")
    # Archives of before 2019 hold the posts themselves.
    post = post_of(value if tweet is None else tweet, service, owner.account, owner.display_name)
    yield post
    if member(tweet, "deleted_at") is None:
        return
    native = ident(tweet, "id_str") or ident(tweet, "id")
    yield service.event(
        f"delete:{native}",
        owner.account,
        "delete",
        instant(tweet, "deleted_at"),
        target=service.maybe(native),
    )


def _example() -> bytes:
    account = {
        "accountId": "42", "username": "Harbour_News", "accountDisplayName": "Harbour News",
        "createdAt": "2021-03-04T05:06:07.000Z", "email": "desk@harbour.example",
        "createdVia": "web",
    }  # fmt: skip
    profile = {"description": {"bio": "News from the harbour"}, "avatarMediaUrl": ""}
    said = {
        "id_str": "1001", "created_at": "Wed Oct 10 20:19:24 +0000 2018", "lang": "en",
        "full_text": "The ferry is late again https://t.co/a #harbour", "favorite_count": "3",
        "retweet_count": "1", "source": '<a href="https://x.com">X Web App</a>',
        "entities": {
            "urls": [{"url": "https://t.co/a", "expanded_url": "https://harbour.example/ferry"}],
            "hashtags": [{"text": "Harbour"}], "user_mentions": [],
        },
    }  # fmt: skip
    reply = {
        "id_str": "1002", "created_at": "Wed Oct 10 20:21:00 +0000 2018", "full_text": "@pier why?",
        "in_reply_to_status_id_str": "900", "in_reply_to_user_id_str": "7",
        "entities": {"user_mentions": [{"screen_name": "pier", "id_str": "7"}]},
    }  # fmt: skip
    repost = {
        "id_str": "1003", "created_at": "Wed Oct 10 20:25:00 +0000 2018",
        "full_text": "RT @pier: The crane is repaired",
        "extended_entities": {"media": [{"id_str": "55", "source_status_id_str": "901"}]},
    }  # fmt: skip
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, key, values in (
            ("account", "account", [account]),
            ("profile", "profile", [profile]),
            ("tweets", "tweet", [said, reply, repost]),
        ):
            content = json.dumps([{key: value} for value in values], indent=2)
            info = zipfile.ZipInfo(f"data/{name}.js", (2024, 1, 2, 0, 0, 0))
            archive.writestr(info, f"window.YTD.{name}.part0 = {content}")
    return held.getvalue()
