"""Reddit's submissions and comments: Pushshift and Arctic Shift dumps, tables made with PRAW."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.readers import cells
from crossfix.events.readers.columns import Layout
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader

_DUMP = (
    b'{"id": "p1", "name": "t3_p1", "author": "anna", "author_fullname": "t2_a", "created_utc":'
    b' 1709287200, "title": "Vote now!", "selftext": "", "subreddit": "election", "is_self": false,'
    b' "url": "https://example.org/a", "permalink": "/r/election/comments/p1/", "score": 4}\n'
    b'{"id": "c1", "author": "bo", "author_fullname": "t2_b", "created_utc": "1709287204",'
    b' "body": "So true", "subreddit": "election", "link_id": "t3_p1", "parent_id": "t3_p1",'
    b' "permalink": "/r/election/comments/p1/_/c1/", "score": 1}\n'
)
_TABLE = (
    b"id,author,created_utc,subreddit,title,selftext,url,permalink,score,num_comments\n"
    b"p1,anna,1709287200.0,election,Vote now!,,https://example.org/a,/r/election/comments/p1/,4,1\n"
    b"p2,[deleted],1709287300.0,election,Gone,[removed],https://www.reddit.com/r/e/comments/p2/,"
    b"/r/e/comments/p2/,0,0\n"
)


class Reddit(TableReader):
    """Submissions are posts, comments replies, crossposts reposts; ids are Reddit's full names."""

    name = "reddit"
    layout = Layout(
        "reddit",
        service="reddit",
        marks=(
            frozenset({"id", "author", "created_utc", "subreddit"}),
            frozenset({"id", "author", "created_utc", "permalink"}),
            frozenset({"id", "author", "created_utc", "link_id"}),
        ),
        fields={
            "id": ("full_name",), "account": ("author",), "time": ("created_utc",),
            "text": ("said",), "parent": ("parent_id",), "conversation": ("link_id",),
            "repost_of": ("crosspost_parent",), "urls": ("shared",), "platform": (),
            "attributes.display_name": (), "attributes.created": ("author_created_utc",),
            "attributes.subject": ("title",), "attributes.url": ("permalink",),
            "attributes.likes": ("score",), "attributes.reposts": ("num_crossposts",),
        },
    )  # fmt: skip

    def prepared(self, rows: Rows) -> Rows:
        """Return the rows with full names, title and text as one, and links of other sites only."""
        titles, bodies = _text(rows, "title"), _text(rows, "body")
        texts = pc.coalesce(bodies, _text(rows, "selftext"))
        texts = pc.if_else(pc.is_in(texts, pa.array(["[deleted]", "[removed]"])), None, texts)
        said = pc.coalesce(pc.binary_join_element_wise(titles, texts, "\n"), titles, texts)
        kinds = pc.if_else(pc.is_valid(titles), "t3_", "t1_")
        made = pc.binary_join_element_wise(kinds, _text(rows, "id"), "")
        full = pc.if_else(pc.match_substring_regex(_text(rows, "id"), "^t[0-9]_"),
                          _text(rows, "id"), made)  # fmt: skip
        names = _text(rows, "name")
        named = pc.fill_null(pc.match_substring_regex(names, "^t[0-9]_"), False)
        url = _text(rows, "url")
        own = pc.match_substring_regex(url, r"^(https?://([a-z]+\.)?reddit\.com)?/r/")
        added = {
            "full_name": pc.if_else(named, names, full),
            "said": pc.if_else(pc.equal(said, ""), None, said),
            "shared": pc.if_else(pc.fill_null(own, True), None, url),
        }
        return Rows(rows.numbers, {**added, **rows.columns})

    def examples(self) -> list[tuple[str, bytes]]:
        """Return a dump and a table, with an account that was deleted."""
        return [("RC_2024-03.ndjson", _DUMP), ("submissions.csv", _TABLE)]


def _text(rows: Rows, name: str) -> pa.Array:
    column = rows.columns.get(name)
    if column is None:
        return pa.nulls(len(rows), pa.string())
    text = cells.text_of(column)
    return pc.if_else(pc.fill_null(pc.equal(text, ""), True), pa.scalar(None, pa.string()), text)
