"""How much longer one text is than another that may say the same, whatever they are written in.

Who rewords or translates a text says as much as it does; who writes about the same things says as
much as he likes. It is known from the alignment of translated sentences (Gale and Church, 1993)
that the ratio of their letters is close to one and spread as if by many small chances.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from crossfix.content.script import RANGES

LETTERS: Mapping[str, float] = {
    "han": 3.0,
    "kana": 1.5,
    "hangul": 2.2,
    "hebrew": 1.25,
    "arabic": 1.1,
}
"""Script -> Latin letters that one of its letters stands for; one where it is not named."""

_DENSE = {name: re.compile(f"[{RANGES[name]}]") for name in LETTERS}
_WRITTEN = re.compile(r"\S")


def amount(said: str) -> float:
    """Return how much a text says, in Latin letters (signs between them count alike)."""
    more = sum(
        (letters - 1.0) * len(_DENSE[name].findall(said)) for name, letters in LETTERS.items()
    )
    return len(_WRITTEN.findall(said)) + more


def proportion(one: str, other: str) -> float:
    """Return the logarithm of how many times as much one text says as another."""
    return math.log(max(1.0, amount(one)) / max(1.0, amount(other)))
