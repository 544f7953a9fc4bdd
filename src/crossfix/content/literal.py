"""What a text must hold for a pattern to match: a run of letters and digits that it asks for.

Only what stands in the pattern itself is read, outside groups, and with the escapes that every
writer of patterns knows; of any other pattern nothing is said, and it is always asked.
"""

from __future__ import annotations

import re
import string

LEAST = 4
"""Letters and digits that a literal must have; shorter ones are in too many texts."""

_PLAIN = frozenset(string.ascii_letters + string.digits)
_ESCAPES = frozenset("bBdDsSwWtnrfvaAz") | frozenset(string.punctuation)
_COUNT = re.compile(r"\{\d+(?:,\d*)?\}")


def literal(pattern: str) -> str | None:
    """Return a run of lower-case letters and digits without which RE2 finds no match in ASCII.

    The text is compared in lower case. None where no run is long enough or none can be told.
    """
    if not pattern.isascii():
        return None
    runs, run, at = [""], "", 0
    while at < len(pattern):
        char = pattern[at]
        taken = atom(pattern, at)
        if not taken or char == "|":
            return None  # either side will do
        at += taken
        repeats = pattern[at : at + 1]
        if char in _PLAIN and (repeats == "+" or not repeat(pattern, at)):
            run += char
            if repeats != "+":
                continue
        runs.append(run)
        run = ""
        at += repeat(pattern, at)
    longest = max((*runs, run), key=len)
    return longest.lower() if len(longest) >= LEAST else None


def atom(pattern: str, at: int) -> int:
    """Return the length of the character, escape, class or group that begins here.

    0 where it cannot be told.
    """
    char = pattern[at]
    if char == "\\":
        return 2 if pattern[at + 1 : at + 2] in _ESCAPES else 0
    if char == "(":
        return _group(pattern, at)
    return _class(pattern, at) if char == "[" else 1


def repeat(pattern: str, at: int) -> int:
    """Return the length of what says here how often the atom before may stand, 0 for nothing."""
    counted = _COUNT.match(pattern, at)
    if counted:
        return counted.end() - at
    return 1 if pattern[at : at + 1] in ("?", "*", "+") else 0


def _class(pattern: str, at: int) -> int:
    """Return the length of the class of characters that begins here, 0 if it has no end."""
    end = at + 1
    end += pattern[end : end + 1] == "^"
    end += pattern[end : end + 1] == "]"
    while end < len(pattern) and pattern[end] != "]":
        if pattern.startswith("[:", end):
            closed = pattern.find(":]", end)
            end = closed + 2 if closed > 0 else len(pattern)
        else:
            end += 2 if pattern[end] == "\\" else 1
    return end + 1 - at if end < len(pattern) else 0


def _group(pattern: str, at: int) -> int:
    """Return the length of the group that begins here, 0 if it has no end."""
    depth, end = 0, at
    while end < len(pattern):
        char = pattern[end]
        taken = _class(pattern, end) if char == "[" else 2 if char == "\\" else 1
        if not taken or pattern[end : end + 2] == "\\Q":
            return 0
        depth += (char == "(") - (char == ")")
        end += taken
        if not depth:
            return end - at
    return 0
