"""Tables of traces: one row for each link, hashtag or picture of a post."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.errors import FormatError
from crossfix.events.readers import cells
from crossfix.events.readers.columns import Layout
from crossfix.events.readers.examples import parquet
from crossfix.events.readers.reader import ReadOptions
from crossfix.events.readers.rows import Rows
from crossfix.events.readers.source import Source
from crossfix.events.readers.tables import TableReader
from crossfix.events.readers.tally import Tally

ROWS = 50_000_000
"""Rows of one post may stand anywhere, so the table is held; a longer one is cut with a note."""
HEAD = ("account", "platform", "timestamp")
NO_OBJECT = "no object"

_LISTS = {
    "url": "urls", "link": "urls", "hashtag": "hashtags", "mention": "mentions",
    "phash": "media", "image": "media", "media": "media", "image_hash": "media", "video": "media",
}  # fmt: skip
_EXAMPLE = (
    b"post,account,platform,timestamp,kind,object\n"
    b"p1,anna,fb,2024-03-01 10:00:00,url,https://example.org/a\n"
    b"p2,bo,tw,2024-03-01 10:00:04,url,https://example.org/a\n"
    b"p1,anna,fb,2024-03-01 10:00:00,hashtag,vote\n"
    b"p2,bo,tw,2024-03-01 10:00:04,phash,e1f0c8aa\n"
    b"p3,cy,tw,2024-03-01 10:00:09,domain,example.org\n"
)


class TraceTable(TableReader):
    """Traces that somebody extracted already; the rows of one post become one event.

    Links, hashtags, mentions and media go to the lists of those names; objects of every other kind,
    and links given as opaque ids, to the attribute ``trace:<kind>``, separated by spaces.
    """

    name = "traces"
    sure = 0.92
    layout = Layout(
        "traces",
        marks=(frozenset({"post", "account", "timestamp", "kind", "object"}),),
        fields={
            "id": ("post",), "account": ("account",), "time": ("timestamp",), "text": (),
            "urls": ("urls",), "hashtags": ("hashtags",), "mentions": ("mentions",),
            "media": ("media",), "attributes.traces": ("traces",), "action": (),
        },
    )  # fmt: skip

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield one event a post."""
        for batch in super().read(source, options, tally):
            yield _spread(batch)

    def gathered(self, parts: Iterator[Rows], tally: Tally, batch_rows: int) -> Iterator[Rows]:
        """Return one row a post, in the order of their first rows."""
        held: list[pa.Table] = []
        count = 0
        for part in parts:
            rows = _named(part)
            if rows is None:
                raise FormatError("this is no table of traces: post, kind and object are needed")
            count += len(rows)
            if count > ROWS:
                tally.note(f"only the first {ROWS:,} rows were read")
                break
            held.append(_table(rows, tally))
        if held:
            yield from _posts(pa.concat_tables(held), batch_rows)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return traces of three posts as text and as Parquet."""
        return [("traces.csv", _EXAMPLE), ("traces.parquet", parquet(_EXAMPLE))]


def _named(rows: Rows) -> Rows | None:
    """Return the rows with lower-case column names; None if a needed one is absent."""
    columns = {name.strip().lower(): column for name, column in rows.columns.items()}
    return Rows(rows.numbers, columns) if {"post", "kind", "object"} <= columns.keys() else None


def _table(rows: Rows, tally: Tally) -> pa.Table:
    """Return the rows that name an object, as text; post ids are of one account and platform."""
    columns = {name: cells.native(rows.columns[name]) for name in ("post", "kind", "object")}
    for name in HEAD:
        column = rows.columns.get(name)
        columns[name] = pa.nulls(len(rows), pa.string()) if column is None else _said(name, column)
    empty = np.asarray(pc.or_(pc.is_null(columns["object"]), pc.is_null(columns["kind"])))
    for index in np.flatnonzero(empty).tolist():
        tally.skip(NO_OBJECT, int(rows.numbers[index]), rows.show(index))
    table = pa.table({"number": pa.array(rows.numbers), **columns})
    return table.filter(pa.array(~empty))


def _said(name: str, column: pa.Array) -> pa.Array:
    if name == "timestamp" and pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us")).cast(pa.string())
    return cells.native(column)


def _posts(table: pa.Table, batch_rows: int) -> Iterator[Rows]:
    keys = [name for name in ("post", *HEAD) if table[name].null_count < len(table)]
    whole = table.group_by(keys, use_threads=False).aggregate(
        [("number", "min"), ("kind", "list"), ("object", "list")]
    )
    whole = whole.sort_by("number_min").combine_chunks()
    for batch in whole.to_batches(max_chunksize=batch_rows):
        columns = {name: batch[name] for name in keys}
        kinds, objects = batch["kind_list"].to_pylist(), batch["object_list"].to_pylist()
        columns |= _lists(kinds, objects)
        yield Rows(batch["number_min"].to_numpy(zero_copy_only=False), columns)


def _lists(kinds: list[list[str]], objects: list[list[str]]) -> dict[str, pa.Array]:
    lists: dict[str, list[list[str]]] = {name: [] for name in dict.fromkeys(_LISTS.values())}
    others: list[str | None] = []
    for post_kinds, post_objects in zip(kinds, objects, strict=True):
        of: dict[str, list[str]] = {}
        other: dict[str, list[str]] = {}
        for kind, value in zip(post_kinds, post_objects, strict=True):
            name = _LISTS.get(kind.lower())
            if name == "urls" and not _is_address(value):
                name = None
            into = (
                other.setdefault(kind.lower()[:60], []) if name is None else of.setdefault(name, [])
            )
            if value not in into and len(into) < cells.MOST:
                into.append(value)
        for name, column in lists.items():
            column.append(of.get(name, []))
        others.append(msgspec.json.encode(other).decode() if other else None)
    made = {name: pa.array(column, pa.list_(pa.string())) for name, column in lists.items()}
    return {**made, "traces": pa.array(others, pa.string())}


def _is_address(value: str) -> bool:
    """Tell an address from an opaque id: published tables often carry hashes instead of links."""
    return "://" in value or "." in value


def _spread(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Replace the attribute ``traces`` by one attribute for each kind in it."""
    rows = []
    for attributes in batch["attributes"].to_pylist():
        kept = [(name, value) for name, value in attributes if name != "traces"]
        for name, value in attributes:
            if name == "traces":
                found = msgspec.json.decode(value)
                kept += [(f"trace:{kind}", " ".join(of)) for kind, of in found.items()]
        rows.append(kept)
    index = batch.schema.get_field_index("attributes")
    field = batch.schema.field(index)
    return batch.set_column(index, field, pa.array(rows, field.type))
