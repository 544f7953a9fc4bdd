"""The body of an ingest request, opened and cut into rows, within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from crossfix.events.readers.json_fields import RefusedError, decoded

MOST_ROWS = 50_000
"""Rows of one request."""

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines")


class UnreadableError(Exception):
    """A body as a whole cannot be read: the HTTP status that says so, and why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def opened(body: bytes, encoding: str, most: int) -> bytes:
    """Return a body as it was before it was compressed, if it is no longer than ``most``.

    Raises:
        UnreadableError: it is longer, cut, or compressed in another way than gzip or deflate.
    """
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableError(415, "Compress with gzip, or not at all.")
    opening = zlib.decompressobj(47)  # gzip and zlib alike
    try:
        plain = opening.decompress(body, most + 1)
    except zlib.error:
        raise UnreadableError(400, "The body is not what its content-encoding says.") from None
    if len(plain) > most:
        raise UnreadableError(413, f"The body is longer than {most:,} bytes when it is opened.")
    if not opening.eof:
        raise UnreadableError(400, "The compressed body is cut.")
    return plain


def rows(body: bytes, kind: str, headers: Mapping[str, str]) -> Iterator[tuple[Any, str | None]]:
    """Yield (row, why it is none) of a body of JSON in any of the forms that are taken.

    Raises:
        UnreadableError: the body as a whole is none of them, or has too many rows.
    """
    if "ce-specversion" in headers:
        yield binary_event(body, kind, headers), None
        return
    if kind in LINES:
        yield from _lines(body)
        return
    try:
        value = decoded(body)
    except RefusedError as refused:
        if b"\n" not in body.strip():
            raise UnreadableError(400, f"The body is {refused.message}.") from None
        yield from _lines(body)
        return
    listed = value if isinstance(value, list) else [value]
    if len(listed) > MOST_ROWS:
        raise UnreadableError(413, f"One request may have {MOST_ROWS:,} rows.")
    for row in listed:
        yield row, None


def _lines(body: bytes) -> Iterator[tuple[Any, str | None]]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > MOST_ROWS:
        raise UnreadableError(413, f"One request may have {MOST_ROWS:,} rows.")
    for line in lines:
        try:
            yield decoded(line), None
        except RefusedError as refused:
            yield None, refused.message


def binary_event(body: bytes, kind: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return a CloudEvent in binary mode, attributes in headers, as its JSON form has it.

    Raises:
        UnreadableError: its data is neither JSON nor text.
    """
    event: dict[str, Any] = {
        name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")
    }
    if not body:
        return event
    if kind.startswith("text/"):
        return event | {"data": body.decode("utf-8", "replace")}
    if kind and "json" not in kind:
        raise UnreadableError(415, "The data of a CloudEvent must be JSON or text.")
    try:
        return event | {"data": decoded(body)}
    except RefusedError as refused:
        raise UnreadableError(400, f"The data is {refused.message}.") from None
