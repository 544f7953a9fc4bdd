"""The parts of a completion that somebody may post: drafts, items, fields, paragraphs.

Models answer in lists, tables, JSON, mails and headed sections, with a word before and after.
What is posted is one of those parts, so each is a segment of its own; code is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from crossfix.content import fold_one, says_enough_one
from crossfix.traces.origin.markup import unmarked

Form = Literal["item", "paragraph", "cell", "field", "subject", "quote"]

LONGEST = 100_000
"""Characters of a completion that are looked at."""

MOST = 400
"""Segments of one completion."""

_LABEL = re.compile(r"^[^.!?。！？…,;]{1,50}$")

_FENCE = re.compile(
    r"^ {0,3}(```+|~~~+)[ \t]*(\w*)[^\n]*\n(.*?)(?:^ {0,3}\1[ \t]*$|\Z)", re.S | re.M
)
_ITEM = re.compile(
    r"^\s*(?:>\s*)?(?:\*\*)?(?:"
    r"[-*•‣◦▪●–—]\s+"
    r"|[(\[]?\d{1,3}[.)\]:、．）]\s*"
    r"|[(\[]?[\u06f0-\u06f9\u0660-\u0669]{1,3}[.)\]:\-]\s*"
    r"|[①-⑳㉑-㉟]\s*"
    r"|[(\[]?[a-zA-Z][.)\]]\s+"
    r"|(?:[^\W\d_]{2,20}\s+){1,2}#?\d{1,3}(?:/\d{1,3})?\s*[:.)\-–—]\s*"
    r")(?:\*\*)?\s*"
)
_HEADING = re.compile(
    r"^\s{0,3}#{1,6}\s|^\s*\*\*[^*]{1,80}\*\*:?\s*$|^\s*(?:={3,}|-{3,}|\*{3,}|_{3,})\s*$"
)
_ROW = re.compile(r"^\s*\|(.+)\|\s*$")
_RULE = re.compile(r"^[\s|:\-]+$")
_QUOTE = re.compile(r"^\s*>\s?")
_FIELD = re.compile(
    r"^\s*(?:\*\*)?(subject|betreff|asunto|objet|oggetto|assunto|тема|主题|件名|موضوع|konu|temat|onderwerp)"
    r"(?:\*\*)?\s*[:：]\s*(?:\*\*)?\s*",
    re.I,
)


@dataclass(frozen=True)
class Segment:
    """A part of a completion: its number from 1, its text, and what it was there."""

    number: int
    text: str
    form: Form


def segments(text: str) -> list[Segment]:
    """Cut a completion into the parts that may be posted, in their order.

    Introductions ("Here are seven posts:"), headings, code and what says too little to be told from
    anybody's words are left out.
    """
    found: list[Segment] = []
    seen: set[str] = set()
    for form, part in _parts(text[:LONGEST]):
        part = unmarked(part)
        if part in seen or not says_enough_one(fold_one(part)):
            continue
        seen.add(part)
        found.append(Segment(len(found) + 1, part, form))
        if len(found) == MOST:
            break
    return found


def _parts(text: str) -> Iterator[tuple[Form, str]]:
    fields = _json_fields(text.strip())
    if fields is not None:
        yield from (("field", value) for value in fields)
        return
    at = 0
    for fence in _FENCE.finditer(text):
        yield from _of_lines(text[at : fence.start()])
        fields = _json_fields(fence[3].strip())
        if fields is not None:
            yield from (("field", value) for value in fields)
        elif fence[2].lower() in ("", "text", "txt", "markdown", "md", "plaintext", "email"):
            yield from _of_lines(fence[3])
        at = fence.end()
    yield from _of_lines(text[at:])


def _json_fields(text: str) -> list[str] | None:
    """Return the strings of a JSON document, or None if the text is none."""
    if not text.startswith(("{", "[")) or not text.endswith(("}", "]")):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found: list[str] = []
    _strings(document, found, 0)
    return found


def _strings(value: Any, found: list[str], deep: int) -> None:
    if isinstance(value, str):
        found.append(value)
    elif deep < 20 and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            _strings(inner, found, deep + 1)


def _of_lines(text: str) -> Iterator[tuple[Form, str]]:
    """Yield the blocks of text between blank lines, headings and items."""
    block: list[str] = []
    form: Form = "paragraph"
    for line in [*text.split("\n"), ""]:
        kind = _kind_of(line)
        if kind in ("item", "subject") or (kind != "plain" and kind != form) or not line.strip():
            yield from _closed(form, block)
            block, form = [], "paragraph"
        if kind == "cell":
            yield from (("cell", cell) for cell in _cells(line))
        elif kind == "item":
            block, form = [_ITEM.sub("", line, count=1)], "item"
        elif kind == "subject":
            yield "subject", _FIELD.sub("", line, count=1)
        elif kind == "quote":
            block.append(_QUOTE.sub("", line))
            form = "quote"
        elif kind == "plain" and line.strip():
            block.append(line.strip())
    yield from _closed(form, block)


def _kind_of(line: str) -> str:
    if not line.strip() or _HEADING.match(line):
        return "blank"
    if _ROW.match(line):
        return "cell"
    if _FIELD.match(line):
        return "subject"
    if _ITEM.match(line):
        return "item"
    return "quote" if _QUOTE.match(line) else "plain"


def _cells(line: str) -> Iterator[str]:
    if not _RULE.match(line):
        row = line.strip().strip("|")
        yield from (cell.strip() for cell in re.split(r"(?<!\\)\|", row))


def _closed(form: Form, block: list[str]) -> Iterator[tuple[Form, str]]:
    """Yield a block as one text, without the label that stands over it."""
    if form == "paragraph" and len(block) > 1 and _LABEL.match(block[0]):
        block = block[1:]
    text = " ".join(block).strip()
    introduces = form == "paragraph" and text.endswith((":", "：")) and len(text) < 200
    if text and not introduces:
        yield form, text
