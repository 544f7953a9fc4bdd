"""Long texts in pieces that are short enough to be compared word by word.

Comparing takes time that grows with the product of two lengths, so that no more than
`crossfix.traces.origin.passage.LONGEST` units of a text are compared. A page or a mail may hold a
model's words far behind these: it is compared in pieces as well, each with the half of the one
before it, so that a passage as long as half a piece lies whole in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from crossfix.traces.origin.passage import LONGEST, units, units_as_written

HALF = 280
"""Units of half a piece, as written; folding may make a few more of them."""

MOST = 400
"""Pieces of one text; what follows them is not compared."""


class Piece(msgspec.Struct, frozen=True):
    """A part of a text, and how many folded units stand before it."""

    before: int
    text: str


def pieces(text: str) -> list[Piece]:
    """Cut a text that is too long to be compared at once; none for a text that is not."""
    if len(text) <= LONGEST:
        return []
    starts = [0]
    for number, unit in enumerate(units_as_written(text)):
        if number and number % HALF == 0:
            starts.append(unit.start())
            if len(starts) > MOST:
                break
    if len(starts) < 3:  # two halves are compared as they are
        return []
    return list(_overlapping(text, starts))


def _overlapping(text: str, starts: list[int]) -> Iterator[Piece]:
    before = 0
    for at, (start, end) in enumerate(pairwise(starts)):
        last = starts[at + 2] if at + 2 < len(starts) else len(text)
        if at + 2 < len(starts) or len(starts) <= MOST:
            yield Piece(before, text[start:last])
        before += len(units(text[start:end]))
