"""CSV and NDJSON that 4CAT (Capture and Analysis Toolkit) exports."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa

from crossfix.events.readers import cells
from crossfix.events.readers.columns import Layout
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader

_EXAMPLE = (
    b"id,thread_id,timestamp,unix_timestamp,link,subject,body,author,author_fullname,author_id,"
    b"author_followers,source,language_guess,possibly_sensitive,retweet_count,reply_count,"
    b"like_count,quote_count,is_retweet,retweeted_user,is_quote_tweet,quoted_user,is_reply,"
    b"replied_user,hashtags,urls,images,videos,mentions,long_lat,place_name\n"
    b"11,11,2024-03-01 10:00:00,1709287200,https://twitter.com/anna/status/11,,Vote now! #election,"
    b"anna,Anna A.,901,12,Web,en,no,1,0,2,0,no,,no,,no,,election,https://example.org/a,,,,,\n"
    b"12,12,2024-03-01 10:00:04,1709287204,https://twitter.com/bo/status/12,,RT @anna: Vote now!,"
    b"bo,Bo,902,3,Web,en,no,1,0,0,0,yes,anna,no,,no,,,,,,anna,,\n"
    b"13,11,2024-03-01 11:30:00,1709292600,https://twitter.com/dee/status/13,,@anna really?,"
    b"dee,Dee,903,7,Web,en,no,0,0,0,0,no,,no,,yes,anna,,,,,anna,,\n"
)
_TIKTOK = (
    b"collected_from_url,id,thread_id,author,author_full,author_followers,author_likes,"
    b"author_videos,author_avatar,body,timestamp,unix_timestamp,is_duet,is_ad,music_name,music_id,"
    b"music_url,music_thumbnail,music_author,video_url,tiktok_url,thumbnail_url,likes,comments,"
    b"shares,plays,hashtags,challenges,diversification_labels,location_created,stickers,effects,"
    b"warning\n"
    b",71,71,anna,Anna A.,12,0,3,,Vote now! #election,2024-03-01 10:00:00,1709287200,no,no,,,,,,,"
    b"https://www.tiktok.com/@anna/video/71,,4,0,1,50,election,,,,,,\n"
)


class FourCat(TableReader):
    """What 4CAT writes for any of its data sources: ``id, thread_id, author, body, timestamp``."""

    name = "4cat"
    layout: ClassVar[Layout] = Layout(
        "4cat",
        marks=(frozenset({"id", "thread_id", "author", "body", "timestamp", "unix_timestamp"}),
               frozenset({"id", "thread_id", "author", "body", "unix_timestamp"}),
               frozenset({"id", "thread_id", "author", "body", "timestamp", "subject"})),
        fields={
            "id": ("id",), "account": ("author_id", "author"), "text": ("body",),
            "time": ("unix_timestamp", "timestamp"), "conversation": ("thread_id",),
            "parent": ("reply_to_tweet_id", "reply_to_id", "parent_id", "reply_to"),
            "reply_to": ("replied_user", "replied_author"),
            "urls": ("urls", "shared_url", "link_url", "url_original"),
            "platform": ("service",),
            "attributes.display_name": ("author_fullname", "author_full", "author_name", "author"),
            "attributes.url": ("link", "tiktok_url", "post_url", "url"),
            "attributes.reposts": ("retweet_count", "shares", "amount_shares"),
        },
    )  # fmt: skip

    def prepared(self, rows: Rows) -> Rows:
        """Return the rows with the service that the posts' own addresses show."""
        for name in ("link", "tiktok_url", "post_url", "url"):
            if name in rows.columns and "service" not in rows.columns:
                hosts = _services(rows.columns[name])
                if hosts.null_count < len(hosts):
                    return Rows(rows.numbers, {"service": hosts, **rows.columns})
        return rows

    def examples(self) -> list[tuple[str, bytes]]:
        """Return posts of two services as 4CAT writes them."""
        return [("4cat-twitter.csv", _EXAMPLE), ("4cat-tiktok.csv", _TIKTOK)]


_HOSTS = {
    "twitter.com": "x", "x.com": "x", "tiktok.com": "tiktok", "instagram.com": "instagram",
    "facebook.com": "facebook", "t.me": "telegram", "reddit.com": "reddit", "bsky.app": "bluesky",
    "youtube.com": "youtube", "linkedin.com": "linkedin", "gab.com": "gab", "imgur.com": "imgur",
    "boards.4chan.org": "4chan", "threads.net": "threads", "9gag.com": "9gag",
    "pinterest.com": "pinterest", "douyin.com": "douyin", "vk.com": "vk", "truthsocial.com":
    "truthsocial", "threads.com": "threads", "parler.com": "parler", "bitchute.com": "bitchute",
}  # fmt: skip


def _services(addresses: pa.Array) -> pa.Array:
    made = []
    for address in cells.text_of(addresses).to_pylist():
        host = (address or "").partition("://")[2].partition("/")[0].lower()
        made.append(_HOSTS.get(host.removeprefix("www.")))
    return pa.array(made, pa.string())
