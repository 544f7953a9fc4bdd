"""Facebook and Instagram posts as the Meta Content Library and CrowdTangle export them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.readers import cells
from crossfix.events.readers.columns import Layout, normal
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader

_LIBRARY = (
    b"id,content_type,creation_time,modified_time,lang,text,mcl_url,multimedia,hashtags,"
    b"link_attachment.link,link_attachment.name,match_type,post_owner.type,post_owner.id,"
    b"post_owner.name,post_owner.username,surface.type,surface.id,surface.name,shared_post_id,"
    b"statistics.like_count,statistics.comment_count,statistics.share_count,statistics.views\n"
    b"501,links,2024-03-01T10:00:00+00:00,2024-03-01T10:00:00+00:00,en,Vote now!,"
    b"https://www.facebook.com/501,[],election,https://example.org/a,A page,POST_TEXT,"
    b"facebook_page,901,Anna's page,annas,facebook_page,901,Anna's page,,4,0,1,100\n"
    b"502,status,2024-03-01T10:00:04+00:00,2024-03-01T10:00:04+00:00,en,So true,"
    b"https://www.facebook.com/502,[],,,,POST_TEXT,facebook_page,902,Bo's page,bos,facebook_page,"
    b"902,Bo's page,501,0,0,0,10\n"
)
_CROWDTANGLE = (
    b"Page Name,User Name,Facebook Id,Page Category,Page Created,Likes at Posting,"
    b"Followers at Posting,Post Created,Type,Total Interactions,Likes,Comments,Shares,URL,Message,"
    b"Link,Final Link\n"
    b"Anna's page,annas,901,MEDIA,2015-01-01 00:00:00,10,12,2024-03-01 10:00:00 UTC,Link,5,4,0,1,"
    b"https://www.facebook.com/901/posts/501,Vote now!,https://bit.example/x,"
    b"https://example.org/a\n"
)


class MetaLibrary(TableReader):
    """Posts of pages, groups, profiles and Instagram accounts, with the owner as the account."""

    name = "meta"
    layout = Layout(
        "meta",
        service="facebook",
        marks=(
            frozenset({"id", "creation_time", "post_owner_id"}),
            frozenset({"id", "creation_time", "mcl_url"}),
            frozenset({"post_created", "url", "facebook_id"}),
            frozenset({"post_created", "url", "user_name", "followers_at_posting"}),
        ),
        fields={
            "id": ("id", "post_id", "url"),
            "account": ("post_owner_id", "owner_id", "facebook_id", "user_name", "account"),
            "time": ("creation_time", "post_created"),
            "text": ("text", "message", "description"),
            "action": (),
            "repost_of": ("shared_post_id",),
            "urls": ("link_attachment_link", "final_link", "link"),
            "platform": ("service",),
            "conversation": ("surface_id",),
            "attributes.display_name": ("post_owner_name", "page_name", "group_name", "account"),
            "attributes.url": ("mcl_url", "url"),
            "attributes.likes": ("statistics_like_count", "likes"),
            "attributes.reposts": ("statistics_share_count", "shares"),
        },
    )

    def prepared(self, rows: Rows) -> Rows:
        """Return the rows with the service that each owner's type or address shows."""
        for name, column in rows.columns.items():
            if normal(name) in ("post_owner_type", "url"):
                text = pc.utf8_lower(cells.text_of(column))
                instagram = pc.fill_null(pc.match_substring(text, "instagram"), False)
                service = pc.if_else(instagram, "instagram", "facebook").cast(pa.string())
                return Rows(rows.numbers, {"service": service, **rows.columns})
        return rows

    def examples(self) -> list[tuple[str, bytes]]:
        """Return posts of pages from both tools."""
        return [("mcl.csv", _LIBRARY), ("crowdtangle.csv", _CROWDTANGLE)]
