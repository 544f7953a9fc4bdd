"""Videos and comments as TikTok's Research API returns them."""

from __future__ import annotations

from crossfix.events.readers.columns import Layout
from crossfix.events.readers.tables import TableReader

_API = (
    b'{"data": {"videos": [{"id": 7301, "username": "anna", "create_time": 1709287200,'
    b' "video_description": "Vote now! #election", "hashtag_names": ["election"],'
    b' "region_code": "DE", "like_count": 4, "share_count": 1, "view_count": 50,'
    b' "music_id": 68, "voice_to_text": ""}, {"id": 7302, "username": "bo",'
    b' "create_time": 1709287204, "video_description": "Vote!", "hashtag_names": [],'
    b' "region_code": "DE", "like_count": 0, "share_count": 0, "view_count": 5}],'
    b' "cursor": 2, "has_more": false}, "error": {"code": "ok"}}'
)
_TABLE = (
    b"video_id,author_name,view_count,comment_count,share_count,like_count,region_code,create_time,"
    b"effect_ids,music_id,video_description,hashtag_names,voice_to_text,video_url\n"
    b"7301,anna,50,0,1,4,DE,2024-03-01 10:00:00,,68,Vote now! #election,election,,"
    b"https://www.tiktok.com/@anna/video/7301\n"
)


class TikTok(TableReader):
    """Videos by the name of their account; comments on them are replies."""

    name = "tiktok"
    layout = Layout(
        "tiktok",
        service="tiktok",
        marks=(
            frozenset({"id", "create_time", "video_description", "region_code"}),
            frozenset({"video_id", "create_time", "video_description"}),
            frozenset({"id", "create_time", "video_id", "parent_comment_id"}),
        ),
        fields={
            "id": ("id", "video_id"),
            "account": ("username", "author_name"),
            "time": ("create_time",),
            "text": ("video_description", "text"),
            "parent": ("parent_comment_id",),
            "conversation": ("video_id",),
            "hashtags": ("hashtag_names",),
            "platform": (),
            "attributes.url": ("video_url",),
            "attributes.reposts": ("share_count",),
        },
    )

    def examples(self) -> list[tuple[str, bytes]]:
        """Return videos as the API answers and as a table made of it."""
        return [("videos.json", _API), ("videos.csv", _TABLE)]
