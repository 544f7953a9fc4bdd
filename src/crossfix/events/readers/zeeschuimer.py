"""NDJSON that the browser extension Zeeschuimer captures and 4CAT imports."""

from __future__ import annotations

import pyarrow.compute as pc

from crossfix.events.readers import cells
from crossfix.events.readers.columns import Layout, normal
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader

_EXAMPLE = (
    b'{"nav_index": "1:1", "item_id": "7301", "timestamp_collected": 1709290000000,'
    b' "source_platform": "tiktok.com", "source_platform_url": "https://www.tiktok.com/",'
    b' "source_url": "https://www.tiktok.com/tag/election", "user_agent": "Browser", "data": {'
    b'"id": "7301", "desc": "Vote now! #election", "createTime": 1709287200, "author":'
    b' {"id": "901", "uniqueId": "anna", "nickname": "Anna A."},'
    b' "stats": {"diggCount": 4, "shareCount": 1}, "challenges":'
    b' [{"id": "1", "title": "election"}]}}\n'
    b'{"nav_index": "1:1", "item_id": "12", "timestamp_collected": 1709290000000,'
    b' "source_platform": "twitter.com", "source_url": "https://x.com/bo", "data": {'
    b'"rest_id": "12", "legacy": {"full_text": "RT @anna: Vote now!", "user_id_str": "902",'
    b' "created_at": "Fri Mar 01 10:00:04 +0000 2024", "lang": "en",'
    b' "entities": {"hashtags": [], "urls": []}}}}\n'
)


_WHERE = {
    "id": ("item_id",),
    "account": ("data_author_id", "data_legacy_user_id_str", "data_user_id", "data_user_pk",
                "data_owner_id", "data_user_rest_id", "data_author_unique_id",
                "data_user_username"),
    "time": ("data_create_time", "data_legacy_created_at", "data_taken_at",
             "data_taken_at_timestamp", "data_created_at"),
    "text": ("data_desc", "data_legacy_full_text", "data_caption_text", "data_text"),
    "language": ("data_legacy_lang",),
    "hashtags": ("data_challenges", "data_legacy_entities_hashtags"),
    "urls": ("data_legacy_entities_urls",),
    "mentions": ("data_legacy_entities_user_mentions",),
    "parent": ("data_legacy_in_reply_to_status_id_str",),
    "reply_to": ("data_legacy_in_reply_to_screen_name",),
    "conversation": ("data_legacy_conversation_id_str",),
    "attributes.display_name": ("data_author_nickname", "data_user_full_name",
                                "data_author_unique_id", "data_user_username"),
    "attributes.followers": ("data_author_stats_follower_count",),
    "attributes.likes": ("data_stats_digg_count", "data_legacy_favorite_count"),
    "attributes.reposts": ("data_stats_share_count", "data_legacy_retweet_count"),
}  # fmt: skip
"""Field -> where the services keep it: TikTok, X and Instagram."""


class Zeeschuimer(TableReader):
    """Items seen in a browser; ``source_platform`` is the service, ``data`` what it sent."""

    name = "zeeschuimer"
    sure = 0.97
    layout = Layout(
        "zeeschuimer",
        marks=(frozenset({"item_id", "source_platform", "timestamp_collected"}),),
        fields={
            **{name: (normal(name),) for name in _WHERE},
            "platform": ("source_platform",),
            "attributes.url": (),
            "attributes.user_agent": (),
        },
    )

    def prepared(self, rows: Rows) -> Rows:
        """Return the rows with each field from wherever the item's own service keeps it."""
        by_name = {normal(name): column for name, column in rows.columns.items()}
        found = dict(rows.columns)
        for field, names in _WHERE.items():
            held = [cells.text_of(by_name[name]) for name in names if name in by_name]
            if held:
                found[field] = pc.coalesce(*held)
        return Rows(rows.numbers, found)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return one item of each of two services."""
        return [("zeeschuimer.ndjson", _EXAMPLE)]
