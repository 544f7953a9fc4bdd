"""Tables as text between commas, tabs, semicolons or bars (CSV, TSV)."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import count

import numpy as np
import pyarrow as pa

from crossfix.errors import FormatError
from crossfix.events.readers.batches import shown
from crossfix.events.readers.lines import LONGEST_LINE, text_of
from crossfix.events.readers.rows import WIDEST, Rows
from crossfix.events.readers.source import HEAD_BYTES, Source
from crossfix.events.readers.tally import Tally

DELIMITERS = ",\t;|"
ROW_LINES = 2_000
"""A quoted value that runs over more lines has an end quote missing."""
AGAIN_BYTES = 256 * 1024 * 1024
"""How much is read again, in all, to get over quotes that never end."""

_SPREADSHEETS_OWN = re.compile(r'"?sep=.?"?[,;\t|]*')
"""A first line that tells a spreadsheet what the delimiter is; it is no header."""

_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")

Line = tuple[int, str]


class Delimited:
    """Reads delimited text: the delimiter is the one that makes the most of the first lines."""

    def columns(self, source: Source) -> list[str] | None:
        """Return the header, or None if the head does not look like such a table."""
        head = source.head
        if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
            head = head.replace(b"\0", b"")
        text = text_of(head)
        if source.zipped or text.lstrip()[:1] in ("{", "[", "<", "") or binary(text):
            return None
        return sniffed(text, whole=len(source.head) < HEAD_BYTES)[1]

    def rows(self, source: Source, tally: Tally, batch_rows: int) -> Iterator[Rows]:
        """Yield the rows as columns of text; empty cells are null."""
        delimiter, header = sniffed(text_of(source.head), whole=True)
        if header is None:
            raise FormatError("this is no table: its first line has no columns", path=source.path)
        if len(header) > WIDEST:
            raise FormatError(f"the table has more than {WIDEST:,} columns", path=source.path)
        if delimiter != ",":
            name = {"\t": "tabs", ";": "semicolons", "|": "bars"}[delimiter]
            tally.note(f"columns are separated by {name}")
        lines = (
            (number, text)
            for number, text in ((number, line.decode()) for number, line in source.lines(tally))
            if number > 1 or not _SPREADSHEETS_OWN.fullmatch(text)
        )
        names = distinct(header)
        numbers: list[int] = []
        held: list[list[str]] = []
        for number, row in records(lines, delimiter, len(header), tally):
            if row == header:
                if number > 1 and held:
                    tally.skip("header repeated", number, shown(row))
                continue
            numbers.append(number)
            held.append(row)
            if len(held) >= batch_rows:
                yield _columns(names, numbers, held)
                numbers, held = [], []
        if held:
            yield _columns(names, numbers, held)


def _columns(names: list[str], numbers: list[int], held: list[list[str]]) -> Rows:
    columns = {
        name: pa.array([value or None for value in values], pa.string())
        for name, values in zip(names, zip(*held, strict=True), strict=True)
    }
    return Rows(np.array(numbers, np.int64), columns)


def sniffed(head: str, *, whole: bool) -> tuple[str, list[str] | None]:
    """Return the delimiter and the header that the first lines of a file show.

    The delimiter is the one under which most of the first lines have as many columns as the first,
    and at least two.
    """
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not whole and len(lines) > 1:
        lines.pop()
    if _SPREADSHEETS_OWN.fullmatch(lines[0]):
        del lines[0]
    lines = [line for line in lines if line.strip()][:50]
    best: tuple[float, int, str, list[str]] | None = None
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        agree = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        rank = (round(agree, 1), len(rows[0]), delimiter, rows[0])
        if best is None or rank[:2] > best[:2]:
            best = rank
    if best is None or sum(map(bool, best[3])) < 2:
        return ",", None
    return best[2], [name.strip() for name in best[3]]


def binary(text: str) -> bool:
    """Tell whether more than one character in fifty is a control character."""
    return len(_CONTROLS.findall(text)) > len(text) // 50


def distinct(header: list[str]) -> list[str]:
    """Return column names that differ: a second ``a`` becomes ``a (2)``."""
    held = {name or f"column {index}" for index, name in enumerate(header, 1)}
    names: list[str] = []
    for index, name in enumerate(header, 1):
        name = name or f"column {index}"
        if name in names:
            number = next(n for n in count(2) if f"{name} ({n})" not in held)
            name = f"{name} ({number})"
            held.add(name)
        names.append(name)
    return names


class _EndlessError(Exception):
    """A quoted value that does not end."""


class _Feed:
    """Hands lines to the csv module and remembers those of the row under way."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self.again: deque[Line] = deque()
        self.row: list[Line] = []
        self._size = 0
        self.ended = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.row) >= ROW_LINES or self._size > LONGEST_LINE:
            raise _EndlessError
        line = self.again.popleft() if self.again else next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.row.append(line)
        self._size += len(line[1])
        return line[1] + "\n"

    def begin(self) -> None:
        self.row, self._size = [], 0


def records(
    lines: Iterable[Line], delimiter: str, width: int, tally: Tally
) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of its first line, cells) of each row that has as many cells as the header.

    A stray quote opens a value that swallows the rows behind it. Such a row, recognised by its
    length or its number of cells, costs only its own first line: the rest is read again.
    """
    csv.field_size_limit(2 * LONGEST_LINE)
    feed = _Feed(lines)
    # Strict: text behind an end quote shows that the quote was not the end, but another stray one.
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    spent = 0
    while True:
        feed.begin()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (_EndlessError, csv.Error):
            row = _loosely(feed.row[0][1], delimiter) if len(feed.row) == 1 else []
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        taken = feed.row
        if len(row) > width and not any(row[width:]):
            row = row[:width]  # spreadsheets put commas behind the last column
        if len(row) == width:
            yield taken[0][0], row
            continue
        if not row and len(taken) == 1 and not taken[0][1].strip():
            continue
        spent += sum(len(text) for _, text in taken[1:])
        tally.skip("wrong number of columns", taken[0][0], taken[0][1][:2048])
        if spent <= AGAIN_BYTES:
            feed.again.extendleft(reversed(taken[1:]))
        else:
            yield from _alone(taken[1:], delimiter, width, tally)


def _alone(
    lines: list[Line], delimiter: str, width: int, tally: Tally
) -> Iterator[tuple[int, list[str]]]:
    """Read lines each for itself, where too much was read again already."""
    for number, text in lines:
        row = _loosely(text, delimiter)
        if len(row) == width:
            yield number, row
        elif text.strip():
            tally.skip("wrong number of columns", number, text[:2048])


def _loosely(text: str, delimiter: str) -> list[str]:
    """Return the cells of one line, however its quotes stand; none if that is not possible."""
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []
