"""One text in the forms that checks look at, each made once, when it is first asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.content.pattern_set import utf8
from crossfix.content.plain import folded_from, origins, plain


class Reading:
    """A text as it was written, as UTF-8, plain and folded.

    ``plain`` keeps links; ``folded`` is what `fold_one` makes of it. Halves of pairs of UTF-16,
    which no UTF-8 holds, are question marks in ``raw``.
    """

    __slots__ = ("_folded", "_origins", "_plain", "_sought", "raw", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.raw = utf8(text)
        self._plain: str | None = None
        self._folded: str | None = None
        self._origins: NDArray[np.int64] | None = None
        self._sought = False

    @property
    def plain(self) -> str:
        """The plain text."""
        if self._plain is None:
            self._plain = plain(self.text)
        return self._plain

    @property
    def folded(self) -> str:
        """The folded text."""
        if self._folded is None:
            self._folded = folded_from(self.text, self.plain)
        return self._folded

    def in_plain(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where characters of the plain text stand in the text, if that can be told."""
        if not self._sought:
            self._origins = origins(self.text, self.plain)
            self._sought = True
        if self._origins is None:
            return None
        return int(self._origins[start]), int(self._origins[end - 1]) + 1

    def in_raw(self, start: int, end: int) -> tuple[int, int]:
        """Return where bytes of the UTF-8 stand in the text, in characters."""
        if len(self.raw) == len(self.text):
            return start, end
        before = len(self.raw[:start].decode("utf-8", "replace"))
        return before, before + len(self.raw[start:end].decode("utf-8", "replace"))
