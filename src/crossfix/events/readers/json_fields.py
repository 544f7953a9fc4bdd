"""Typed access to JSON that somebody else wrote: any field may be missing or of a wrong type."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import msgspec

from crossfix.errors import CrossfixError
from crossfix.events.readers.times import parse_time

_LONGEST_LIST = 10_000
_LONGEST_NUMBER = 40
_COUNT = re.compile(r"\d{1,18}")


class RefusedError(CrossfixError):
    """One item of a file cannot become an event; the message is the reason that is counted."""


def decoded(raw: bytes) -> Any:
    """Return the JSON value in these bytes; raise `RefusedError` where it is none.

    Lone surrogates and bytes that are not UTF-8 are replaced, since real exports hold them.
    """
    try:
        return msgspec.json.decode(raw)
    except RecursionError:
        raise RefusedError("nested too deeply") from None
    except (ValueError, msgspec.MsgspecError):
        pass
    try:
        text = raw.decode("utf-8", "replace")
        value = json.loads(text, parse_constant=_no_constant)
        # One way out and back replaces every lone surrogate, however deep it lies.
        plain = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(plain)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        raise RefusedError("not JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def member(value: Any, *names: str | int) -> Any:
    """Return what stands at this path, or None where something on the way is missing."""
    for name in names:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and isinstance(name, int) and name < len(value):
            value = value[name]
        else:
            return None
    return value


def string(value: Any, *names: str | int) -> str | None:
    """Return the text at this path without NULs, or None where there is none."""
    found = member(value, *names) if names else value
    if not isinstance(found, str):
        return None
    return (found.replace("\x00", "") if "\x00" in found else found) or None


def ident(value: Any, *names: str | int) -> str | None:
    """Return the identifier at this path, written as text or as a whole number."""
    found = member(value, *names)
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return str(found) if abs(found) < 10**_LONGEST_NUMBER else None
    text = string(found)
    return (text.strip() or None) if text else None


def first(value: Any, *paths: str) -> str | None:
    """Return the first identifier among dotted paths."""
    for path in paths:
        if "." in path:
            found = member(value, *path.split("."))
        else:
            found = value.get(path) if isinstance(value, dict) else None
        if found is not None and (said := ident(found)):
            return said
    return None


def count(value: Any, *names: str | int) -> str | None:
    """Return the whole number at this path, as text."""
    found = ident(value, *names)
    return found if found and _COUNT.fullmatch(found) else None


def members(value: Any, *names: str | int) -> list[Any]:
    """Return the list at this path, its first 10,000 elements, or an empty one."""
    found = member(value, *names)
    return found[:_LONGEST_LIST] if isinstance(found, list) else []


def instant(value: Any, *names: str | int) -> datetime | None:
    """Return the time at this path in UTC, or None where there is none that can be read."""
    return parse_time(member(value, *names))


def some(**named: str | None) -> dict[str, str]:
    """Return the attributes that have a value."""
    return {name: value for name, value in named.items() if value}
