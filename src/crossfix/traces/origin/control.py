"""What was posted before a response, as a control: nobody can have copied it from there.

A response about what everybody talks of has posts near to it before it was made as well as after.
So the posts that came before are judged as those that came after, and as many of them as reach some
log odds are to be expected among the later ones, whoever wrote these.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

KEPT = 8
"""Earlier posts of each response that are judged: those nearest to it."""

MOST_MORE = 5.0
"""How many times as many strangers as were counted before are expected later, at most."""

LEAST_TRUE = 0.5
"""Share of the posts that reach some log odds which strangers must not explain."""


@dataclass
class Earlier:
    """The texts nearest to each output among those said before it was made, each text once."""

    kept: int = KEPT
    _of: dict[int, list[tuple[float, str]]] = field(default_factory=dict)

    def add(self, output: int, cosine: float, text: str) -> None:
        """Take a text into consideration."""
        held = self._of.setdefault(output, [])
        entry = (-cosine, text)
        if len(held) == self.kept and entry >= held[-1]:
            return
        if all(text != other for _, other in held):
            insort(held, entry)
            del held[self.kept :]

    def texts(self, output: int) -> list[str]:
        """Return the texts of an output, nearest first."""
        return [text for _, text in self._of.get(output, ())]


def expected(odds: float, before: Sequence[float], ratio: float) -> float:
    """Return how many strangers reach some log odds among later posts.

    ``before`` are log odds of earlier posts, ``ratio`` how many times as many came later.
    """
    return sum(other >= odds for other in before) * min(ratio, MOST_MORE)


def stand_out(after: NDArray[np.float64], before: Sequence[float], ratio: float
              ) -> NDArray[np.bool_]:  # fmt: skip
    """Tell which later posts are more than strangers explain, from the log odds of all."""
    return np.array([
        expected(odds, before, ratio) <= (1 - LEAST_TRUE) * int((after >= odds).sum())
        for odds in after
    ], dtype=np.bool_)  # fmt: skip


BY_CHANCE = 1e-4
"""Share of posts that mean by chance what a response says, where few earlier ones tell of it; they
may be on its subject."""


@dataclass(frozen=True)
class Strangers:
    """Log odds that earlier posts reach with outputs, and how many earlier posts there are."""

    before: Mapping[int, tuple[tuple[float, ...], int]] = field(default_factory=dict)

    def rate(self, output: int, odds: float) -> float:
        """Return the share of posts that reach some log odds with an output by chance.

        It is what the earlier posts of all outputs show together, or those of this one if more.
        """
        reached = sum(other >= odds for of, _ in self.before.values() for other in of)
        counted = sum(count for _, count in self.before.values())
        shared = (reached + 1) / (counted + 1 / BY_CHANCE)
        own, count = self.before.get(output, ((), 0))
        mine = sum(other >= odds for other in own)
        return max(shared, mine / count) if mine else shared

    def named(self, names: Sequence[int]) -> Strangers:
        """Return the same with other names for the outputs, by their numbers."""
        return Strangers({names[output]: said for output, said in self.before.items()})
