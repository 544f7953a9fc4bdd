"""RE2 patterns of policies: whether one can be used, and all of them in one pass over a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from crossfix.content.literal import atom, repeat
from crossfix.extras import need

LONGEST_TEXT = 20_000
"""Characters of a text that are searched; what follows is not."""

LONGEST_PATTERN = 1_000
_MEMORY = 64 << 20


@cache
def _options() -> Any:
    need("guard")
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def escaped(phrase: str) -> str:
    """Return the pattern that finds a phrase; any space stands for any run of space.

    A phrase that begins or ends with a letter a-z or a digit is found as whole words; an asterisk
    there stands for the rest of the word. Other scripts, which RE2 knows no words of, are found
    inside words too.
    """
    bare = phrase.strip()
    head = r"\b" if re.match(r"[a-z0-9]", bare, re.I) else ""
    tail = r"\b" if re.search(r"[a-z0-9]$", bare, re.I) else ""
    parts = bare.removeprefix("*").removesuffix("*").split()
    return head + r"\s+".join(re.sub(r"([^\w])", _escape, part) for part in parts) + tail


def _escape(found: re.Match[str]) -> str:
    char = found[1]
    return char if ord(char) >= 0x80 else f"\\x{{{ord(char):x}}}"


def pattern_fault(pattern: str) -> str | None:
    """Say what keeps a pattern from being used, if anything does."""
    if not pattern or len(pattern) > LONGEST_PATTERN:
        return f"a pattern has 1 to {LONGEST_PATTERN:,} characters"
    if "\b" in pattern:
        return r"\b is a backspace here: write the pattern as r'...'"
    try:
        compiled(pattern)
    except Exception as e:  # re2.error, which the extra brings
        return f"this is no RE2 pattern: {_reason(e)}"
    if compiled(pattern).search("") is not None:
        return "this pattern is found in every text"
    return None


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else "unreadable"
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


@cache
def _compiled(pattern: str) -> Any:
    import re2

    return re2.compile(pattern, options=_options())


def compiled(pattern: str) -> Any:
    """Return one pattern, compiled, finding text whatever its case."""
    _options()
    return _compiled(pattern)


def _matcher(patterns: Sequence[str]) -> Any:
    """Return what gives the patterns that a text's UTF-8 has in it, ``None`` where it has none."""
    options = _options()
    import re2

    found = re2.Set.SearchSet(options)
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return found.Match


def searcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a pattern is found in a text."""
    match = _matcher((pattern,))

    def found(text: str) -> bool:
        return match(text[:LONGEST_TEXT].encode("utf-8", "replace")) is not None

    return found


def joins(pattern: str) -> bool:
    """Tell whether a pattern is searched for together with others.

    Phrases and alternatives are. A pattern that repeats something (``.{0,60}``, ``.*``) is not:
    several of these at once have so many states that a text made for it takes a hundred times as
    long, while each alone stays quick.
    """
    plain = re.sub(r"\\x\{[0-9a-f]+\}|\\s[+*]", "", pattern)
    return re.search(r"[*+{]", plain) is None


@cache
def needed(pattern: str) -> tuple[str, ...]:
    """Return patterns that join others and are each found wherever this one is.

    They are what stands between its parts that repeat something.
    """
    if re.search(r"\(\?(?!:)", pattern):
        return ()  # flags hold for what follows them
    pieces, begins, at = [], 0, 0
    while at < len(pattern):
        taken = atom(pattern, at)
        if not taken or pattern[at] == "|":
            return ()
        again = repeat(pattern, at + taken)
        if again:
            pieces.append(pattern[begins:at])
            begins = at + taken + again
        at += taken + again
    return tuple(p for p in (*pieces, pattern[begins:]) if _says_enough(p))


def _says_enough(piece: str) -> bool:
    return (
        re.search(r"[^\W\d_]{3}", piece) is not None and joins(piece) and not pattern_fault(piece)
    )


def search_all(patterns: Sequence[str]) -> Callable[[str], frozenset[int]]:
    """Return what tells which of the patterns are found in a text, in one pass over it."""
    if not patterns:
        return lambda text: frozenset()
    match = _matcher(tuple(patterns))

    def search(text: str) -> frozenset[int]:
        return frozenset(match(text[:LONGEST_TEXT].encode("utf-8", "replace")) or ())

    return search
