"""A segment and a post side by side: what is the same, and what was changed."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import msgspec

from crossfix.content import fold_one
from crossfix.content.floor import SPACELESS

_PIECE = re.compile(f"[{SPACELESS}]|[^\\W{SPACELESS}]+(?:[’'][^\\W_]+)?|\\s+|[^\\w\\s]")

LONGEST = 1_500
"""Pieces of a text that are aligned; what follows is shown as one."""


class Part(msgspec.Struct, frozen=True):
    """A stretch of two texts: the same in both (``same``), or ``ours`` in place of ``theirs``."""

    same: bool
    segment: str
    post: str


def aligned(segment: str, post: str) -> tuple[Part, ...]:
    """Return two texts as stretches that are the same, folding aside, and stretches that are not.

    Joined, the ``segment`` parts are the segment and the ``post`` parts the post.
    """
    ours, our_rest = _pieces(segment)
    theirs, their_rest = _pieces(post)
    matcher = SequenceMatcher(None, [f for f, _ in ours], [f for f, _ in theirs], autojunk=False)
    parts = []
    for tag, a, b, c, d in matcher.get_opcodes():
        left = "".join(text for _, text in ours[a:b])
        right = "".join(text for _, text in theirs[c:d])
        parts.append(Part(tag == "equal", left, right))
    if our_rest or their_rest:
        parts.append(Part(our_rest == their_rest, our_rest, their_rest))
    return tuple(parts)


def _pieces(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return pieces, each folded and as written, and the text behind the last of them."""
    found: list[tuple[str, str]] = []
    end = 0
    for match in _PIECE.finditer(text):
        if len(found) == LONGEST:
            break
        between = text[end : match.start()]
        found.append((fold_one(match[0]) or " ", between + match[0]))
        end = match.end()
    return found, text[end:]
