"""Tables as JSON: one object a line, an array of objects, or a document that holds one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from crossfix.errors import FormatError
from crossfix.events.readers.batches import shown
from crossfix.events.readers.cells import array_of
from crossfix.events.readers.lines import LONGEST_LINE, text_of
from crossfix.events.readers.rows import WIDEST, Rows
from crossfix.events.readers.source import HEAD_BYTES, Source
from crossfix.events.readers.tally import Tally

NO_JSON = "not JSON"
NO_OBJECT = "not a JSON object"
DOCUMENT_BYTES = 256 * 1024 * 1024
DEEP = 6
LISTS = ("items", "data", "posts", "tweets", "videos", "comments", "results", "messages", "records",
         "children", "statuses", "rows", "edges")  # fmt: skip
"""Where documents keep their list of objects."""

_TOKENS = re.compile(rb'["\\{}\[\]]')
_decode = msgspec.json.Decoder().decode

Row = dict[str, object]


class JsonRows:
    """Reads objects; nested ones become columns with dotted names (``user.screen_name``)."""

    def columns(self, source: Source) -> list[str] | None:
        """Return the names that the first objects have, or None if the head is no JSON."""
        text = text_of(source.head).lstrip().replace("\0", "")
        if not text.startswith(("{", "[")):
            return None
        whole = len(source.head) < HEAD_BYTES
        first = text.encode("utf-8", "replace")
        objects = _first_objects(first, whole)
        if objects is None:
            return None
        return list(dict.fromkeys(name for found in objects for name in flat(found)))

    def rows(self, source: Source, tally: Tally, batch_rows: int) -> Iterator[Rows]:
        """Yield the objects as columns."""
        numbers: list[int] = []
        held: list[Row] = []
        for number, found in objects_of(source, tally):
            numbers.append(number)
            held.append(flat(found))
            if len(held) >= batch_rows:
                yield _columns(numbers, held)
                numbers, held = [], []
        if held:
            yield _columns(numbers, held)


def _columns(numbers: list[int], held: list[Row]) -> Rows:
    names = list(dict.fromkeys(name for row in held for name in row))[:WIDEST]
    columns = {name: array_of([row.get(name) for row in held]) for name in names}
    return Rows(np.array(numbers, np.int64), columns)


def flat(found: Row, prefix: str = "", deep: int = 0) -> Row:
    """Return an object with the objects in it spread out under dotted names."""
    row: Row = {}
    for name, value in found.items():
        name = f"{prefix}{name}"
        if isinstance(value, dict) and deep < DEEP:
            row.update(flat(value, f"{name}.", deep + 1))
        else:
            row[name] = value
        if len(row) > WIDEST:
            break
    return row


def objects_of(source: Source, tally: Tally) -> Iterator[tuple[int, Row]]:
    """Yield (line, or position in the array, from 1; object) of JSON in any of the three shapes.

    An array is split as it streams and may be of any size; a document around a list is read as a
    whole and refused above 256 MiB.
    """
    text = text_of(source.head).lstrip().replace("\0", "")
    if text.startswith("["):
        yield from _of_pieces(elements(source.text(tally)), tally)
    elif is_lines(text.encode("utf-8", "replace"), whole=len(source.head) < HEAD_BYTES):
        yield from _of_lines(source, tally)
    else:
        yield from _of_document(source, tally)


def _of_lines(source: Source, tally: Tally) -> Iterator[tuple[int, Row]]:
    for number, line in source.lines(tally):
        if line and not line.isspace():
            found = _object(line.rstrip(b", \t\x1e").lstrip(b"\x1e"), number, tally)
            if found is not None:
                yield number, found


def _of_pieces(pieces: Iterable[bytes], tally: Tally) -> Iterator[tuple[int, Row]]:
    for number, piece in enumerate(pieces, 1):
        found = _object(piece, number, tally)
        if found is not None:
            yield number, found


def _object(piece: bytes, number: int, tally: Tally) -> Row | None:
    try:
        found = _decode(piece)
    except (msgspec.DecodeError, RecursionError, ValueError):
        tally.skip(NO_JSON, number, shown(piece))
        return None
    if not isinstance(found, dict):
        tally.skip(NO_OBJECT, number, shown(piece))
        return None
    return found


def _of_document(source: Source, tally: Tally) -> Iterator[tuple[int, Row]]:
    held = bytearray()
    for piece in source.text(tally):
        held += piece
        if len(held) > DOCUMENT_BYTES:
            raise FormatError(
                "this JSON document is larger than 256 MiB",
                path=source.path,
                hint="Write it as JSON Lines: one object a line.",
            )
    try:
        document = _decode(bytes(held))
    except (msgspec.DecodeError, RecursionError, ValueError):
        start = held.find(b"[")
        if start < 0:
            tally.skip(NO_JSON, 1, shown(bytes(held[:2048])))
            return
        tally.note("the JSON document is broken off: its first list was read as far as it goes")
        yield from _of_pieces(elements([bytes(held[start:])]), tally)
        return
    found = list_in(document)
    for number, element in enumerate([document] if found is None else found, 1):
        if isinstance(element, dict):
            yield number, element
        else:
            tally.skip(NO_OBJECT, number, shown(element))


def list_in(document: object, deep: int = 0) -> list[object] | None:
    """Return the list of objects that a document carries, if it does."""
    if isinstance(document, list):
        return document if any(isinstance(e, dict) for e in document[:10]) else None
    if isinstance(document, dict) and deep < 3:
        for name in (*LISTS, *(k for k in document if k not in LISTS)):
            held = list_in(document.get(name), deep + 1) if name in document else None
            if held is not None and (name in LISTS or len(document) <= 3):
                return held
    return None


def is_lines(head: bytes, *, whole: bool) -> bool:
    """Tell whether the first lines are objects of their own."""
    lines = [line for line in head.split(b"\n") if line.strip()]
    if not whole and len(lines) < 2:
        return True  # one very long line: an object a line is the only readable guess
    for line in lines[:20]:
        try:
            found = _decode(line.rstrip(b", \r\t"))
        except (msgspec.DecodeError, RecursionError, ValueError):
            continue
        if isinstance(found, dict):
            return len(lines) > 1 or list_in(found) is None
    return False


def _first_objects(head: bytes, whole: bool) -> list[Row] | None:
    """Return the first objects of a head; an empty list if they cannot be seen yet."""
    if head.startswith(b"["):
        pieces: Iterable[bytes] = elements([head])
    elif is_lines(head, whole=whole):
        pieces = head.split(b"\n")[:200]
    else:
        try:
            found = list_in(document := _decode(head))
            held = [document] if found is None else found[:200]
            return [e for e in held if isinstance(e, dict)]
        except (msgspec.DecodeError, RecursionError, ValueError):
            start = head.find(b"[")
            pieces = elements([head[start:]]) if start >= 0 else ()
    objects = []
    for piece, _ in zip(pieces, range(200), strict=False):
        try:
            found_object = _decode(piece.strip(b", \r\t"))
        except (msgspec.DecodeError, RecursionError, ValueError):
            continue
        if isinstance(found_object, dict):
            objects.append(found_object)
    return objects


def elements(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of each object of an array, however the array is laid out.

    Only brackets, quotes and backslashes are looked at. An object above 8 MiB is dropped.
    """
    held = b""
    at = depth = 0
    start = -1
    quoted = False
    for chunk in chunks:
        held += chunk
        skip = at
        for token in _TOKENS.finditer(held, at):
            sign, where = token[0], token.start()
            if where < skip:
                continue
            if sign == b"\\":
                skip = where + 2
            elif sign == b'"':
                quoted = not quoted
            elif quoted:
                continue
            elif sign in b"{[":
                depth += 1
                if depth == 2:
                    start = where
            else:
                depth -= 1
                if depth == 1 and start >= 0:
                    yield held[start : where + 1]
                    start = -1
                elif depth <= 0:
                    return
        cut = len(held) if start < 0 else start
        if start >= 0 and len(held) - start > LONGEST_LINE:
            cut, start = len(held), -1
        at = max(len(held), skip) - cut
        held = held[cut:]
        start = start if start < 0 else 0
    if start >= 0:
        yield held
