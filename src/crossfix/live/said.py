"""What models have said of late, by its parts, to be recognised where somebody posts it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.live import said_kernel
from crossfix.live.kernel import places as put
from crossfix.live.said_kernel import Places, Shingled
from crossfix.text_bytes import bytes_of
from crossfix.traces.origin.passage import shared, units
from crossfix.traces.origin.segment import Cut, cut
from crossfix.traces.origin.sighting import Kind
from crossfix.traces.origin.wording_match import judged

LEAST_SCORE = 0.5
"""Score from which a post repeats a segment, as in `crossfix.traces.origin.match`."""

MOST_SEGMENTS = 1 << 16
_SHINGLES_A_SEGMENT = 16
_MOST_PROMPTS, _LONGEST_PROMPT = 2_000, 4_000
_ECHOED = 0.6
"""Share of a segment's shingles in its own prompt from which it is the asker's text."""

_LONGEST_SEGMENT, _LEAST_PLACES = 4_000, 1 << 16
"""Characters of a segment that are compared, and places for shingles."""

_FULL, _PART = 0.6, 4
"""Share of the table of shingles from which it is thinned to half, and what part of it may be
added before it is asked again: both together it holds."""

_PIECE = 2_048


@dataclass(frozen=True, slots=True)
class Heard:
    """A completion as it comes: ``key`` names it, ``prompt`` is the event of its prompt."""

    key: str
    text: str
    account: str
    event: str
    time: int
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
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

    def add(
        self, completions: Sequence[Heard], prompts: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Take in completions, each once, and prompts (folded texts by their events).

        A prompt is remembered for completions that come later.
        """
        new: dict[str, Heard] = {}
        for one in completions:
            if one.key not in self._known:
                new.setdefault(one.key, one)
        heard = list(new.values())
        for first in range(0, len(heard), _PIECE):
            self._add(heard[first : first + _PIECE], prompts)
        for event, text in prompts.items():
            self._prompts[event] = text[:_LONGEST_PROMPT]
        while len(self._prompts) > _MOST_PROMPTS:
            self._prompts.popitem(last=False)

    def _add(self, heard: Sequence[Heard], prompts: Mapping[str, str]) -> None:
        found = cut([c.text for c in heard], _LONGEST_SEGMENT)
        own = self._own(found, heard, prompts)
        folded = found.folded if own.all() else found.folded.filter(pa.array(own))
        rows = np.flatnonzero(own)
        number = self._next
        for owner, many in zip(*np.unique(found.of[rows], return_counts=True), strict=True):
            one = heard[owner]
            self._known[one.key] = Response(
                one.key, one.account, one.event, one.time, number, number + int(many) - 1
            )
            number += int(many)
        for place, row in enumerate(rows.tolist(), self._next):
            self._texts[place % self._most] = found.texts[row]
            self._owners[place % self._most] = self._known[heard[found.of[row]].key]
        self.responses += len({*found.of[rows].tolist()})
        self._hold(folded)
        while self._known and next(iter(self._known.values())).last < self._next - self._most:
            self._known.popitem(last=False)

    def _own(
        self, found: Cut, heard: Sequence[Heard], prompts: Mapping[str, str]
    ) -> NDArray[np.bool_]:
        """Tell which segments their own prompt does not hold already."""
        asked = [prompts.get(c.prompt or "") or self._prompts.get(c.prompt or "") for c in heard]
        own = np.ones(len(found.texts), np.bool_)
        if any(asked):
            texts = pa.array([(text or "")[:_LONGEST_PROMPT] for text in asked], pa.string())
            said_kernel.own(*bytes_of(found.folded), found.of, *bytes_of(texts), _ECHOED, own)
        return own

    def _hold(self, folded: pa.Array) -> None:
        """Note the shingles of segments, in pieces for which there is room."""
        data, starts = bytes_of(folded)
        # A shingle has a unit of its own, and a unit a byte and a separator at least.
        most = 2 * (len(self._shingled.key) // _PART)
        at = 0
        while at < len(folded):
            end = max(int(np.searchsorted(starts, starts[at] + most, "right")) - 1, at + 1)
            if self._state[1] + (starts[end] - starts[at]) // 2 > _FULL * len(self._shingled.key):
                self._forget()
            said_kernel.hold(
                data, starts[at : end + 1], self._next, self._shingled, self._places, self._sizes,
                self._state, most // 2,
            )  # fmt: skip
            self._next += end - at
            at = end

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


def _shingled(size: int) -> Shingled:
    return Shingled(np.zeros(size, np.uint64), np.zeros(size, np.int64), np.zeros(size, np.int32))
