"""Conditions of other tools: names joined by and, or, not and "N of", put into our words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypeAlias

Part: TypeAlias = str | bool
"""A condition in our words; ``True`` and ``False`` where nothing needs to be asked."""

Resolve: TypeAlias = Callable[[str], "Part | list[Part]"]
"""Returns what a name stands for, and a list where it stands for several."""

LONGEST = 2_000
MOST_COMBINATIONS = 60
_NAME = r"[\w.$*-]+"
_OF = rf"(any|all|\d+)\s+of\s+(?:\(\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\)|({_NAME}))"
# A parenthesis that closes belongs to "of" only where "of" opened it.
_TOKEN = re.compile(rf"\s*(?:[()]|{_OF}|{_NAME})", re.I)


class NotExpressibleError(Exception):
    """Something cannot be said in our words; the message says what."""


def translated(text: str, resolve: Resolve) -> Part:
    """Return a condition of another tool in our words.

    Raises:
        NotExpressibleError: it cannot be read, or not be said.
    """
    if len(text) > LONGEST:
        raise NotExpressibleError("the condition is too long")
    reader = _Reader(_tokens(text), resolve)
    answer = reader.either()
    if reader.tokens:
        raise NotExpressibleError(f"the condition goes on with {reader.tokens[0]!r}")
    return answer


def every(parts: Sequence[Part]) -> Part:
    """Join parts with ``and``."""
    asked = [part for part in parts if part is not True]
    if False in asked:
        return False
    return _joined(asked, "and") if asked else True


def some(parts: Sequence[Part]) -> Part:
    """Join parts with ``or``."""
    asked = [part for part in parts if part is not False]
    if True in asked:
        return True
    return _joined(asked, "or") if asked else False


def at_least(count: int, parts: Sequence[Part]) -> Part:
    """Return that so many of the parts hold.

    Raises:
        NotExpressibleError: there are too many ways in which they can.
    """
    possible = [part for part in parts if part is not False]
    if count > len(possible):
        return False
    ways = list(zip(range(MOST_COMBINATIONS + 1), combinations(possible, count), strict=False))
    if len(ways) > MOST_COMBINATIONS:
        raise NotExpressibleError(f"{count} of {len(possible)} are too many combinations")
    return some([every(way) for _, way in ways])


def _joined(parts: Sequence[Part], word: str) -> Part:
    texts = list(dict.fromkeys(str(part) for part in parts))
    return texts[0] if len(texts) == 1 else "(" + f" {word} ".join(texts) + ")"


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    stripped = text.strip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if not found:
            raise NotExpressibleError(f"the condition has {stripped[at : at + 20]!r} in it")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[str], resolve: Resolve) -> None:
        self.tokens = tokens
        self.resolve = resolve
        self.depth = 0

    def _next(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False

    def either(self) -> Part:
        parts = [self.both()]
        while self._next("or"):
            parts.append(self.both())
        return some(parts)

    def both(self) -> Part:
        parts = [self.one()]
        while self._next("and"):
            parts.append(self.one())
        return every(parts)

    def one(self) -> Part:
        if not self.tokens or self.depth > 20:
            raise NotExpressibleError("the condition ends too early, or is nested too deep")
        if self._next("not"):
            part = self.one()
            return not part if isinstance(part, bool) else f"not {part}"
        if self._next("("):
            self.depth += 1
            part = self.either()
            self.depth -= 1
            if not self._next(")"):
                raise NotExpressibleError("a parenthesis is not closed")
            return part
        return self._named(self.tokens.pop(0))

    def _named(self, token: str) -> Part:
        many = re.fullmatch(_OF, token, re.I)
        names = (many[2] or many[3]).split(",") if many else [token]
        parts: list[Part] = []
        for name in names:
            found = self.resolve(name.strip())
            parts += found if isinstance(found, list) else [found]
        if not many or many[1].lower() in ("any", "1"):
            return some(parts)
        if many[1].lower() == "all":
            return every(parts) if parts else False
        return at_least(int(many[1]), parts)
