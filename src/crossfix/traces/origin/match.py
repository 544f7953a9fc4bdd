"""Posts compared with outputs, batch by batch, and what of it holds when all are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.content import fold, says_enough
from crossfix.content.encoders import Vectors
from crossfix.content.script import script_of
from crossfix.content.wording import worded
from crossfix.traces.origin.cells import FROM, Cells
from crossfix.traces.origin.index import OutputIndex
from crossfix.traces.origin.judgement import certainty
from crossfix.traces.origin.likeness import Likeness, Response, numbers_of
from crossfix.traces.origin.nearest import Near, nearest
from crossfix.traces.origin.output import Post
from crossfix.traces.origin.passage import passages, shared, units
from crossfix.traces.origin.peers import Peers
from crossfix.traces.origin.rare import RareWording
from crossfix.traces.origin.reading import Encoders, windows
from crossfix.traces.origin.sighting import Kind, Sighting
from crossfix.traces.origin.waiting import Waiting
from crossfix.traces.origin.wording_match import judged
from crossfix.traces.shingles import I64

LEAST_SCORE = 0.5
"""Score from which a pair is a sighting."""

LEAST_COSINE = 0.52
"""Cosine of the first encoder below which a pair is not looked at any closer. Among 60,000 real
posts it leaves 2 false sightings of 9, and costs 2 in a hundred of what was reworded."""

LEAST_LIFT = 2.0
"""The same of the second one, in standard deviations of the post's cosines with all segments."""

LEAST_FRAGMENT = 3
"""Words of a segment that are posted alone, by an account that posted more of it on that day."""

_DAY = timedelta(days=1)
_NEAR = 6
_BACKGROUND = 64

Say = Callable[[int, int], None]


@dataclass(frozen=True)
class _Hit:
    post: int
    segment: int
    kind: Kind
    score: float
    places: frozenset[int] = frozenset()
    """Units of the post that are the segment's; none where only the meaning is."""


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
        self._encoders = encoders
        self._vectors: dict[bool, tuple[I64, Vectors]] = {}
        self._posts: list[Post] = []
        self._hits: list[_Hit] = []
        self._earlier: set[int] = set()
        self._leads: dict[int, set[int]] = {}
        self._cells: dict[bool, Cells] = {}
        self._peers = Peers()
        self._waiting: Waiting | None = None
        self._fragments: list[_Hit] = []
        self.taken = 0

    def take(self, posts: Sequence[Post]) -> None:
        """Compare some posts with all outputs."""
        self.taken += len(posts)
        if not posts or not len(self._index):
            return
        folded = fold(pa.array([post.text for post in posts], pa.string()))
        times = np.array([round(post.time.timestamp() * 1e6) for post in posts], dtype=np.int64)
        kept: dict[int, int] = {}
        sure = self._by_wording(posts, folded, times, kept)
        if self._encoders is not None:
            enough = says_enough(folded)
            enough &= times >= self._index.times.min()
            rows = [row for row in np.flatnonzero(enough).tolist() if row not in sure]
            self._by_meaning(posts, rows, times, kept)

    def _keep(self, posts: Sequence[Post], row: int, kept: dict[int, int]) -> int:
        if row not in kept:
            kept[row] = len(self._posts)
            self._posts.append(posts[row])
        return kept[row]

    def _by_wording(
        self, posts: Sequence[Post], folded: pa.Array, times: NDArray[np.int64],
        kept: dict[int, int],
    ) -> set[int]:  # fmt: skip
        """Keep pairs that share passages; return the posts for which that says it all."""
        found = self._wording.candidates(folded)
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
            if times[row] < self._index.times[self._index.output_of[segment]]:
                self._earlier.add(segment)
                continue
            places = frozenset(
                at for _, start, size in passages(own, said) for at in range(start, start + size)
            )
            hit = _Hit(self._keep(posts, row, kept), segment, kind, score, places)
            if score >= LEAST_SCORE:
                self._hits.append(hit)
                sure.add(row)
            else:
                self._fragments.append(hit)
        return sure

    def _by_meaning(
        self, posts: Sequence[Post], rows: list[int], times: NDArray[np.int64],
        kept: dict[int, int],
    ) -> None:  # fmt: skip
        """Note the outputs that a post may mean, to be looked at closely in the end."""
        encoders = self._encoders
        if encoders is None or not rows:
            return
        if encoders.second is not None:
            for row in rows:
                self._peers.add(posts[row].text)
        said = {row: worded(posts[row].text) for row in rows}
        voices = {row: encoders.voices(text) for row, text in said.items()}
        if encoders.second is not None:
            for row in rows:
                if voices[row].first and voices[row].second:
                    self._wait(posts[row], int(times[row]))
        by_first = [(r, t) for r in rows if voices[r].first for t in (said[r], *windows(said[r]))]
        by_second = [
            (row, text) for row in rows if voices[row].second and not voices[row].first
            for text in (said[row], *windows(said[row]))
        ]  # fmt: skip
        for (row, output), (score, segment) in self._judged(by_first, times).items():
            if score >= LEAST_SCORE:
                at = int(self._index.first_of[output]) + segment
                post = self._keep(posts, row, kept)
                self._hits.append(_Hit(post, at, self._kind(post, at), score))
        for row, output in self._second_leads(by_second, times):
            self._leads.setdefault(self._keep(posts, row, kept), set()).add(output)

    def _judged(
        self, texts: list[tuple[int, str]], times: NDArray[np.int64]
    ) -> dict[tuple[int, int], tuple[float, int]]:
        """Judge texts (of rows) by the first encoder against the outputs they are nearest to.

        Returns:
            (row, output) -> the best score and its segment, from 0.
        """
        best: dict[tuple[int, int], tuple[float, int]] = {}
        if self._encoders is None or not texts:
            return best
        vectors = self._encoders.first.encode([text for _, text in texts])
        read, of_segments = self._segment_vectors(second=False)
        near = self._nearest(vectors, second=False)
        for at in np.flatnonzero(near.cosines[:, :1].max(axis=1, initial=-1) >= LEAST_COSINE):
            row = texts[at][0]
            close = near.segments[at][near.cosines[at] >= LEAST_COSINE]
            for output in np.unique(self._index.output_of[read[close]]).tolist():
                if times[row] < self._index.times[output]:
                    continue
                begin, end = np.searchsorted(read, self._index.first_of[output : output + 2])
                ours = of_segments[begin:end]
                scores = certainty(numbers_of(vectors[at], ours), second=False)
                top = int(np.argmax(scores))
                segment = int(read[begin + top] - self._index.first_of[output])
                if scores[top] > best.get((row, output), (-1.0, 0))[0]:
                    best[row, output] = float(scores[top]), segment
        return best

    def _second_leads(
        self, texts: list[tuple[int, str]], times: NDArray[np.int64]
    ) -> set[tuple[int, int]]:
        """Return the outputs (with the row) that the second encoder finds texts near to."""
        leads: set[tuple[int, int]] = set()
        if self._encoders is None or self._encoders.second is None or not texts:
            return leads
        vectors = self._encoders.second.encode([text for _, text in texts])
        read, _ = self._segment_vectors(second=True)
        near = self._nearest(vectors, second=True)
        floor = near.mean + LEAST_LIFT * near.spread
        for at, (row, _) in enumerate(texts):
            close = near.segments[at][near.cosines[at] >= floor[at]]
            for output in self._index.output_of[read[close]].tolist():
                if times[row] >= self._index.times[output]:
                    leads.add((row, output))
        return leads

    def _nearest(self, vectors: Vectors, *, second: bool) -> Near:
        """Return the nearest segments that an encoder reads: exactly, or by cells of very many."""
        _, of_segments = self._segment_vectors(second=second)
        if len(of_segments) < FROM:
            return nearest(vectors, of_segments, _NEAR)
        if second not in self._cells:
            self._cells[second] = Cells(of_segments)
        return self._cells[second].nearest(vectors, _NEAR)

    def _segment_vectors(self, *, second: bool) -> tuple[I64, Vectors]:
        """Return the segments that an encoder reads, and their vectors; made when first asked."""
        if self._encoders is None:
            raise ValueError("there is no encoder")
        if second not in self._vectors:
            every = self._index.vectors(self._encoders, second=second)
            read = np.flatnonzero(every.any(axis=1)).astype(np.int64)
            self._vectors[second] = read, np.ascontiguousarray(every[read])
        return self._vectors[second]

    def finish(self, say: Say = lambda done, total: None) -> list[Sighting]:
        """Return the sightings, by time, post and segment."""
        hits = [hit for hit in self._hits if hit.segment not in self._earlier]
        self._look_at_waiting()
        hits += self._meant(say)
        hits += self._beside(hits)
        found = [self._sighting(hit) for hit in self._told_apart(hits)]
        return sorted(found, key=lambda s: (s.post.time, s.post.post, s.segment))

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

    def _look_at_waiting(self) -> None:
        """Compare posts with segments that only the second encoder reads."""
        if self._waiting is None or self._encoders is None or self._encoders.second is None:
            return
        read, of_segments = self._segment_vectors(second=True)
        alone = ~np.isin(read, self._segment_vectors(second=False)[0])
        for post in self._waiting.posts():
            said = worded(post.text)
            near = nearest(self._encoders.second.encode([said]), of_segments, len(read))
            floor = float(near.mean[0] + LEAST_LIFT * near.spread[0])
            time = round(post.time.timestamp() * 1e6)
            outputs = {
                int(self._index.output_of[read[at]])
                for at, cosine in zip(near.segments[0], near.cosines[0], strict=True)
                if alone[at] and cosine >= floor
            }
            outputs = {o for o in outputs if time >= self._index.times[o]}
            if outputs:
                self._leads.setdefault(len(self._posts), set()).update(outputs)
                self._posts.append(post)

    def _wait(self, post: Post, time: int) -> None:
        """Keep a post for the second encoder, if some outputs are read by no other."""
        if self._waiting is None:
            first, _ = self._segment_vectors(second=False)
            unread = np.setdiff1d(np.arange(len(self._index)), first)
            outputs = np.unique(self._index.output_of[unread])
            self._waiting = Waiting(self._index.times[outputs].tolist())
        self._waiting.add(post, time)

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
                chosen.append(hit)
                continue
            taken = frozenset[int]().union(*(other.places for other in chosen))
            same = self._index.output_of[hit.segment] == self._index.output_of[chosen[0].segment]
            if same and len(hit.places - taken) * 2 > len(hit.places):
                chosen.append(hit)
        return [hit for chosen in of_post.values() for hit in chosen]

    def _meant(self, say: Say) -> list[_Hit]:
        """Look closely at the outputs that posts may mean."""
        if self._encoders is None or not self._leads:
            return []
        every = max(1, len(self._index) // _BACKGROUND)
        background = [s.text for s in self._index.segments[::every]][:_BACKGROUND]
        likeness = Likeness(self._encoders, background, self._peers.by_language())
        responses: dict[int, Response] = {}
        hits = []
        for done, (post, outputs) in enumerate(sorted(self._leads.items())):
            say(done, len(self._leads))
            for output in sorted(outputs):
                if output not in responses:
                    responses[output] = Response(self._index.texts_of(output), self._encoders)
                scores = self._scores(likeness, self._posts[post].text, responses[output])
                segment = int(np.argmax(scores))
                if scores[segment] >= LEAST_SCORE:
                    at = int(self._index.first_of[output]) + segment
                    hits.append(_Hit(post, at, self._kind(post, at), float(scores[segment])))
        return hits

    def _scores(self, likeness: Likeness, text: str, response: Response) -> NDArray[np.float64]:
        """Judge a post, and a long one in pieces too, against each segment of a response."""
        best = np.zeros(len(response.texts))
        said = worded(text)
        for piece in (said, *windows(said)):
            found = likeness.of(piece, response)
            if found is not None:
                best = np.maximum(best, certainty(found[1], second=found[0]))
        return best

    def _kind(self, post: int, segment: int) -> Kind:
        """Call it translated where scripts differ or hardly a word is the same."""
        text, own = self._posts[post].text, self._index.segments[segment].text
        if script_of(text) != script_of(own):
            return "translated"
        alike = set(units(text)) & set(self._index.units(segment))
        least = min(len(set(units(text))), len(set(self._index.units(segment))))
        return "meaning" if len(alike) >= 0.12 * least else "translated"

    def _sighting(self, hit: _Hit) -> Sighting:
        segment = self._index.segments[hit.segment]
        return Sighting(
            post=self._posts[hit.post],
            output=self._index.outputs[int(self._index.output_of[hit.segment])],
            segment=segment.number,
            segment_text=segment.text,
            kind=hit.kind,
            score=round(hit.score, 4),
        )
