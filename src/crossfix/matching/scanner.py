"""The checks on a stream of text, as it comes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from crossfix.content.finding import Finding

STEP = 64
"""Characters that are gathered before the next look."""

CARRY = 512
"""Characters that are looked at again, so that what began earlier is found: no less than this,
more where an indicator is longer."""


class Scanner:
    """Looks at a stream: what chunk borders cut in two is found whole.

    A look is taken when `STEP` new characters have come, at what is new and at the last
    characters before (`hold`). What touches the end may go on, and waits. ``start`` and ``end`` of
    findings count from the start of the stream.
    """

    __slots__ = ("_base", "_kept", "_look", "_told", "_waiting", "_waiting_size", "hold")

    def __init__(self, look: Callable[[str], tuple[Finding, ...]], *, longest: int = 0) -> None:
        self._look = look
        self.hold = max(CARRY, 2 * longest)
        self._kept = ""
        self._base = 0
        self._waiting: list[str] = []
        self._waiting_size = 0
        self._told: set[tuple[str, str, str | None, int | None]] = set()

    @property
    def scanned(self) -> int:
        """Characters of the stream that were looked at.

        A ``window`` may let go what is older than ``scanned - hold``: nothing that was begun there
        is still open.
        """
        return self._base + len(self._kept)

    def feed(self, chunk: str) -> tuple[Finding, ...]:
        """Take in the next piece and return what is newly found."""
        self._waiting.append(chunk)
        self._waiting_size += len(chunk)
        if self._waiting_size < STEP:
            return ()
        return self._taken(closing=False)

    def finish(self) -> tuple[Finding, ...]:
        """Return what is found at the end of the stream; after it, another may begin."""
        found = self._taken(closing=True)
        self._kept, self._base = "", 0
        self._told.clear()
        return found

    def _taken(self, *, closing: bool) -> tuple[Finding, ...]:
        text = self._kept + "".join(self._waiting)
        self._waiting.clear()
        self._waiting_size = 0
        found = self._look(text)
        new = [self._placed(one, len(text), closing) for one in found] if found else []
        cut = max(0, len(text) - self.hold)
        self._kept, self._base = text[cut:], self._base + cut
        return tuple(one for one in new if one is not None)

    def _placed(self, found: Finding, size: int, closing: bool) -> Finding | None:
        """Return a finding with its place in the stream, unless it was told or may go on."""
        if found.end is not None and found.end >= size and not closing:
            return None
        if found.start is not None and found.start <= 1 and self._base:
            return None  # the rest of something that began before what is carried
        start = None if found.start is None else self._base + found.start
        key = (found.check, found.name, found.disguise, start)
        if key in self._told:
            return None
        self._told.add(key)
        end = None if found.end is None else self._base + found.end
        return msgspec.structs.replace(found, start=start, end=end)
