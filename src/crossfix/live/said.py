"""What models have said of late, by its parts, to be recognised where somebody posts it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.content import fold
from crossfix.live import said_kernel
from crossfix.live.kernel import places as put
from crossfix.live.said_kernel import Places, Shingled
from crossfix.text_bytes import bytes_of
from crossfix.traces.duplicates import sketch
from crossfix.traces.origin.passage import shared, units
from crossfix.traces.origin.segment import segments
from crossfix.traces.origin.sighting import Kind
from crossfix.traces.origin.wording_match import judged

LEAST_SCORE = 0.5
"""Score from which a post repeats a segment, as in `crossfix.traces.origin.match`."""

MOST_SEGMENTS = 1 << 16
_SHINGLES_A_SEGMENT = 16
_MOST_PROMPTS, _LONGEST_PROMPT = 2_000, 4_000
_ECHOED = 0.6
"""Share of a segment's shingles in its own prompt from which it is the asker's text."""

_LONGEST_SEGMENT, _AT_ONCE, _LEAST_PLACES = 4_000, 8, 1 << 16
"""Characters of a segment that are compared, segments that are taken in at once, and places for
shingles, so that what is taken in at once always fits."""

_FULL = 0.6
_PIECE = 2_048


@dataclass(frozen=True)
class Response:
    """One completion: ``key`` names it, ``first`` and ``last`` are numbers of its segments."""

    key: str
    account: str
    event: str
    time: int
    first: int
    last: int


@dataclass(frozen=True)
class Repeat:
    """A text (row of those asked about) that repeats a segment of a response."""

    row: int
    response: Response
    segment: int
    kind: Kind
    score: float


class Said:
    """The segments of the latest completions, at most ``most`` of them (a power of two).

    A segment that stood in its own prompt is the asker's and left out. Wording alone is compared,
    as in `crossfix.traces.origin`. Memory is about a kilobyte a segment.
    """

    def __init__(self, most: int = MOST_SEGMENTS) -> None:
        if most < 2 or most & (most - 1):
            raise ValueError("a limit must be a power of two")
        self._most = most
        size = max(most * _SHINGLES_A_SEGMENT, _LEAST_PLACES)
        self._places = Places(np.zeros(size, np.int64), np.zeros(size, np.int64))
        self._shingled = _shingled(2 * size)
        self._sizes = np.zeros(most, np.int64)
        self._state = np.zeros(2, np.int64)
        self._texts: list[str] = [""] * most
        self._owners: list[Response | None] = [None] * most
        self._known: OrderedDict[str, Response] = OrderedDict()
        self._prompts: OrderedDict[str, str] = OrderedDict()
        self._next = 0
        self.responses = 0

    def __len__(self) -> int:
        return min(self._next, self._most)

    def asked(self, event: str, text: str) -> None:
        """Take in a prompt, so that what a completion only repeats of it is not the model's."""
        self._prompts[event] = text[:_LONGEST_PROMPT]
        while len(self._prompts) > _MOST_PROMPTS:
            self._prompts.popitem(last=False)

    def add(
        self, key: str, text: str, *, account: str, event: str, time: int, prompt: str | None
    ) -> None:
        """Take in a completion, once; ``prompt`` is the event of its prompt, if it is known."""
        if key in self._known:
            return
        said = self._prompts.get(prompt or "", "")
        parts = _own([part.text[:_LONGEST_SEGMENT] for part in segments(text)], said)
        if not parts:
            return
        response = Response(key, account, event, time, self._next, self._next + len(parts) - 1)
        for number, part in enumerate(parts, self._next):
            self._texts[number % self._most] = part
            self._owners[number % self._most] = response
        folded = fold(pa.array(parts, pa.string()), compiled=True)
        for at in range(0, len(parts), _AT_ONCE):
            self._hold(folded.slice(at, _AT_ONCE))
        self._known[key] = response
        self.responses += 1
        while self._known and next(iter(self._known.values())).last < self._next - self._most:
            self._known.popitem(last=False)

    def _hold(self, folded: pa.Array) -> None:
        data, starts = bytes_of(folded)
        if self._state[1] + len(data) // 2 > _FULL * len(self._shingled.key):
            self._forget()
        said_kernel.hold(
            data, starts, self._next, self._shingled, self._places, self._sizes, self._state
        )
        self._next += len(folded)

    def _forget(self) -> None:
        """Keep the shingles that lead somewhere; of these no more than half fill the table."""
        old = self._shingled
        oldest = self._state[0] - len(self._places.segment)
        alive = np.flatnonzero((old.key != 0) & (old.head >= oldest))
        self._shingled = new = _shingled(len(old.key))
        at = put(old.key[alive], new.key)
        new.head[at] = old.head[alive]
        new.often[at] = old.often[alive]
        self._state[1] = len(alive)

    def parts(self, response: Response) -> list[str]:
        """Return the segments of a response that are still held."""
        oldest = self._next - self._most
        return [
            self._texts[number % self._most]
            for number in range(max(response.first, oldest), response.last + 1)
        ]

    def repeats(self, texts: Sequence[str], folded: pa.Array) -> Iterator[Repeat]:
        """Yield which texts repeat what; of a text and a response the surest segment."""
        for first in range(0, len(texts) if self._next else 0, _PIECE):
            said = texts[first : first + _PIECE]
            rows, numbers = self._candidates(folded.slice(first, _PIECE))
            best: dict[tuple[int, str], Repeat] = {}
            own: dict[int, list[str]] = {}
            for row, number in zip(rows.tolist(), numbers.tolist(), strict=True):
                response = self._owners[number % self._most]
                if response is None:
                    continue
                if row not in own:
                    own[row] = units(said[row])
                part = units(self._texts[number % self._most])
                kind, score = judged(shared(part, own[row]), len(part), len(own[row]))
                found = Repeat(first + row, response, number, kind, score)
                before = best.get((row, response.key))
                if score >= LEAST_SCORE and (before is None or score > before.score):
                    best[row, response.key] = found
            yield from best.values()

    def _candidates(self, folded: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        data, starts = bytes_of(folded)
        room = said_kernel.MOST_FOUND * len(folded)
        rows, numbers = np.empty(room, np.int64), np.empty(room, np.int64)
        found = said_kernel.ask(
            data, starts, max(0, self._next - self._most), self._shingled, self._places,
            self._sizes, self._state, rows, numbers,
        )  # fmt: skip
        return rows[:found], numbers[:found]


def _own(parts: list[str], prompt: str) -> list[str]:
    """Return the parts of a completion that its prompt does not hold already."""
    if not prompt or not parts:
        return parts
    folded = fold(pa.array([prompt, *parts], pa.string()), compiled=True)
    made, _ = sketch(folded, compiled=True)
    theirs = made.hashes[: made.offsets[1]]
    echoed = np.isin(made.hashes, theirs)
    kept = []
    for number, part in enumerate(parts, 1):
        own = echoed[made.offsets[number] : made.offsets[number + 1]]
        if not len(own) or own.mean() <= _ECHOED:
            kept.append(part)
    return kept


def _shingled(size: int) -> Shingled:
    return Shingled(np.zeros(size, np.uint64), np.zeros(size, np.int64), np.zeros(size, np.int32))
