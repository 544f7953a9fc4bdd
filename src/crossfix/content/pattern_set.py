"""Many regular expressions, asked at once, in time that grows only with the text.

RE2 knows no back-references and no look-around; in exchange no text makes it slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crossfix.errors import InputError
from crossfix.extras import need

LONGEST_PATTERN = 2_000
MOST_SPANS = 100
"""Matches of one pattern in one text that are looked at."""

_SET_BYTES = 256 << 20
_ONE_BYTES = 8 << 20


def utf8(text: str) -> bytes:
    """Return a text in UTF-8, with ``?`` for halves of pairs: characters keep their places."""
    return text.encode("utf-8", "replace")


class PatternSet:
    """Patterns in RE2's syntax, in order; they look at UTF-8.

    Raises:
        InputError: a pattern is too long or is none; ``names`` say whose it is.
    """

    def __init__(self, patterns: Sequence[str], names: Sequence[str] = ()) -> None:
        need("guard")
        import re2

        options = re2.Options()
        options.log_errors = False
        options.max_mem = _ONE_BYTES
        shared = re2.Options()
        shared.log_errors = False
        shared.max_mem = _SET_BYTES
        self._set: Any = re2.Set.SearchSet(shared)
        self._each: list[Any] = []
        for number, pattern in enumerate(patterns):
            name = names[number] if names else f"pattern {number + 1}"
            if len(pattern) > LONGEST_PATTERN:
                raise InputError(f"{name} is longer than {LONGEST_PATTERN} characters.")
            try:
                self._each.append(re2.compile(pattern, options))
                self._set.Add(pattern)
            except (re2.error, UnicodeError) as e:
                said = e.args[0] if e.args else e
                said = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
                raise InputError(f"{name} is no regular expression of RE2: {said}.") from None
        if patterns:
            self._set.Compile()

    def __len__(self) -> int:
        return len(self._each)

    def among(self, raw: bytes) -> list[int]:
        """Return the numbers of the patterns that match somewhere, ascending."""
        if not self._each:
            return []
        found = self._set.Match(raw)
        return sorted(found) if found else []

    def spans(self, number: int, raw: bytes, group: int = 0) -> Iterator[tuple[int, int]]:
        """Yield where in the bytes a pattern matches, at most `MOST_SPANS` times."""
        for at, found in enumerate(self._each[number].finditer(raw)):
            if at == MOST_SPANS:
                return
            yield found.span(group)
