"""Values of a policy's file, each of the type that its key wants, or a mistake with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from crossfix.policy.document import Document, Node
from crossfix.policy.duration import seconds
from crossfix.policy.mistake import nearest

T = TypeVar("T")
Read = Callable[[Document, Node], Any]

LONGEST_TEXT = 8_000
LONGEST_LINE = 300
MOST_ITEMS = 100
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def mapping(
    document: Document, node: Node, reads: Mapping[str, Read], what: str
) -> dict[str, Any] | None:
    """Read the keys of a mapping; unknown and double ones are mistakes."""
    if node.kind != "mapping":
        document.wrong(node, f"{what} is a mapping of {', '.join(list(reads)[:6])} …")
        return None
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for key, value in node.pairs():
        name = str(key.value)
        if name not in reads:
            document.wrong(key, f"{what} has no key {name!r}{nearest(name, reads)}")
        elif name in seen:
            document.wrong(key, f"{name} is given twice")
        else:
            answer = reads[name](document, value)
            if answer is not None:
                found[name] = answer
        seen.add(name)
    return found


def line(document: Document, node: Node) -> str | None:
    """Read a short text."""
    return _text(document, node, LONGEST_LINE)


def paragraph(document: Document, node: Node) -> str | None:
    """Read a text of several sentences."""
    return _text(document, node, LONGEST_TEXT)


def _text(document: Document, node: Node, longest: int) -> str | None:
    if node.kind != "text" or not node.value.strip():
        document.wrong(node, "here stands text; put it into quotation marks if it is")
        return None
    if len(node.value) > longest:
        document.wrong(node, f"this has {len(node.value):,} characters; {longest:,} are allowed")
        return None
    return str(node.value).strip()


def choice(choices: Collection[str]) -> Read:
    """Return what reads one of some words."""

    def read(document: Document, node: Node) -> str | None:
        if node.kind == "text" and node.value in choices:
            return str(node.value)
        words = ", ".join(choices)
        hint = nearest(str(node.value), choices) if node.kind == "text" else f"; there are {words}"
        document.wrong(node, f"there is no {shown(node)} here{hint}")
        return None

    return read


def whole(least: int, most: int) -> Read:
    """Return what reads a whole number."""

    def read(document: Document, node: Node) -> int | None:
        fine = node.kind == "number" and isinstance(node.value, int) and least <= node.value <= most
        if not fine:
            document.wrong(node, f"here stands a whole number from {least} to {most:,}")
        return node.value if fine else None

    return read


def lasting(longest: int) -> Read:
    """Return what reads a time such as ``10m``."""

    def read(document: Document, node: Node) -> float | None:
        found = seconds(str(node.value), longest) if node.kind == "text" else None
        if found is None:
            document.wrong(node, "a time is written as 30s, 10m, 6h or 7d")
        return found

    return read


def items(read_one: Read) -> Read:
    """Return what reads a list, or one value in its place."""

    def read(document: Document, node: Node) -> tuple[Any, ...] | None:
        nodes = node.value if node.kind == "list" else [node]
        if len(nodes) > MOST_ITEMS:
            document.wrong(node, f"a list has at most {MOST_ITEMS} values")
            return None
        found = (read_one(document, one) for one in nodes)
        return tuple(value for value in found if value is not None)

    return read


def day(document: Document, node: Node) -> date | None:
    """Read a date."""
    try:
        return date.fromisoformat(str(node.value))
    except ValueError:
        document.wrong(node, "a date is written as 2026-01-31")
        return None


def languages(document: Document, node: Node) -> dict[str, str] | None:
    """Read a text, or one text a language."""
    if node.kind != "mapping":
        text = paragraph(document, node)
        return None if text is None else {"en": text}
    found: dict[str, str] = {}
    for key, value in node.pairs():
        if not _LANGUAGE.fullmatch(str(key.value)):
            document.wrong(key, "a language is written as en, pt-BR or zh-Hant")
        elif (text := paragraph(document, value)) is not None:
            found[str(key.value)] = text
    return found


def shaped(pattern: str, message: str) -> Read:
    """Return what reads a text of a fixed shape."""
    compiled = re.compile(pattern)

    def read(document: Document, node: Node) -> str | None:
        text = str(node.value)
        if node.kind not in ("text", "number") or not compiled.fullmatch(text):
            document.wrong(node, message)
            return None
        return text

    return read


def shown(node: Node) -> str:
    """Return a value as a message shows it."""
    return repr(node.value) if node.kind in ("text", "number", "truth") else f"{node.kind} value"
