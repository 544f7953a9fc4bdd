"""The parts of a completion that somebody may post: drafts, items, fields, paragraphs.

Models answer in lists, tables, JSON, mails and headed sections, with a word before and after.
What is posted is one of those parts, so each is a segment of its own; code is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.content import fold, fold_one, says_enough, says_enough_one
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
    for form, part in _distinct(text):
        if says_enough_one(fold_one(part)):
            found.append(Segment(len(found) + 1, part, form))
        if len(found) == MOST:
            break
    return found


@dataclass(frozen=True)
class Cut:
    """The segments of several completions, in order: texts, folded texts, and whose each is."""

    texts: list[str]
    folded: pa.Array
    of: NDArray[np.int64]


def cut(completions: Sequence[str], longest: int = LONGEST) -> Cut:
    """Cut completions as `segments` does, with the floor asked of all parts at once.

    What is beyond ``longest`` characters of a part is left away. Loads compiled code.
    """
    texts: list[str] = []
    of: list[int] = []
    for number, completion in enumerate(completions):
        parts = [part[:longest] for _, part in _distinct(completion)]
        texts += parts
        of += [number] * len(parts)
    folded, owners = fold(pa.array(texts, pa.string()), compiled=True), np.array(of, np.int64)
    enough = says_enough(folded, compiled=True)
    places = np.arange(len(owners)) - np.searchsorted(owners, owners)
    if len(owners) and places.max() >= MOST:
        before: NDArray[np.int64] = np.cumsum(enough) - enough
        enough &= before - before[np.searchsorted(owners, owners)] < MOST
    if enough.all():
        return Cut(texts, folded, owners)
    rows = np.flatnonzero(enough)
    return Cut([texts[row] for row in rows.tolist()], folded.take(pa.array(rows)), owners[rows])


def _distinct(text: str) -> Iterator[tuple[Form, str]]:
    """Yield the parts of a completion, whatever they say, each once and without its markup."""
    seen: set[str] = set()
    for form, part in _parts(text[:LONGEST]):
        part = unmarked(part)
        if part not in seen:
            seen.add(part)
            yield form, part


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
        # JSON may escape half a character, which no column of strings can hold.
        found.append(value.encode("utf-8", "replace").decode())
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
