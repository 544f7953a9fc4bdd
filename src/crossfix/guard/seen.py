"""Which texts of an account were checked before, so that a history made up by its client is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

import msgspec

from crossfix.guard.request import Request

MOST_TEXTS = 65_536
"""Texts that are remembered at least; twice as many at most."""

_DIGEST_BYTES = 12


class Seen:
    """Keyed hashes of the texts that were let by, for each account; no text is kept.

    Clients send the whole conversation with each turn, and may write into it what nobody ever
    said. A text that is not known is new, wherever in the conversation it stands. What is long
    unused is forgotten, and then looked at again: that costs time and lets nothing by.

    Args:
        key: of the hashes, so that nobody can make two texts that look alike.
        most: texts that are remembered.
    """

    def __init__(self, key: bytes, most: int = MOST_TEXTS) -> None:
        self._key = key
        self._most = most
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()
        self.told: Callable[[Sequence[bytes]], None] | None = None
        """Is told what is remembered, for others that have the same key."""

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def complete(self, request: Request, earlier: tuple[str, ...]) -> Request:
        """Return a request with those texts before its own that stand earlier and are not known."""
        if not earlier:
            return request
        fresh = []
        for text in dict.fromkeys(earlier):
            mark = self._mark(request.account, text)
            if mark in self._old:
                self._add(mark)
            elif mark not in self._young:
                fresh.append(text)
        if not fresh:
            return request
        return msgspec.structs.replace(request, texts=(*fresh, *request.texts))

    def note(self, account: str, texts: Iterable[str]) -> None:
        """Remember texts that were checked and let by."""
        marks = [self._mark(account, text) for text in texts]
        self.learn(marks)
        if self.told is not None and marks:
            self.told(marks)

    def learn(self, marks: Iterable[bytes]) -> None:
        """Remember hashes that were made with the same key."""
        for mark in marks:
            self._add(mark)

    def _add(self, mark: bytes) -> None:
        self._young.add(mark)
        if len(self._young) >= self._most:
            self._old, self._young = self._young, set()

    def _mark(self, account: str, text: str) -> bytes:
        said = f"{len(account)}:{account}{text}".encode("utf-8", "surrogatepass")
        return blake2b(said, key=self._key, digest_size=_DIGEST_BYTES).digest()
