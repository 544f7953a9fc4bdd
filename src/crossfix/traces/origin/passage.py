"""Which passages two texts share word for word, whatever was done to the words between.

Both texts are cut into the units that shingles are made of (words; characters in scripts without
spaces) after folding, so that case, look-alikes, invisible signs, links and mentions do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from crossfix.content import fold_one
from crossfix.content.floor import SPACELESS
from crossfix.content.script import script_of

_UNIT = re.compile(f"[{SPACELESS}]|[^\\W_{SPACELESS}]+(?:[’'][^\\W_]+)?")

LONGEST = 600
"""Units of a text that are compared: comparing takes time that grows with their product."""

LEAST_BLOCK = 2
"""Units in a row that count as shared; single words are shared by chance."""


@dataclass(frozen=True)
class Shared:
    """What a segment and a post have in common.

    ``of_segment`` and ``of_post`` are the shares of their units that lie in common passages;
    ``span`` is the share of the segment's units in the stretch of the post that holds them,
    ``longest`` the units of the longest passage, ``units`` all common ones.
    """

    of_segment: float
    of_post: float
    density: float
    longest: int
    units: int


NOTHING = Shared(0.0, 0.0, 0.0, 0, 0)


def units(text: str) -> list[str]:
    """Cut a text into folded units."""
    return _UNIT.findall(fold_one(text))[:LONGEST]


def units_as_written(text: str) -> Iterator[re.Match[str]]:
    """Yield the units of a text before it is folded, with their places in it."""
    return _UNIT.finditer(text)


def shared(segment: Sequence[str], post: Sequence[str]) -> Shared:
    """Compare the units of a segment and of a post."""
    if not segment or not post:
        return NOTHING
    blocks = passages(segment, post)
    count = sum(size for _, _, size in blocks)
    if not count:
        return NOTHING
    reach = blocks[-1][1] + blocks[-1][2] - blocks[0][1]
    return Shared(
        of_segment=count / len(segment),
        of_post=count / len(post),
        density=count / reach,
        longest=max(size for _, _, size in blocks),
        units=count,
    )


def passages(segment: Sequence[str], post: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return common passages in order: place in the segment, in the post, length."""
    matcher = SequenceMatcher(None, segment, post, autojunk=False)
    whole = len(segment) <= LEAST_BLOCK or len(post) <= LEAST_BLOCK
    least = 1 if whole else LEAST_BLOCK
    return [(b.a, b.b, b.size) for b in matcher.get_matching_blocks() if b.size >= least]


FOREIGN = 0.12
"""Share of words in common (of the text with fewer) below which two texts are in two languages."""


def in_two_languages(one: str, other: str) -> bool:
    """Tell whether two texts are in two languages: other scripts, or hardly a word is the same."""
    if script_of(one) != script_of(other):
        return True
    mine, theirs = set(units(one)), set(units(other))
    return len(mine & theirs) < FOREIGN * min(len(mine), len(theirs))
