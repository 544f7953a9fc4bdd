"""Posts compared with outputs, batch by batch, and what of it holds when all are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from msgspec import structs
from numpy.typing import NDArray

from crossfix.content import fold, fold_one, says_enough
from crossfix.counted import counted
from crossfix.traces.origin.control import Strangers
from crossfix.traces.origin.first_said import FirstSaid
from crossfix.traces.origin.index import OutputIndex
from crossfix.traces.origin.judgement import certainty
from crossfix.traces.origin.meaning import Meaning, Say, raised
from crossfix.traces.origin.output import Post
from crossfix.traces.origin.passage import in_two_languages, passages, shared, units
from crossfix.traces.origin.pieces import pieces
from crossfix.traces.origin.rare import RareWording
from crossfix.traces.origin.reading import Encoders
from crossfix.traces.origin.sighting import Kind, Sighting
from crossfix.traces.origin.wording_match import LEAST_UNITS, judged

LEAST_SCORE = 0.5
"""Score from which a pair is a sighting."""

LEAST_FRAGMENT = 3
"""Words of a segment that are posted alone, by an account that posted more of it on that day."""

LEAST_NEW = 3
"""Words of a segment that nobody said before it which a post must have, where others said most."""

EARLY = 20_000
"""Posts before all outputs whose meaning is compared, to see what strangers say anyway."""

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Hit:
    post: int
    segment: int
    kind: Kind
    score: float
    places: frozenset[int] = frozenset()
    """Units of the post that are the segment's; none where only the meaning is."""
    own: frozenset[int] = frozenset()
    """Units of the segment that stand in the post."""
    because: tuple[str, ...] = ()


class Origin:
    """Finds where outputs were posted.

    Give it posts with `take`, in any order, then `finish`. Without encoders only wording is
    compared: what was reworded or translated is not found. ``wording`` chooses which pairs are
    compared, if not all that share wording are to be.
    """

    def __init__(
        self, index: OutputIndex, encoders: Encoders | None, wording: RareWording | None = None
    ) -> None:
        self._index = index
        self._wording, self._told = wording or index.shingles, wording
        self._meaning = None if encoders is None else Meaning(index, encoders)
        self._posts: list[Post] = []
        self._hits: list[_Hit] = []
        self._earlier: dict[int, set[int]] = {}
        self._words = None if wording else FirstSaid()
        self._fragments: list[_Hit] = []
        self._early = 0
        self.taken = 0

    @property
    def passed_over(self) -> int:
        """How many posts were not compared by meaning, for only the slow encoder could have."""
        return 0 if self._meaning is None else self._meaning.passed_over

    @property
    def strangers(self) -> Strangers:
        """What posts reach by their meaning that came before an output; known when finished."""
        return Strangers() if self._meaning is None else self._meaning.strangers

    def take(self, posts: Sequence[Post]) -> None:
        """Compare some posts with all outputs."""
        self.taken += len(posts)
        if not posts or not len(self._index):
            return
        folded = fold(pa.array([post.text for post in posts], pa.string()))
        times = np.array([round(post.time.timestamp() * 1e6) for post in posts], dtype=np.int64)
        if self._words is not None:
            self._words.add(folded, times)
        sure = self._by_wording(posts, folded, times) | self._in_pieces(posts, times)
        if self._meaning is not None:
            enough = says_enough(folded)
            early = np.flatnonzero(enough & (times < self._index.times.min()))
            enough[early[max(0, EARLY - self._early) :]] = False
            self._early += len(early)
            rows = [row for row in np.flatnonzero(enough).tolist() if row not in sure]
            self._meaning.take([posts[row] for row in rows], times[rows])

    def hear(self, posts: Sequence[Post]) -> None:
        """Take in what was said before all outputs for its wording alone: it is nobody's new."""
        first = self._index.times.min(initial=np.iinfo(np.int64).max)
        early = [post for post in posts if post.time.timestamp() * 1e6 < first]
        if not early:
            return
        folded = fold(pa.array([post.text for post in early], pa.string()))
        times = np.array([round(post.time.timestamp() * 1e6) for post in early], dtype=np.int64)
        if self._words is not None:
            self._words.add(folded, times)
        self._by_wording(early, folded, times)
        self._in_pieces(early, times)

    def _keep(self, posts: Sequence[Post], row: int, kept: dict[int, int]) -> int:
        if row not in kept:
            kept[row] = len(self._posts)
            self._posts.append(posts[row])
        return kept[row]

    def _in_pieces(self, posts: Sequence[Post], times: NDArray[np.int64]) -> set[int]:
        """Compare what is too long to be compared at once; return as `_by_wording` does."""
        cut = [(row, piece) for row, post in enumerate(posts) for piece in pieces(post.text)]
        if not cut:
            return set()
        rows = np.array([row for row, _ in cut])
        parts = [structs.replace(posts[row], text=piece.text) for row, piece in cut]
        folded = fold(pa.array([part.text for part in parts], pa.string()))
        sure = self._by_wording(parts, folded, times[rows], [piece.before for _, piece in cut])
        return {int(rows[row]) for row in sure}

    def _by_wording(
        self, posts: Sequence[Post], folded: pa.Array, times: NDArray[np.int64],
        before: Sequence[int] | None = None,
    ) -> set[int]:  # fmt: skip
        """Keep pairs that share passages; return the posts for which that says it all.

        ``before`` tells of each how many units stand before it in the text that it is a piece of.
        """
        found = self._wording.candidates(folded)
        kept: dict[int, int] = {}
        sure: set[int] = set()
        last, said = -1, []
        for row, segment in zip(found.rows.tolist(), found.segments.tolist(), strict=True):
            if row != last:
                last, said = row, units(posts[row].text)
            own = self._index.units(segment)
            common = shared(own, said)
            kind, score = judged(common, len(own), len(said))
            fragment = common.of_post == 1.0 and common.longest == common.units >= LEAST_FRAGMENT
            if score < LEAST_SCORE and not fragment:
                continue
            if self._told is not None and self._told.only_alike(segment, folded[row].as_py()):
                continue
            blocks = passages(own, said)
            stands = frozenset(at for a, _, size in blocks for at in range(a, a + size))
            if times[row] < self._index.times[self._index.output_of[segment]]:
                self._earlier.setdefault(segment, set()).update(stands)
                continue
            start = before[row] if before else 0
            places = frozenset(start + at for _, b, size in blocks for at in range(b, b + size))
            hit = _Hit(self._keep(posts, row, kept), segment, kind, score, places, stands)
            if score >= LEAST_SCORE:
                self._hits.append(hit)
                sure.add(row)
            else:
                self._fragments.append(hit)
        return sure

    def finish(self, say: Say = lambda done, total: None) -> list[Sighting]:
        """Return the sightings, by time, post and segment."""
        hits = self._told_apart([hit for hit in self._hits if self._is_new(hit)])
        hits += self._meant(hits, say)
        hits += self._beside(hits)
        found = [self._sighting(hit) for hit in self._told_apart(hits)]
        return sorted(found, key=lambda s: (s.post.time, s.post.post, s.segment))

    def _is_new(self, hit: _Hit) -> bool:
        """Tell whether a post has of a segment what nobody had said before the segment was made.

        Who fills a frame that was there before fills it with words of its own.
        """
        said = self._earlier.get(hit.segment)
        if said is None:
            return True
        new = len(self._index.units(hit.segment)) - len(said)
        return new >= LEAST_NEW and len(hit.own - said) >= min(LEAST_UNITS, max(LEAST_NEW, new / 3))

    def _only_alike(self, hit: _Hit) -> bool:
        """Tell whether a post has a segment's frame with names and numbers of its own."""
        if self._words is None or not hit.places:
            return False
        made = int(self._index.times[self._index.output_of[hit.segment]])
        folded = fold_one(self._posts[hit.post].text)
        return self._words.only_alike(self._index.folded[hit.segment], folded, made)

    def _beside(self, hits: list[_Hit]) -> list[_Hit]:
        """Return fragments of outputs by accounts that posted more of them on the same day."""
        days: dict[tuple[str, int], list[datetime]] = {}
        for hit in hits:
            post = self._posts[hit.post]
            key = (post.account, int(self._index.output_of[hit.segment]))
            days.setdefault(key, []).append(post.time)
        found = []
        for hit in self._fragments:
            post = self._posts[hit.post]
            times = days.get((post.account, int(self._index.output_of[hit.segment])), ())
            if any(abs(post.time - time) <= _DAY for time in times):
                found.append(replace(hit, kind="contained", score=LEAST_SCORE + 0.1))
        return found

    def _told_apart(self, hits: list[_Hit]) -> list[_Hit]:
        """Keep of each post the best hit, and those of the same response in other places of it.

        Drafts of one response resemble each other, and responses repeat each other: of equals the
        longest passage counts, then the latest response.
        """

        def rank(hit: _Hit) -> tuple[float, int, int, int]:
            made = int(self._index.times[self._index.output_of[hit.segment]])
            return (-round(hit.score, 2), -len(hit.places), -made, hit.segment)

        of_post: dict[tuple[str, str], list[_Hit]] = {}
        for hit in sorted(hits, key=rank):
            post = self._posts[hit.post]
            chosen = of_post.setdefault((post.service, post.post), [])
            if not chosen:
                if not self._only_alike(hit):
                    chosen.append(hit)
                continue
            taken = frozenset[int]().union(*(other.places for other in chosen))
            same = self._index.output_of[hit.segment] == self._index.output_of[chosen[0].segment]
            more = same and len(hit.places - taken) * 2 > len(hit.places)
            if more and not self._only_alike(hit):
                chosen.append(hit)
        return [hit for chosen in of_post.values() for hit in chosen]

    def _meant(self, hits: list[_Hit], say: Say) -> list[_Hit]:
        """Judge what posts mean, knowing what was found by wording."""
        if self._meaning is None:
            return []
        sure: dict[int, list[tuple[int, str, float]]] = {}
        for hit in hits:
            post = self._posts[hit.post]
            sure.setdefault(int(self._index.output_of[hit.segment]), []).append(
                (round(post.time.timestamp() * 1e6), post.account, hit.score)
            )
        found = []
        for each in raised(self._meaning.judged(say), sure, self._index.output_of):
            if each.odds >= 0:
                at = len(self._posts)
                self._posts.append(each.post)
                kind = self._kind(at, each.segment)
                score = certainty(each.odds)
                found.append(_Hit(at, each.segment, kind, score, because=each.because))
        return found

    def _kind(self, post: int, segment: int) -> Kind:
        text, own = self._posts[post].text, self._index.segments[segment].text
        return "translated" if in_two_languages(text, own) else "meaning"

    def _sighting(self, hit: _Hit) -> Sighting:
        segment = self._index.segments[hit.segment]
        return Sighting(
            post=self._posts[hit.post],
            output=self._index.outputs[int(self._index.output_of[hit.segment])],
            segment=segment.number,
            segment_text=segment.text,
            kind=hit.kind,
            score=round(hit.score, 4),
            because=hit.because or (_words(hit),),
        )


def _words(hit: _Hit) -> str:
    """Say what a hit by wording rests on."""
    return f"{counted(len(hit.places), 'word')} of it, in the same order"
