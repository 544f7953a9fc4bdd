"""The records of a JSON file, whether one a line, in one array, or in an array inside an object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from crossfix.events.event import Event
from crossfix.events.readers.batches import batches, shown
from crossfix.events.readers.json_fields import RefusedError, decoded
from crossfix.events.readers.json_items import Path, json_items, top_level_names
from crossfix.events.readers.lines import LONGEST_LINE
from crossfix.events.readers.reader import ReadOptions
from crossfix.events.readers.source import HEAD_BYTES, Source
from crossfix.events.readers.tally import Tally

_SAMPLE = 5
LONGEST_RECORD = 64 * 1024 * 1024
"""Bytes of one line that holds a page of records, or of a document that is one record."""


def paths_of(head: bytes, within: Sequence[Path]) -> list[Path] | None:
    """Return where the records of a document stand, or None for one record a line.

    ``within`` are the places inside a root object where this format keeps its records.
    """
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start.startswith(b"{"):
        return [("*",)]
    names = top_level_names(start)
    if inside := [path for path in within if path[0] in names]:
        return inside
    line, newline, _ = start.partition(b"\n")
    if newline or len(head) < HEAD_BYTES:
        try:
            decoded(line)
        except RefusedError:
            return [()]
    return None


def records(
    source: Source, tally: Tally, *, within: Sequence[Path] = (), max_record: int = LONGEST_LINE
) -> Iterator[tuple[int, Path, Any]]:
    """Yield (number from 1, path, value) for each record; what is no JSON is refused."""
    paths = paths_of(source.head, within)
    if paths is None:
        for number, line in source.lines(tally, max_bytes=max_record):
            if line.strip():
                yield from _one(line, number, (), tally)
        return
    for item in json_items(source.chunks(tally), paths, max_item=max_record):
        if item.fault:
            tally.skip(item.fault, item.number, shown(item.raw))
        else:
            yield from _one(item.raw, item.number, item.path, tally)


def _one(raw: bytes, number: int, path: Path, tally: Tally) -> Iterator[tuple[int, Path, Any]]:
    try:
        value = decoded(raw)
    except RefusedError as refused:
        tally.skip(refused.message, number, shown(raw))
    else:
        yield number, path, value


def events_of_each(
    rows: Iterable[tuple[int, Any]],
    make: Callable[[Any], Iterable[Event]],
    tally: Tally,
) -> Iterator[tuple[int, Event]]:
    """Yield the events that ``make`` finds in each row; a `RefusedError` costs that row."""
    for number, row in rows:
        try:
            for event in make(row):
                yield number, event
        except RefusedError as refused:
            tally.skip(refused.message, number, shown(row))


def record_batches(
    source: Source,
    options: ReadOptions,
    tally: Tally,
    make: Callable[[Any], Iterable[Event]],
    *,
    within: Sequence[Path] = (),
    max_record: int = LONGEST_LINE,
) -> Iterator[pa.RecordBatch]:
    """Yield the events that ``make`` finds in each record of a file, as batches."""
    found = records(source, tally, within=within, max_record=max_record)
    rows = ((number, value) for number, _, value in found)
    yield from batches(events_of_each(rows, make, tally), options, tally)


def sample(source: Source, within: Sequence[Path] = ()) -> list[Any]:
    """Return the first whole records that the head of a file shows, five at most."""
    head = source.head
    paths = paths_of(head, within)
    found: list[Any] = []
    if paths is None:
        raws: Iterable[bytes] = (line for line in head.split(b"\n") if line.strip())
    else:
        raws = (item.raw for item in json_items([head], paths) if not item.fault)
    for raw in raws:
        try:
            found.append(decoded(raw.lstrip(b"\xef\xbb\xbf")))
        except RefusedError:
            continue
        if len(found) == _SAMPLE:
            break
    return found


def share(values: Sequence[Any], fits: Callable[[Any], bool]) -> float:
    """Return the share of values that fit, 0 where there are none."""
    return sum(map(fits, values)) / len(values) if values else 0.0
