"""Indicators from files: CSV with a header, or one JSON object a line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossfix.content.pattern_set import PatternSet
from crossfix.errors import FormatError, InputError
from crossfix.matching.indicator import Indicator, indicator

LONGEST_LINE = 16_384
MOST_REFUSED = 1_000
"""Lines of one file that are refused one by one; a file with more is none of indicators."""

_NAMES = {
    "kind": ("kind", "type", "indicator_type", "ioc_type"),
    "value": ("value", "indicator", "indicator_value", "ioc", "ioc_value"),
    "id": ("id",), "source": ("source", "network", "feed"),
    "marking": ("marking", "tlp"), "confidence": ("confidence",),
    "expires": ("expires", "valid_until"), "text": ("text", "reason"),
}  # fmt: skip
"""Field -> the columns that it is read from, the surest first."""

_KINDS = {
    "hostname": "domain", "host": "domain", "fqdn": "domain", "domain-name": "domain",
    "uri": "url", "link": "url", "md5": "hash", "sha1": "hash", "sha256": "hash", "sha512": "hash",
    "filehash": "hash", "keyword": "phrase", "pattern": "regex", "regexp": "regex",
}  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """What was read: the indicators, and the lines that are none, each with its place."""

    indicators: tuple[Indicator, ...]
    refused: tuple[InputError, ...]


def load_indicators(paths: Iterable[Path]) -> Loaded:
    """Read indicators from files; what cannot be used is refused line by line.

    ``.jsonl`` and ``.ndjson`` hold an object a line, other files are CSV. Needed are ``kind`` and
    ``value``; ``id``, ``source``, ``marking``, ``confidence`` (0 to 1, or 0 to 100 with a percent
    sign), ``expires`` (ISO 8601, or seconds since 1970) and ``text`` may be there.

    Raises:
        FormatError: a file cannot be read, lacks a column, or is full of what is none.
    """
    kept: dict[str, Indicator] = {}
    refused: list[InputError] = []
    for path in paths:
        bad = 0
        for line, row in _rows(path):
            try:
                found = row if isinstance(row, InputError) else _indicator(row)
                if isinstance(found, InputError):
                    raise found
                kept.setdefault(found.id, found)
            except InputError as e:
                refused.append(InputError(e.message, path=str(path), line=line, hint=e.hint))
                bad += 1
                if bad > MOST_REFUSED:
                    raise FormatError(
                        f"More than {MOST_REFUSED} lines are no indicators; the last one: "
                        f"{e.message}", path=str(path), line=line,
                    ) from None  # fmt: skip
    return Loaded(tuple(kept.values()), tuple(refused))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | InputError]]:
    """Yield each row with its line; what is no row is an error."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), ""), 1)
            if path.suffix.lower() in (".jsonl", ".ndjson"):
                yield from _objects(lines)
            else:
                yield from _table(lines, path)
    except OSError as e:
        raise FormatError(f"The file cannot be read: {e.strerror}.", path=str(path)) from None


def _objects(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, dict[str, Any] | InputError]]:
    for number, line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        yield number, row if isinstance(row, dict) else InputError("The line is no JSON object.")


def _table(
    lines: Iterator[tuple[int, str]], path: Path
) -> Iterator[tuple[int, dict[str, Any] | InputError]]:
    head: list[str] | None = None
    for number, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        try:
            cells = next(csv.reader([line]))
        except csv.Error as e:
            yield number, InputError(f"The line is no CSV: {e}.")
            continue
        if head is None:
            head = [cell.strip().lower() for cell in cells]
            for field in ("kind", "value"):
                if not any(name in head for name in _NAMES[field]):
                    raise FormatError(f"There is no column {field!r}.", path=str(path), line=number)
            continue
        yield number, dict(zip(head, cells, strict=False))


def _indicator(row: dict[str, Any]) -> Indicator:
    """Return the indicator of a row."""
    fields: dict[str, Any] = {}
    for field, names in _NAMES.items():
        given = next((row[name] for name in names if row.get(name) not in (None, "")), None)
        if given is not None:
            fields[field] = given.strip() if isinstance(given, str) else given
    kind = str(fields.pop("kind", "")).lower()
    kind = _KINDS.get(kind, kind)
    value = fields.pop("value", "")
    if not isinstance(value, str):
        raise InputError("The value is no text.")
    for field in ("id", "source", "marking", "text"):
        if field in fields:
            fields[field] = str(fields[field])[:500]
    if "confidence" in fields:
        fields["confidence"] = _share(fields["confidence"])
    if "expires" in fields:
        fields["expires"] = _moment(fields["expires"])
    if kind == "regex":
        PatternSet([value], ["The value"])
    return indicator(kind, value, **fields)


def _share(given: Any) -> float:
    try:
        text = str(given).strip()
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise InputError(f"This is no confidence: {str(given)[:40]!r}.") from None


def _moment(given: Any) -> float:
    text = str(given).strip()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise InputError(f"This is no moment: {text[:40]!r}.") from None
