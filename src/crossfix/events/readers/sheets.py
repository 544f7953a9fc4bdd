"""Tables in the sheets of an Excel or OpenDocument file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from crossfix.errors import FormatError
from crossfix.events.readers.cells import array_of
from crossfix.events.readers.columns import FIELDS, NEEDED, normal
from crossfix.events.readers.compression import BROKEN_ZIP
from crossfix.events.readers.delimited import distinct
from crossfix.events.readers.rows import WIDEST, Rows
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

if TYPE_CHECKING:
    import python_calamine as calamine

INFLATED_BYTES = 1024**3
"""A workbook is inflated as a whole: one that says to be larger is refused."""
_SHEET_MARKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


_NAMES = {needed: frozenset(FIELDS[needed]) for needed in NEEDED}
_HEAD = 20
"""Rows of a sheet, title and notes among them, in which its header is looked for."""


class Sheets:
    """Reads spreadsheets; a workbook is read as a whole, so its size is bounded.

    The table is the first of which a header names accounts and times; where none does, the first
    sheet that has rows, from its first row on.
    """

    def columns(self, source: Source) -> list[str] | None:
        """Return the header of the table, if the file is a workbook."""
        if not source.zipped or not self._is_workbook(source):
            return None
        try:
            for _, row in self._table(source, None):
                return distinct([str(cell).strip() for cell in row])
        except FormatError:
            pass
        return []

    def rows(self, source: Source, tally: Tally, batch_rows: int) -> Iterator[Rows]:
        """Yield the rows below the header."""
        header: list[str] | None = None
        numbers: list[int] = []
        held: list[list[Any]] = []
        for number, row in self._table(source, tally):
            if header is None:
                header = distinct([str(cell).strip() for cell in row])
                if len(header) > WIDEST:
                    raise FormatError(f"more than {WIDEST:,} columns", path=source.path)
                continue
            if all(cell == "" for cell in row):
                continue
            numbers.append(number)
            held.append(row)
            if len(held) >= batch_rows:
                yield _columns(header, numbers, held)
                numbers, held = [], []
        if held and header:
            yield _columns(header, numbers, held)

    def _is_workbook(self, source: Source) -> bool:
        try:
            with zipfile.ZipFile(source.seekable()) as archive:
                return any(mark in archive.namelist() for mark in _SHEET_MARKS)
        except BROKEN_ZIP:
            return source.name.endswith((".xlsx", ".xlsb", ".ods"))

    def _table(self, source: Source, tally: Tally | None) -> Iterator[tuple[int, list[Any]]]:
        """Yield the rows of the table from its header on, each with its number in the sheet."""
        import python_calamine as calamine

        with source.seekable() as file:
            _check_size(file, source.path)
            try:
                book = calamine.CalamineWorkbook.from_filelike(file)
                name, header = _chosen(book)
                if name is None:
                    return
                if tally is not None and (len(book.sheet_names) > 1 or header > 1):
                    tally.note(f"the sheet {name[:60]!r} was read, its header in row {header}")
                rows = book.get_sheet_by_name(name).iter_rows()
                yield from islice(enumerate(rows, 1), header - 1, None)
            except (calamine.CalamineError, OSError, ValueError) as broken:
                said = str(broken).split("\n", 1)[0][:200]
                raise FormatError(f"the workbook is damaged ({said})", path=source.path) from None
            except BaseException as broken:
                # The Rust code below panics on some damaged files; its panic is no Exception.
                if type(broken).__name__ != "PanicException":
                    raise
                raise FormatError("the workbook is damaged", path=source.path) from None


def _chosen(book: calamine.CalamineWorkbook) -> tuple[str | None, int]:
    """Return the sheet with the table, and the number of the row that is its header."""
    first: str | None = None
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if not sheet.height:
            continue
        first = name if first is None else first
        for number, row in enumerate(islice(sheet.iter_rows(), _HEAD), 1):
            named = {normal(cell) for cell in row if isinstance(cell, str)}
            if all(named & _NAMES[needed] for needed in NEEDED):
                return name, number
    return first, 1


def _check_size(file: BinaryIO, path: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except BROKEN_ZIP as broken:
        raise FormatError(f"the workbook is damaged ({broken})", path=path) from None
    if size > INFLATED_BYTES:
        raise FormatError("the workbook inflates to more than 1 GiB", path=path,
                          hint="Save it as CSV.")  # fmt: skip
    file.seek(0)


def _columns(header: list[str], numbers: list[int], held: list[list[Any]]) -> Rows:
    columns = {}
    for index, name in enumerate(header):
        values = [row[index] if index < len(row) else None for row in held]
        columns[name] = array_of([None if value == "" else value for value in values])
    return Rows(np.array(numbers, np.int64), columns)
