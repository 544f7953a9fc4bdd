"""A text cut into sentences, in any script, without a model."""

from __future__ import annotations

import re
from dataclasses import dataclass

LEAST_WORDS = 4
LEAST_SPACELESS = 8
"""Words (letters, where words are not spaced) below which a sentence says too little alone."""

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？｡]+[」』”）]*|[؟।۔]+(?=\s|$)|\n+")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|No|Nr|vs|etc|e\.g|i\.e|z\.B|bzw|Sr|Sra|ул|г|т\.д)"
    r"\.$"
)
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Sentence:
    """A sentence and where it stands in its text, in characters."""

    text: str
    start: int
    end: int


def sentences(text: str) -> list[Sentence]:
    """Cut a text after full stops, question marks and line breaks.

    What says too little alone ("Have you?") is joined to the sentence before it, or else to the
    one after, so that every sentence says something.
    """
    pieces: list[tuple[int, int]] = []
    start = 0
    for found in _END.finditer(text):
        if found[0] == "." and _ABBREVIATED.search(text[max(0, found.end() - 12) : found.end()]):
            continue
        pieces.append((start, found.end()))
        start = found.end()
    pieces.append((start, len(text)))
    joined: list[tuple[int, int]] = []
    open_start: int | None = None
    for start, end in pieces:
        if not text[start:end].strip():
            continue
        if open_start is not None:
            start, open_start = open_start, None
        if _says(text[start:end]):
            joined.append((start, end))
        elif joined:
            joined[-1] = (joined[-1][0], end)
        else:
            open_start = start
    if open_start is not None:
        joined.append((open_start, pieces[-1][1]))
    return [_trimmed(text, start, end) for start, end in joined]


def _says(text: str) -> bool:
    return len(text.split()) >= LEAST_WORDS or len(_SPACELESS.findall(text)) >= LEAST_SPACELESS


def _trimmed(text: str, start: int, end: int) -> Sentence:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return Sentence(piece, start, start + len(piece))
