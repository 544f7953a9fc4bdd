"""Which column of a table is which field of an event, by the names that tools and people use."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.errors import ColumnError, SettingError
from crossfix.events.attributes import RESERVED

FIELDS: dict[str, tuple[str, ...]] = {
    "id": (
        "post_id", "tweet_id", "tweetid", "status_id", "message_id", "comment_id", "video_id",
        "id_str", "content_id", "item_id", "note_id", "event_id", "twitter_id", "tweet_id_str",
        "postid", "id", "uri", "uuid", "guid",
    ),
    "account": (
        "account", "account_id", "user_id_str", "user_id", "userid", "author_id", "from_user_id",
        "from_id", "sender_id", "external_author_id", "user_id_str", "owner_id", "creator_id",
        "poster_id", "channel_id", "page_id", "profile_id", "actor_id", "author_did", "did",
        "user_screen_name", "screen_name", "user_username", "author_username", "username",
        "user_name", "from_user_name", "handle", "author", "user", "account_name", "from",
        "from_address", "from_email", "mail_from", "sender_email", "sender_address", "sender",
        "actor", "poster", "creator", "owner", "source_user", "user_acct", "acct",
        "from_user", "author_handle", "author_name", "nickname",
    ),
    "time": (
        "created_at", "timestamp", "created_utc", "time", "datetime", "date_time", "post_created",
        "created", "created_time", "creation_time", "create_time", "published_at", "published",
        "publish_date", "publish_time", "published_time", "publication_date", "posted_at",
        "post_date", "post_time", "posted", "date_posted", "tweet_time", "tweet_date",
        "tweet_created_at", "timestamp_utc", "utc_timestamp", "unix_timestamp", "timestamp_ms",
        "timestamp_share", "epoch", "date_utc", "utc", "date", "event_time", "sent_at", "sent",
        "date_created", "created_date", "upload_date", "taken_at_timestamp", "taken_at", "ts",
    ),
    "text": (
        "text", "full_text", "content", "body", "message", "tweet_text", "tweet", "post_text",
        "post", "caption", "description", "selftext", "comment", "comment_text", "status_text",
        "tweet_content", "message_text", "raw_text", "raw_content", "video_description", "desc",
        "text_original", "text_display", "msg",
    ),
    "action": ("action", "post_type", "tweet_type", "activity", "interaction_type", "event_type"),
    "is_repost": (
        "is_retweet", "is_repost", "is_rt", "retweet", "rt", "is_share", "isretweet", "is_reblog",
        "is_forward",
    ),
    "repost_of": (
        "retweeted_status_id_str", "retweeted_status_id", "retweet_tweetid", "retweeted_id",
        "retweet_id", "retweeted_tweet_id", "reposted_id", "repost_of", "retweet_of",
        "shared_post_id", "reblog_id", "crosspost_parent", "retweet_status_id",
    ),
    "reposted_account": (
        "retweeted_user", "retweet_userid", "retweeted_status_user_id_str", "retweeted_user_id",
        "retweeted_status_user_screen_name", "retweet_user_id", "retweeted_author",
        "retweet_screen_name",
    ),
    "parent": (
        "in_reply_to_status_id_str", "in_reply_to_status_id", "in_reply_to_tweetid",
        "in_reply_to_tweet_id", "in_reply_to_id", "reply_to_id", "reply_to_tweet_id",
        "reply_to_tweet", "reply_to_status_id", "parent_id", "reply_to_message_id",
        "parent_comment_id", "reply_to_uri", "is_reply_to", "replied_to_id", "in_reply_to",
    ),
    "reply_to": (
        "in_reply_to_user_id_str", "in_reply_to_user_id", "in_reply_to_userid", "replied_user",
        "in_reply_to_screen_name", "reply_to_user", "reply_to_user_id", "reply_to_account",
        "replied_to_user", "replied_author", "replied_to_handle", "in_reply_to_account_id",
    ),
    "conversation": (
        "conversation_id", "conversation_id_str", "thread_id", "conversation", "link_id", "thread",
    ),
    "language": ("lang", "language", "tweet_language", "language_guess", "post_lang",
                 "language_code"),
    "urls": (
        "urls", "expanded_urls", "links", "entities_urls", "url_list", "expanded_url",
        "shared_url", "shared_urls", "linked_url", "external_url", "final_link", "outlinks",
        "link_attachment_link", "links_expanded", "urls_expanded", "article_url", "outlink",
    ),
    "hashtags": ("hashtags", "entities_hashtags", "hashtag_names", "hashtag", "hash_tags"),
    "mentions": (
        "mentions", "user_mentions", "entities_user_mentions", "entities_mentions", "usertags",
        "mentioned_users", "mentioned", "mention",
    ),
    "media": ("media_hashes", "media_hash", "phash", "image_hash", "image_hashes", "media_md5"),
    "platform": ("platform", "service", "source_platform", "network", "site", "social_network"),
}  # fmt: skip
"""Event field -> normalised column names, the surest first."""

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "display_name": (
        "display_name", "user_display_name", "author_fullname", "full_name", "user_real_name",
        "from_user_realname", "author_display_name", "user_display", "page_name", "group_name",
        "nick_name", "channel_title", "channel_name", "name", "user_full_name", "author_name",
        "user_screen_name", "screen_name", "username", "author",
    ),
    "followers": (
        "followers", "followers_count", "follower_count", "user_followers_count", "n_followers",
        "author_followers", "user_followers", "followers_at_posting", "page_followers",
        "from_user_followercount", "subscriber_count",
    ),
    "bio": ("bio", "user_description", "user_profile_description", "author_bio", "profile_bio",
            "page_description"),
    "created": (
        "user_created_at", "account_creation_date", "account_created_at", "account_created",
        "user_created", "author_created_at", "author_created_utc", "from_user_created_at",
    ),
    "avatar": ("avatar_hash", "avatar_phash"),
    "url": (
        "permalink", "post_url", "tweet_url", "status_url", "permalink_url", "mcl_url",
        "permanent_url", "tiktok_url", "video_url", "url", "link",
    ),
    "likes": (
        "likes", "like_count", "favorite_count", "favourite_count", "likes_count", "num_likes",
        "statistics_like_count", "favorites", "score", "ups", "digg_count",
    ),
    "reposts": (
        "reposts", "retweet_count", "share_count", "shares", "retweets", "repost_count",
        "statistics_share_count", "reshares", "forwards", "num_crossposts",
    ),
    "client": ("client", "tweet_client_name", "source_client", "source_app", "source"),
    "subject": ("subject", "title", "video_title", "post_title"),
}  # fmt: skip
"""Attribute -> normalised column names; any other reserved attribute is the column of its name."""

NEEDED = ("account", "time")
_POST_ADDRESS = ("url", "link")
LEAST_SHARED, LEAST_SHARE = 3, 0.005
"""How many addresses several accounts give, and which share of all, where they are no posts'."""


def normal(name: str) -> str:
    """Return a column name in one spelling: ``createdAt``, ``Created At`` -> ``created_at``."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", snake.lower()).strip("_")


@dataclass(frozen=True)
class Layout:
    """The columns of one tool's export.

    Attributes:
        service: the service when the file does not say it.
        marks: normalised column names, all of which must be there (one set of several) for the
            export to be recognised.
        fields: event field or ``attributes.NAME`` -> normalised names, asked before the usual ones;
            an empty tuple means that no column is this field.
    """

    name: str
    service: str | None = None
    marks: tuple[frozenset[str], ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fits(self, columns: Iterable[str]) -> bool:
        """Tell whether a table with these columns is such an export."""
        names = {normal(column) for column in columns}
        return any(mark <= names for mark in self.marks)


POSTS = Layout("posts")
"""Posts as anybody writes them down."""


def assign(
    columns: Iterable[str], layout: Layout, said: Mapping[str, str], path: str
) -> dict[str, str]:
    """Return field (or ``attributes.NAME``) -> column of this table.

    What the person said (``--map``) wins, then the layout's names, then the usual ones.

    Raises:
        SettingError: ``--map`` names a field that events do not have.
        ColumnError: ``--map`` names a column that the table lacks.
    """
    held = list(columns)
    found = _said(held, said, path)
    by_name = {normal(column): column for column in reversed(held)}
    taken = set(found.values())
    wanted = {**FIELDS, **{f"attributes.{k}": v for k, v in ATTRIBUTES.items()}}
    wanted |= {f"attributes.{n}": (n,) for n in RESERVED if n not in ATTRIBUTES and n != "native"}
    wanted |= {name: () for name in layout.fields if name not in wanted}
    for name, usual in wanted.items():
        own = layout.fields.get(name)
        names = usual if own is None else own
        for candidate in names if name not in found else ():
            column = by_name.get(candidate)
            if column is not None and column not in taken:
                found[name] = column
                taken.add(column)
                break
    if "id" not in found and "text" in found and by_name.get("post", found["text"]) not in taken:
        found["id"] = by_name["post"]  # a post's text has another column here
    return _links_of_textless(found)


def _links_of_textless(found: dict[str, str]) -> dict[str, str]:
    """Where there is no text, the address in a row is what was shared, not the post's own."""
    address = found.get("attributes.url")
    if address and normal(address) in _POST_ADDRESS and not {"text", "urls"} & found.keys():
        found["urls"] = found.pop("attributes.url")
    return found


def links_of_many(found: dict[str, str], urls: pa.Array, accounts: pa.Array) -> bool:
    """Take the address in each row for a link where several accounts give the same; say whether.

    Nobody else has the address of a post, but a column ``url`` or ``link`` often holds what it
    links to. The rows are the first of a table.
    """
    address = found.get("attributes.url")
    if not address or normal(address) not in _POST_ADDRESS or "urls" in found:
        return False
    rows = pa.table({"url": urls, "account": accounts}).drop_null()
    pairs = rows.group_by(["url", "account"]).aggregate([])
    by_url = pairs.group_by("url").aggregate([("account", "count")])["account_count"]
    shared = pc.sum(pc.greater(by_url, 1)).as_py() or 0
    if shared < LEAST_SHARED or shared < LEAST_SHARE * len(by_url):
        return False
    found["urls"] = found.pop("attributes.url")
    return True


def _said(columns: list[str], said: Mapping[str, str], path: str) -> dict[str, str]:
    found = {}
    known = [*FIELDS, "attributes.NAME"]
    for name, column in said.items():
        if name not in FIELDS and not re.fullmatch(r"attributes\.\w+", name):
            close = difflib.get_close_matches(name, known, 1)
            raise SettingError(
                f"--map: events have no field {name!r}",
                hint=f"Did you mean {close[0]!r}?" if close else f"Fields: {', '.join(known)}",
            )
        if column not in columns:
            close = difflib.get_close_matches(column, columns, 1)
            raise ColumnError(
                f"there is no column {column!r} (--map {name}={column})",
                path=path,
                hint=f"Did you mean {close[0]!r}?" if close else f"Columns: {listed(columns)}",
            )
        found[name] = column
    return found


def missing(found: Mapping[str, str], columns: Iterable[str], path: str) -> ColumnError | None:
    """Return the error that says which needed columns a table lacks, or None."""
    absent = [name for name in NEEDED if name not in found]
    if not absent:
        return None
    held = list(columns)
    hints = []
    for name in absent:
        free = [column for column in held if column not in found.values()]
        names = {normal(column): column for column in free}
        close = [
            c for usual in FIELDS[name] for c in difflib.get_close_matches(usual, names, 1, 0.75)
        ]
        guess = names[close[0]] if close else "COLUMN"
        asks = f" Did you mean {guess!r}?" if close else ""
        hints.append(f"Name it: --map {name}={guess}.{asks}")
    return ColumnError(
        f"no column is recognised as the {' or the '.join(absent)}; columns seen: {listed(held)}",
        path=path,
        hint="\n".join(hints),
    )


def listed(columns: Iterable[str], most: int = 40) -> str:
    """Return column names for a message, the first forty of them."""
    names = [column[:60] for column in columns]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
