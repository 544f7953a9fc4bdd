"""A stream on its way to the client: scanned, held back as far as its mode asks, never cut."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from crossfix.content.finding import Finding
from crossfix.guard.sse import fields
from crossfix.guard.wire.ask import MalformedError, Piece, Refusal, StreamReader

Mode = Literal["observe", "window", "hold"]

WINDOW_CHARACTERS = 512
"""As many as the checks look at again: what began earlier is known to be no finding by then."""

MOST_HELD_BYTES = 8 * 1024 * 1024
MOST_TEXT_CHARACTERS = 1_000_000
"""What of a stream's text is kept for the record and the judgement of the whole."""

_LANES_AHEAD = 4
"""A lane that says no more must not hold the others back for ever: after so many windows of all."""

MOST_JUDGED = 32
"""How often one stream is judged before its end; the end is judged in any case."""

MOST_LANES = 512
"""How many choices and tool calls one stream may have; no model makes as many."""


class Scanner(Protocol):
    """Looks at a text that comes in chunks."""

    @property
    def scanned(self) -> int:
        """Characters that were looked at."""

    def feed(self, chunk: str) -> Sequence[Finding]:
        """Return what is newly found."""

    def finish(self) -> Sequence[Finding]:
        """Return what is found at the end."""


class Lane:
    """One choice's text or one tool call's arguments, as far as it has come."""

    __slots__ = ("length", "parts", "scanner")

    def __init__(self, scanner: Scanner | None) -> None:
        self.scanner = scanner
        self.length = 0
        self.parts: list[str] = []

    def scanned(self) -> int:
        """Return how many of its characters were looked at."""
        return self.length if self.scanner is None else self.scanner.scanned


class _Held:
    __slots__ = ("ends", "event", "total")

    def __init__(self, event: bytes, ends: list[tuple[Lane, int]], total: int) -> None:
        self.event = event
        self.ends = ends
        self.total = total


class Screen:
    """Takes a stream's events and returns what may go on to the client.

    ``observe`` holds nothing back and judges the whole alone; ``window`` holds an event until
    ``window`` more characters of its lane were scanned, so that what is found across chunks has
    not gone out in part; ``hold`` lets everything go at the end. ``judge`` is asked with what was
    found, or with nothing at the end, and returns the refusal that ends the stream, if any.
    """

    def __init__(
        self,
        reader: StreamReader,
        mode: Mode,
        judge: Callable[[tuple[Finding, ...], bool], Refusal | None],
        scanner: Callable[[], Scanner] | None,
        *,
        soft: bool = False,
        window: int = WINDOW_CHARACTERS,
        most_held: int = MOST_HELD_BYTES,
    ) -> None:
        self.reader = reader
        self._mode = mode
        self._judge = judge
        self._scanner = scanner
        self._soft = soft
        self._window = window
        self._most_held = most_held
        self._held: deque[_Held] = deque()
        self._held_bytes = 0
        self._total = 0
        self.lanes: dict[str, Lane] = {}
        self._judged: set[tuple[str, str]] = set()
        self.ended = False
        self.failed = False
        self.refusal: Refusal | None = None

    def take(self, events: list[bytes]) -> bytes:
        """Return what may go on to the client now that these events came.

        Raises:
            MalformedError: an event is not of the stream's format.
        """
        out: list[bytes] = []
        try:
            for event in events:
                if self.ended:
                    break
                self._take(event, out)
        except MalformedError:
            # What came before it in the same piece was fine: `stop` lets it go.
            self._held.extendleft(_Held(event, [], 0) for event in reversed(out))
            raise
        return b"".join(out)

    def _take(self, event: bytes, out: list[bytes]) -> None:
        name, data = fields(event)
        if not data:
            if not self._held:
                out.append(event)  # a comment keeps the connection alive
            return
        piece = self.reader.read(name, data)
        found: list[Finding] = []
        ends = [self._scan(lane, text, found) for lane, text in piece.texts]
        if found and self._mode != "observe" and self._refuse(self._new(found), False, out, event):
            return
        if piece.last:
            self._finish(event, piece, out)
        elif self._mode == "observe":
            out.append(event)
        else:
            self._hold(event, ends, out)

    def _scan(self, name: str, text: str, found: list[Finding]) -> tuple[Lane, int]:
        lane = self.lanes.get(name)
        if lane is None:
            if len(self.lanes) >= MOST_LANES:
                raise MalformedError(
                    "The upstream sent more choices and tool calls than any model."
                )
            lane = self.lanes[name] = Lane(self._scanner() if self._scanner else None)
        lane.length += len(text)
        self._total += len(text)
        if self._total <= MOST_TEXT_CHARACTERS:
            lane.parts.append(text)
        if lane.scanner is not None:
            found.extend(lane.scanner.feed(text))
        return lane, lane.length

    def _hold(self, event: bytes, ends: list[tuple[Lane, int]], out: list[bytes]) -> None:
        held = self._held
        if not ends and not held and self._mode == "window":
            out.append(event)
            return
        held.append(_Held(event, ends, self._total))
        self._held_bytes += len(event)
        if self._mode == "window":
            window, total = self._window, self._total
            while held and (
                all(lane.scanned() - end >= window for lane, end in held[0].ends)
                or total - held[0].total >= _LANES_AHEAD * window
            ):
                self._held_bytes -= len(held[0].event)
                out.append(held.popleft().event)
        if self._held_bytes > self._most_held:
            self._end(_TOO_LONG, out)

    def _new(self, found: list[Finding]) -> tuple[Finding, ...]:
        """Return findings of a kind that was not judged yet: a judgement reads all of the text."""
        new = [f for f in found if (f.check, f.name) not in self._judged]
        self._judged.update((f.check, f.name) for f in new)
        return tuple(new) if len(self._judged) <= MOST_JUDGED else ()

    def _finish(self, event: bytes, piece: Piece, out: list[bytes]) -> None:
        self.failed = piece.failed
        if self._refuse((), True, out, event):
            return
        out.extend(held.event for held in self._held)
        self._held.clear()
        out.append(event)
        self.ended = True

    def stop(self, refusal: Refusal) -> bytes:
        """Return what ends the stream where the upstream does not: the rest, and the error.

        What was held back was scanned and goes out first, unless all of it waits for the end.
        """
        if self.ended:
            return b""
        out: list[bytes] = []
        if self._refuse((), True, out):
            return b"".join(out)
        if self._mode != "hold":
            out.extend(held.event for held in self._held)
        self._held.clear()
        self.ended = self.failed = True
        out.append(self.reader.end_with(refusal))
        return b"".join(out)

    def _refuse(
        self, found: tuple[Finding, ...], whole: bool, out: list[bytes], *at_hand: bytes
    ) -> bool:
        if not found and not whole:
            return False
        refusal = self._judge(found, whole)
        if refusal is None or self._mode == "observe":
            return False
        self._end(refusal, out, *at_hand)
        return True

    def _end(self, refusal: Refusal, out: list[bytes], *at_hand: bytes) -> None:
        # The end must fit what the client has seen, not what was read.
        unsent = (fields(event)[1] for event in (*(h.event for h in self._held), *at_hand))
        self.reader.take_back([data for data in unsent if data])
        self._held.clear()
        self.ended = True
        self.refusal = refusal
        soft = self._soft and refusal.kind == "denied"
        end = self.reader.end_softly if soft else self.reader.end_with
        out.append(end(refusal))

    def text(self) -> tuple[str, ...]:
        """Return what came on each lane."""
        return tuple("".join(lane.parts) for lane in self.lanes.values())


_TOO_LONG = Refusal(
    status=502, code="stream_too_long", kind="outside",
    message="The answer is longer than what can be held back to be checked as a whole.",
)  # fmt: skip
