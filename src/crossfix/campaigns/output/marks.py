"""What texts have in common, as spans of characters to be marked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
Token = tuple[str, int, int, int]
"""Folded text, weight, start, end."""

ENOUGH = 6
"""The weight that a common run must reach: three words, six ideographs or emoji, or one link."""

_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_IDEOGRAPH = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    rf"(?P<whole>https?://[^\s<>\"]+|[#@][\w{_INVISIBLE}]+)"
    rf"|(?P<sign>[{_IDEOGRAPH}\U00020000-\U0003ffff])"
    rf"|(?P<word>(?:(?![{_IDEOGRAPH}])[\w{_INVISIBLE}'’])+)"
    r"|(?P<symbol>[^\x00-\x7f\s])"
)
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_WEIGHTS = {"whole": ENOUGH, "sign": 1, "word": 2, "symbol": 1}


def tokens(text: str) -> list[Token]:
    """Cut text into links, tags, names, words, ideographs and symbols, folded for comparison.

    Case, compatibility forms and invisible characters do not count; ASCII punctuation and white
    space only separate.
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        folded = unicodedata.normalize("NFKC", _HIDDEN.sub("", match[0])).casefold()
        if folded:
            found.append((folded, _WEIGHTS[match.lastgroup or "word"], *match.span()))
    return found


def marks(texts: Sequence[str]) -> list[list[Span]]:
    """Return, for each text, the spans that at least one other text has too.

    A span is a run of tokens that weigh `ENOUGH` together and stand in the same order, with
    nothing but white space and punctuation between, in two texts or more. Spans are half open,
    ascending and apart. Linear in the length of the texts.
    """
    cut = [tokens(text) for text in texts]
    owners: dict[tuple[str, ...], int] = {}
    shared: set[tuple[str, ...]] = set()
    for number, words in enumerate(cut):
        for start, end in _runs(words):
            run = tuple(w[0] for w in words[start:end])
            if owners.setdefault(run, number) != number:
                shared.add(run)
    marked = []
    for words in cut:
        spans = [
            (words[start][2], words[end - 1][3])
            for start, end in _runs(words)
            if tuple(w[0] for w in words[start:end]) in shared
        ]
        marked.append(union(spans))
    return marked


def pieces(text: str, wanted: Iterable[str]) -> list[Span]:
    """Return the spans at which any of the wanted strings stands in the text."""
    spans = []
    for piece in filter(None, wanted):
        at = text.find(piece)
        while at >= 0:
            spans.append((at, at + len(piece)))
            at = text.find(piece, at + len(piece))
    return union(spans)


def union(spans: Iterable[Span]) -> list[Span]:
    """Return spans joined where they overlap or touch, ascending."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def _runs(words: list[Token]) -> set[Span]:
    """Return the shortest runs heavy enough that start, or that end, at each token.

    Any longer common run is covered by these: a token of it that no run starting there reaches
    and no run ending there reaches lies inside the last run that starts before it. The shortest
    of two tokens or more are there too, for the gap between two tokens that are heavy alone.
    """
    runs: set[Span] = set()
    for i in range(len(words)):
        for least in (1, 2):
            weight, end = 0, i
            while end < len(words) and (weight < ENOUGH or end - i < least):
                weight += words[end][1]
                end += 1
            if weight >= ENOUGH and end - i >= least:
                runs.add((i, end))
            weight, start = 0, i + 1
            while start > 0 and (weight < ENOUGH or i + 1 - start < least):
                start -= 1
                weight += words[start][1]
            if weight >= ENOUGH and i + 1 - start >= least:
                runs.add((start, i + 1))
    return runs
