"""Posts as anybody writes them down: CSV, JSON Lines, Parquet, a spreadsheet."""

from __future__ import annotations

from typing import ClassVar

from crossfix.errors import FormatError
from crossfix.events.readers import tables
from crossfix.events.readers.columns import NEEDED, POSTS, assign
from crossfix.events.readers.examples import POSTS_CSV, POSTS_JSONL, parquet, workbook
from crossfix.events.readers.rows import Carrier
from crossfix.events.readers.source import Source
from crossfix.events.readers.tables import TableReader, table_in


class _Posts(TableReader):
    """Any table of one kind; its columns are recognised by their names."""

    layout = POSTS
    carrier: ClassVar[Carrier]

    def recognises(self, source: Source) -> float:
        """Return half a certainty if the columns are known, less if ``--map`` has to tell."""
        table = table_in(source)
        if table is None or table[0] is not self.carrier:
            return 0.0
        found = assign(table[1], POSTS, {}, source.path)
        return 0.5 if all(name in found for name in NEEDED) else 0.35

    def _carrier(self, source: Source) -> Carrier:
        table = table_in(source)
        if table is None or table[0] is not self.carrier:
            raise FormatError(f"this is no {self.name} file with columns", path=source.path)
        return self.carrier


class CsvPosts(_Posts):
    """Posts between commas, tabs, semicolons or bars, with a header."""

    name = "csv"
    carrier = tables.DELIMITED

    def examples(self) -> list[tuple[str, bytes]]:
        """Return the same posts in three notations."""
        tabs = POSTS_CSV.replace(b",", b"\t").replace(b'"', b"")
        return [("posts.csv", POSTS_CSV), ("posts.tsv", tabs)]


class JsonPosts(_Posts):
    """Posts as JSON: an object a line, or an array of objects."""

    name = "jsonl"
    carrier = tables.JSON

    def examples(self) -> list[tuple[str, bytes]]:
        """Return the same posts as lines and as an array."""
        array = b"[" + b",\n".join(POSTS_JSONL.splitlines()) + b"]"
        return [("posts.jsonl", POSTS_JSONL), ("posts.json", array)]


class ParquetPosts(_Posts):
    """Posts as Parquet."""

    name = "parquet"
    carrier = tables.PARQUET

    def examples(self) -> list[tuple[str, bytes]]:
        """Return posts as one row group."""
        return [("posts.parquet", parquet(POSTS_CSV))]


class SheetPosts(_Posts):
    """Posts in a sheet of a workbook."""

    name = "xlsx"
    carrier = tables.SHEETS

    def examples(self) -> list[tuple[str, bytes]]:
        """Return posts as a workbook."""
        return [("posts.xlsx", workbook(POSTS_CSV))]
