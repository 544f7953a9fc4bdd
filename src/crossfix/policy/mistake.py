"""One mistake in a policy's file, and how a person is shown it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from crossfix.errors import PolicyError

SHOWN_COLUMNS = 100
AT_MOST = 50
"""How many mistakes are shown; how many more there are is said."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong and where: ``line`` and ``column`` from 1, ``width`` characters from there.

    ``source`` is the line as it is written.
    """

    path: str
    line: int
    column: int
    message: str
    source: str = ""
    width: int = 1

    def __str__(self) -> str:
        """Return the place and the sentence, the line, and a caret below what is meant."""
        said = f"{self.path}:{self.line}:{self.column}: {self.message}"
        if not self.source.strip():
            return said
        start = max(0, self.column - SHOWN_COLUMNS + 20) if len(self.source) > SHOWN_COLUMNS else 0
        shown = "".join(c if c.isprintable() else " " for c in self.source)
        shown = shown[start : start + SHOWN_COLUMNS]
        number, at = f"{self.line:>5}", self.column - 1 - start
        carets = "^" * max(1, min(self.width, len(shown) - at))
        return f"{said}\n{number} | {shown}\n      | {' ' * at}{carets}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what was probably meant as the end of a sentence, or the words that there are."""
    words = sorted(known)
    folded = {w.casefold(): w for w in words}
    near = get_close_matches(word.casefold(), list(folded), 1, 0.6)
    if near:
        return f"; did you mean {folded[near[0]]!r}?"
    return f"; there are {', '.join(words)}" if len(words) <= 24 else ""


def raise_mistakes(mistakes: Sequence[Mistake]) -> None:
    """Raise all mistakes as one error, in the order of files and lines, if there are any.

    Raises:
        PolicyError: there are.
    """
    if not mistakes:
        return
    found = sorted(set(mistakes), key=lambda m: (m.path, m.line, m.column, m.message))
    blocks = [str(mistake) for mistake in found[:AT_MOST]]
    files = len({m.path for m in found})
    more = f" ({len(found) - AT_MOST} more are not shown)" if len(found) > AT_MOST else ""
    count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
    where = "1 file" if files == 1 else f"{files} files"
    blocks.append(f"{count} in {where}{more}.")
    raise PolicyError("\n".join(blocks), mistakes=tuple(found))
