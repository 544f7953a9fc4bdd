"""Videos and comments as YouTube's Data API returns them and YouTube Data Tools writes them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.readers import cells
from crossfix.events.readers.columns import Layout
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader

_TOOLS_COMMENTS = (
    b"id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,authorChannelUrl,"
    b"isReply,isReplyTo,isReplyToName\n"
    b"c1,1,4,2024-03-01 10:00:00,Anna,Vote now! #election,UC01,http://www.youtube.com/@anna,0,,\n"
    b"c1.r1,0,0,2024-03-01 10:00:04,Bo,So true,UC02,http://www.youtube.com/@bo,1,c1,Anna\n"
)
_TOOLS_VIDEOS = (
    b"position,channelId,channelTitle,videoId,publishedAt,publishedAtSQL,videoTitle,"
    b"videoDescription,tags,videoCategoryId,duration,viewCount,likeCount,commentCount\n"
    b"1,UC01,Anna,v1,2024-03-01T10:00:00Z,2024-03-01 10:00:00,The vote,"
    b"See https://example.org/a,election,25,PT1M,100,4,2\n"
)
_API = (
    b'{"kind": "youtube#commentThreadListResponse", "items": [{"kind": "youtube#commentThread",'
    b' "id": "c1", "snippet": {"videoId": "v1", "topLevelComment": {"id": "c1", "snippet":'
    b' {"textOriginal": "Vote now! #election", "authorDisplayName": "@anna", "authorChannelId":'
    b' {"value": "UC01"}, "likeCount": 4, "publishedAt": "2024-03-01T10:00:00Z"}}}},'
    b' {"kind": "youtube#comment", "id": "c1.r1", "snippet": {"parentId": "c1", "videoId": "v1",'
    b' "textOriginal": "So true", "authorDisplayName": "@bo", "authorChannelId": {"value": "UC02"},'
    b' "likeCount": 0, "publishedAt": "2024-03-01T10:00:04Z"}}]}'
)
_TOP = "snippet.topLevelComment.snippet."


class YouTube(TableReader):
    """A video is a post of its channel, a comment a reply of its author."""

    name = "youtube"
    layout = Layout(
        "youtube",
        service="youtube",
        marks=(
            frozenset({"id", "published_at", "author_channel_id", "text"}),
            frozenset({"channel_id", "video_id", "published_at", "video_title"}),
            frozenset({"id", "snippet_published_at", "snippet_channel_id"}),
            frozenset({"id", "snippet_published_at", "snippet_author_channel_id_value"}),
            frozenset({"id", "snippet_top_level_comment_snippet_published_at"}),
        ),
        fields={
            "id": ("video_id", "id_video_id", "id"),
            "account": ("author_channel_id", "snippet_author_channel_id_value",
                        "snippet_channel_id", "channel_id"),
            "time": ("published_at", "snippet_published_at"),
            "text": ("text", "snippet_text_original", "snippet_text_display",
                     "snippet_description", "video_description"),
            "parent": ("is_reply_to", "snippet_parent_id"),
            "conversation": ("snippet_video_id",), "reply_to": ("answered",), "action": (),
            "platform": (), "hashtags": (), "urls": (),
            "attributes.display_name": ("author_name", "snippet_author_display_name",
                                        "snippet_channel_title", "channel_title"),
            "attributes.subject": ("video_title", "snippet_title"),
            "attributes.url": ("author_channel_url",),
            "attributes.likes": ("like_count", "snippet_like_count", "statistics_like_count"),
        },
    )  # fmt: skip

    def prepared(self, rows: Rows) -> Rows:
        """Return the rows with a thread's first comment in the place of a comment."""
        columns = dict(rows.columns)
        for name in [name for name in columns if name.startswith(_TOP)]:
            into = "snippet." + name.removeprefix(_TOP)
            first = cells.text_of(columns.pop(name))
            known = columns.get(into)
            columns[into] = first if known is None else pc.coalesce(first, cells.text_of(known))
        video = columns.get("snippet.videoId")
        if video is not None and "snippet.parentId" not in columns:
            columns["snippet.parentId"] = video
        elif video is not None:
            parent = cells.text_of(columns["snippet.parentId"])
            columns["snippet.parentId"] = pc.coalesce(parent, cells.text_of(video)).cast(
                pa.string()
            )
        return Rows(rows.numbers, columns)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return comments and videos from the tools and the API."""
        return [("comments.csv", _TOOLS_COMMENTS), ("videolist.csv", _TOOLS_VIDEOS),
                ("threads.json", _API)]  # fmt: skip
