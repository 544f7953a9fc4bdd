"""The four columns of CooRTweet: who shared which object when, in which post."""

from __future__ import annotations

import pyarrow.compute as pc

from crossfix.events.readers import cells
from crossfix.events.readers.columns import Layout
from crossfix.events.readers.examples import parquet
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.tables import TableReader

_FOUR = ("object_id", "account_id", "content_id", "timestamp_share")
_EXAMPLE = (
    b"object_id,account_id,content_id,timestamp_share\n"
    b"https://example.org/a,anna,p1,1709287200\n"
    b"https://example.org/a,bo,p2,1709287204\n"
    b"https://example.org/b,bo,p2,1709287204\n"
    b"https://example.org/a,cy,p3,1709287210\n"
)


class CooRTweet(TableReader):
    """Shares of objects; each row is a repost of its object.

    A post that shares two objects has two rows, so that the id of an event is made from both.
    """

    name = "coortweet"
    layout = Layout(
        "coortweet",
        marks=(frozenset(_FOUR),),
        fields={
            "id": ("share",),
            "account": ("account_id",),
            "time": ("timestamp_share",),
            "repost_of": ("object_id",),
            "conversation": ("content_id",),
        },
    )

    def prepared(self, rows: Rows) -> Rows:
        """Return the rows with an id for each pair of post and object."""
        if not {"content_id", "object_id"} <= rows.columns.keys():
            return rows
        content = cells.native(rows.columns["content_id"])
        share = pc.binary_join_element_wise(content, cells.native(rows.columns["object_id"]), "/")
        return Rows(rows.numbers, {"share": share, **rows.columns})

    def examples(self) -> list[tuple[str, bytes]]:
        """Return four shares as text and as Parquet."""
        return [("shares.csv", _EXAMPLE), ("shares.parquet", parquet(_EXAMPLE))]
