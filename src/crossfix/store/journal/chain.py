"""The chain of a journal: each entry's hash covers the entry and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from crossfix.errors import IntegrityError

START = "0" * 64
"""What stands for the hash before the first entry."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = tuple[int, str, str]
"""An entry as it is stored: number from 1, body, hash."""


@dataclass(frozen=True)
class Entry:
    """One thing that somebody did: ``who``, ``when`` (UTC), ``what``, ``why``, and details.

    ``details`` is plain data that JSON can hold.
    """

    number: int
    who: str
    when: datetime
    what: str
    why: str
    hash: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """The last entry of a journal at some time.

    Kept elsewhere, it shows whether the journal was cut off or written anew since.
    """

    number: int
    hash: str


@dataclass(frozen=True)
class Broken:
    """The first entry of a journal that is not as it was written, and what is wrong with it."""

    number: int
    what: str


def body(
    number: int, who: str, when: datetime, what: str, why: str, details: Mapping[str, Any]
) -> str:
    """Return the canonical JSON of an entry: ASCII, keys in order, no spaces.

    Raises:
        ValueError: the moment has no time zone, or JSON cannot hold the details.
    """
    if when.tzinfo is None:
        raise ValueError(f"{when} has no time zone")
    moment = (when - _EPOCH) // timedelta(microseconds=1)
    content = {"details": details, "number": number, "what": what, "when": moment, "who": who,
               "why": why}  # fmt: skip
    try:
        return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except TypeError as e:
        raise ValueError(f"JSON cannot hold the details: {e}") from e


def link(previous: str, text: str) -> str:
    """Return the hash of an entry's body after the entry with the hash ``previous``."""
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def entry(row: Row) -> Entry:
    """Turn a stored row back into an entry.

    Raises:
        IntegrityError: it is none.
    """
    try:
        content = json.loads(row[1])
        when = _EPOCH + timedelta(microseconds=content["when"])
        return Entry(row[0], content["who"], when, content["what"], content["why"], row[2],
                     content["details"])  # fmt: skip
    except (ValueError, KeyError, TypeError, OverflowError) as e:
        raise IntegrityError(f"Entry {row[0]} of the journal is damaged.") from e


def verified(rows: Iterable[Row], head: Head | None = None) -> Broken | None:
    """Return the first entry that is not as it was written, or nothing where all are.

    ``head``, if given, must be among them.
    """
    previous, expected = START, 1
    for number, text, stored in rows:
        if number != expected:
            return Broken(expected, "it is missing")
        if link(previous, text) != stored:
            return Broken(number, "its hash does not fit its content and the entry before")
        if not _numbered(text, number):
            return Broken(number, "its content says another number")
        if head is not None and head.number == number and head.hash != stored:
            return Broken(number, "it is not the entry that was here before")
        previous, expected = stored, number + 1
    if head is not None and head.number >= expected:
        return Broken(expected, "it is missing")
    return None


def _numbered(text: str, number: int) -> bool:
    try:
        return bool(json.loads(text)["number"] == number)
    except (ValueError, KeyError, TypeError):
        return False
