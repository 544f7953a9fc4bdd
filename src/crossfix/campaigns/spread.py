"""Fan-outs that are campaigns of themselves: too few posts for the null, too many for chance.

The statistical null asks for several keys in common. A batch of drafts that several accounts post
leaves one, and yet strangers do not post the drafts of one response. How likely they would is
estimated here: a post repeats a segment by chance as often as the rarest pair of words that both
have stands in posts that repeat no output, and, where nobody wrote it, ever more seldom with the
words in common. What only means the same is by chance as usual as posts before a response that mean
it as much. A fan-out of three actors or more is upheld where `MOST_BY_CHANCE` of all responses
together would look so, and where three actors posted segments as they are, or most came soon after
the response: a figure of speech that people fill with their own names is met in every hour alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import bdtrc, logit, pdtrc

from crossfix.campaigns.fanout import FanOut, fan_out_of
from crossfix.campaigns.gather import Gathered
from crossfix.campaigns.honest import stands_whole, subject_words
from crossfix.campaigns.origins import Origins, Placed
from crossfix.campaigns.usual_words import WORDS_OF
from crossfix.content import fold
from crossfix.network.group import ACTORS
from crossfix.traces.origin.passage import shared, units
from crossfix.traces.shingles import shingle

MOST_BY_CHANCE = 0.01
"""Fan-outs as wide as this one that chance alone would make of all responses, at most."""

ONE_IN = 1e6
"""Posts that what is known beforehand counts as, beside those of the input."""

SOON = 0.01
"""Probability of coming so soon from which a fan-out is told from a figure of speech."""

WORDED = frozenset({"verbatim", "edited", "contained"})

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """A fan-out, and who is in it: codes of the accounts that posted, with their best scores.

    ``first`` says when each did first (UTC microseconds), ``holder`` is the code of the AI account
    that was given the response, ``row`` the event in which. ``by_chance`` is how many
    fan-outs as wide chance makes of all responses, ``told_apart`` whether it is no mere figure of
    speech.
    """

    fan_out: FanOut
    posters: Mapping[int, float]
    first: Mapping[int, int]
    holder: int
    row: int
    by_chance: float
    told_apart: bool

    @property
    def upheld(self) -> bool:
        """Whether it is more than chance."""
        return self.by_chance <= MOST_BY_CHANCE and self.told_apart


def spreads(origins: Origins, gathered: Gathered, actor: NDArray[np.int32]) -> list[Spread]:
    """Return the responses that `ACTORS` actors or more posted, widest first."""
    groups: dict[int, list[Placed]] = {}
    for placed in origins.sightings:
        groups.setdefault(placed.output, []).append(placed)
    wide = {
        row: group for row, group in groups.items()
        if len(np.unique(actor[gathered.owners[[p.post for p in group]]])) >= ACTORS
    }  # fmt: skip
    if not wide:
        return []
    outside = _Outside(origins, gathered, [p for group in wide.values() for p in group])
    found = [_spread(row, group, origins, gathered, actor, outside) for row, group in wide.items()]
    return sorted(found, key=lambda s: (-s.fan_out.actors, s.by_chance, s.fan_out.response))


def _spread(
    row: int, group: Sequence[Placed], origins: Origins, gathered: Gathered,
    actor: NDArray[np.int32], outside: _Outside,
) -> Spread:  # fmt: skip
    posters: dict[int, float] = {}
    first: dict[int, int] = {}
    for placed in group:
        code, time = int(gathered.owners[placed.post]), int(gathered.times[placed.post])
        posters[code] = max(posters.get(code, 0.0), placed.sighting.score)
        first[code] = min(first.get(code, time), time)
    actors = len(np.unique(actor[sorted(posters)]))
    worded = [p for p in group if p.sighting.kind in WORDED]
    by_words = {int(actor[gathered.owners[p.post]]) for p in worded}
    made = int(gathered.times[row])
    last = max(int(gathered.times[p.post]) for p in group)
    low, high = np.searchsorted(origins.posts, [made, last], side="left")
    posts = float(high - low + 1)
    rate = sum(outside.rates(worded).values())
    by_chance = len(origins.index.outputs) * _tail(len(by_words), posts * rate)
    meant = origins.strangers.rate(row, _level(group, gathered, actor))
    by_chance *= _tail(actors - len(by_words), posts * meant)
    fan_out = fan_out_of([p.sighting for p in group], outside.usual())
    fan_out = msgspec.structs.replace(fan_out, actors=actors, by_chance=float(by_chance))
    exact = {int(actor[gathered.owners[p.post]]) for p in group if stands_whole(p.sighting)}
    told_apart = len(exact) >= ACTORS or _soon(origins.posts, made, first, actor) <= SOON
    return Spread(
        fan_out, posters, first, int(gathered.owners[row]), row, float(by_chance), told_apart
    )


def _level(group: Sequence[Placed], gathered: Gathered, actor: NDArray[np.int32]) -> float:
    """Return the log odds that `ACTORS` actors reach whose posts mean a response."""
    best: dict[int, float] = {}
    for placed in group:
        if placed.sighting.kind not in WORDED:
            code = int(actor[gathered.owners[placed.post]])
            best[code] = max(placed.sighting.score, best.get(code, 0.0))
    ordered = sorted(best.values(), reverse=True)[:ACTORS]
    return float(logit(min(ordered[-1], 1 - 1e-9))) if ordered else 0.0


def _soon(posts: Ints, made: int, first: Mapping[int, int], actor: NDArray[np.int32]) -> float:
    """Return how probable it is that so many came so soon, if any post were as likely as another.

    The least probability, over every number of actors from `ACTORS` on, times the numbers tried.
    """
    times: dict[int, int] = {}
    for code, time in first.items():
        times[int(actor[code])] = min(time, times.get(int(actor[code]), time))
    ordered = np.array(sorted(times.values()), dtype=np.int64)
    begin = int(np.searchsorted(posts, made))
    share = (np.searchsorted(posts, ordered, side="right") - begin) / max(len(posts) - begin, 1)
    many = np.arange(1, len(ordered) + 1)
    tails = bdtrc(many - 1, len(ordered), np.minimum(share, 1.0))[ACTORS - 1 :]
    return float(tails.min(initial=1.0)) * len(tails)


def _tail(actors: int, expected: float) -> float:
    """Return how probable so many actors are where chance brings ``expected``."""
    return float(pdtrc(actors - 1.0, expected)) if actors else 1.0


class _Outside:
    """How often the words that sightings share with segments stand in other posts."""

    def __init__(self, origins: Origins, gathered: Gathered, placed: Sequence[Placed]) -> None:
        self._common = {self._name(p): self._in_common(p) for p in placed}
        joined = np.concatenate([np.zeros(0, np.uint64), *self._common.values()])
        self._hashes = np.unique(joined)
        self._counts = np.zeros(len(self._hashes), dtype=np.int64)
        self.posts = 0
        said = (subject_words(p.sighting.segment_text) for p in placed)
        self._words = dict.fromkeys(sorted(set().union(*said)), 0)
        sighted = np.unique(np.array([p.post for p in origins.sightings], dtype=np.int64))
        for texts in origins.texts_but(gathered, sighted):
            self._count(texts)

    @staticmethod
    def _name(placed: Placed) -> tuple[int, int]:
        return placed.post, placed.sighting.segment

    @staticmethod
    def _in_common(placed: Placed) -> NDArray[np.uint64]:
        pair = [placed.sighting.segment_text, placed.sighting.post.text]
        made = shingle(fold(pa.array(pair, pa.string())))
        ours, theirs = (made.hashes[made.offsets[n] : made.offsets[n + 1]] for n in (0, 1))
        return np.intersect1d(ours, theirs)

    def usual(self) -> dict[str, float]:
        """Return the share of posts that each word of the sightings stands in."""
        looked = min(self.posts, WORDS_OF)
        return {word: count / max(looked, 1) for word, count in self._words.items()}

    def _count(self, texts: pa.Array) -> None:
        for text in texts.slice(0, max(0, WORDS_OF - self.posts)).to_pylist():
            for word in subject_words(text) & self._words.keys():
                self._words[word] += 1
        self.posts += len(texts)
        found = shingle(fold(texts)).hashes
        at = np.searchsorted(self._hashes, found)
        at[at == len(self._hashes)] = 0
        hit = at[self._hashes[at] == found] if len(self._hashes) else at[:0]
        self._counts += np.bincount(hit, minlength=len(self._counts))

    def rates(self, placed: Sequence[Placed]) -> dict[int, float]:
        """Return, a segment, the share of posts that repeat it by chance."""
        rates: dict[int, float] = {}
        for p in placed:
            hashes = self._common[self._name(p)]
            seen = self._counts[np.searchsorted(self._hashes, hashes)]
            often = float(seen.min(initial=self.posts)) if len(hashes) else float(self.posts)
            alike = shared(units(p.sighting.segment_text), units(p.sighting.post.text)).units
            rate = (often + 0.5**alike) / (self.posts + ONE_IN)
            rates[p.sighting.segment] = max(rate, rates.get(p.sighting.segment, 0.0))
        return rates
