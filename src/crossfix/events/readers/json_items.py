"""Values out of a JSON document of any size, without ever holding the document.

Exports are one array of a million posts, often inside an object. The scanner walks the bytes as
they come, descends into the containers that lead to what is wanted and hands out the bytes of each
wanted value, so that one malformed post costs one post. Memory: one chunk and one value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Path = tuple[str, ...]
"""Member names from the root; ``*`` stands for every element of an array."""

MAX_ITEM = 16 * 1024 * 1024
"""Bytes of one value; a longer one is refused."""

MAX_DEPTH = 64
"""Containers inside one another on the way to a value, and inside a value."""

_MAX_NAME = 4096
_MAX_PREFIX = 4096
_PLAIN = re.compile(rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"{}\[\]]*+)*+', re.DOTALL)
_STRING = re.compile(rb"[^\"\\]*+(?:\\.[^\"\\]*+)*+", re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}\[{\":]*+")
_QUOTE = ord('"')
_ROOT = re.compile(rb"[{\[]")
_SPACE = re.compile(rb"\s*+")


@dataclass(frozen=True)
class Item:
    """A wanted value: where it stood, its bytes, or why they cannot be handed out.

    ``number`` counts the wanted values from 1. ``fault`` is None, ``too long``,
    ``nested too deeply``, ``truncated JSON`` or ``malformed JSON``; after the last two nothing
    follows.
    """

    path: Path
    raw: bytes
    number: int
    fault: str | None = None


def json_items(
    chunks: Iterable[bytes],
    wanted: Sequence[Path],
    *,
    max_item: int = MAX_ITEM,
    max_depth: int = MAX_DEPTH,
) -> Iterator[Item]:
    """Yield each value that stands at one of the wanted paths, in the order of the document.

    What stands before the first ``{`` or ``[`` is passed over (a byte-order mark, the JavaScript
    assignment of an archive: 4 KiB at most), and so is what follows the root value.
    """
    return _Scanner(iter(chunks), frozenset(wanted), max_item, max_depth).walk()


def top_level_names(head: bytes) -> list[str]:
    """Return the member names of the root object as far as the head of a file shows them."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return []
    scanner = _Scanner(iter([head]), frozenset({("\0",)}), MAX_ITEM, MAX_DEPTH)
    for _ in scanner.walk():
        pass
    return scanner.names


class _EndedError(Exception):
    """The bytes ended inside a value."""


class _MalformedError(Exception):
    """The bytes are not JSON."""


class _Scanner:
    """Where the walk stands: the bytes at hand, and the value being kept, if one is."""

    def __init__(
        self, chunks: Iterator[bytes], wanted: frozenset[Path], max_item: int, max_depth: int
    ) -> None:
        self.chunks = chunks
        self.wanted = wanted
        self.leads = frozenset(path[:n] for path in wanted for n in range(len(path)))
        self.max_item = max_item
        self.max_depth = max_depth
        self.data = b""
        self.at = 0
        self.kept: list[bytes] | None = None
        self.room = 0
        self.number = 0
        self.names: list[str] = []

    def walk(self) -> Iterator[Item]:
        """Yield the wanted values, and last the fault that ended the walk, if one did."""
        try:
            if self._find_root():
                yield from self._value(())
        except _EndedError:
            yield Item((), b"", self.number + 1, "truncated JSON")
        except _MalformedError:
            rest = self.data[self.at : self.at + 200]
            yield Item((), rest, self.number + 1, "malformed JSON")

    def _find_root(self) -> bool:
        """Go to the first bracket; return False for a file of white space only."""
        passed, blank = 0, True
        while True:
            found = _ROOT.search(self.data, self.at, self.at + _MAX_PREFIX - passed)
            before = self.data[self.at : found.start() if found else len(self.data)]
            blank = blank and not before.strip()
            if found:
                self.at = found.start()
                return True
            passed += 0 if blank else len(before)
            if passed >= _MAX_PREFIX:
                raise _MalformedError
            self.at = len(self.data)
            if not self._more():
                if blank:
                    return False
                raise _MalformedError

    def _more(self) -> bool:
        """Take the next chunk; everything of the last one has been passed."""
        for chunk in self.chunks:
            if chunk:
                self.data, self.at = chunk, 0
                return True
        return False

    def _need(self) -> None:
        if self.at >= len(self.data) and not self._more():
            raise _EndedError

    def _pass_to(self, end: int) -> None:
        """Move on, and keep what is passed while a value is being kept and there is room."""
        if self.kept is not None:
            self.room -= end - self.at
            if self.room < 0:
                self.kept.clear()
            else:
                self.kept.append(self.data[self.at : end])
        self.at = end

    def _peek(self) -> bytes:
        """Return the next byte that is no white space."""
        while True:
            self._need()
            space = _SPACE.match(self.data, self.at)
            self._pass_to(space.end() if space else self.at)
            if self.at < len(self.data):
                return self.data[self.at : self.at + 1]

    def _value(self, path: Path) -> Iterator[Item]:
        first = self._peek()
        if path in self.wanted:
            yield self._whole(path)
        elif path in self.leads and first == b"{":
            yield from self._object(path)
        elif path in self.leads and first == b"[":
            yield from self._array(path)
        else:
            self._pass_value()

    def _whole(self, path: Path) -> Item:
        self.number += 1
        self.kept, self.room = [], self.max_item
        fault = "nested too deeply" if self._pass_value() > self.max_depth else None
        raw, self.kept = b"".join(self.kept), None
        return Item(path, raw, self.number, "too long" if self.room < 0 else fault)

    def _object(self, path: Path) -> Iterator[Item]:
        self._pass_to(self.at + 1)
        while (first := self._peek()) != b"}":
            if first != b'"':
                raise _MalformedError
            name = self._name()
            if not path:
                self.names.append(name)
            if self._peek() != b":":
                raise _MalformedError
            self._pass_to(self.at + 1)
            yield from self._value((*path, name))
            self._pass_comma(b"}")
        self._pass_to(self.at + 1)

    def _array(self, path: Path) -> Iterator[Item]:
        self._pass_to(self.at + 1)
        while self._peek() != b"]":
            yield from self._value((*path, "*"))
            self._pass_comma(b"]")
        self._pass_to(self.at + 1)

    def _pass_comma(self, end: bytes) -> None:
        after = self._peek()
        if after == b",":
            self._pass_to(self.at + 1)
        elif after != end:
            raise _MalformedError

    def _name(self) -> str:
        self.kept, self.room = [], _MAX_NAME
        self._pass_string()
        raw, self.kept = b"".join(self.kept), None
        try:
            return str(json.loads(raw)) if self.room >= 0 else ""
        except ValueError:
            return ""

    def _pass_value(self) -> int:
        """Pass the value that begins here; return how deep it is nested."""
        first = self._peek()
        if first == b'"':
            self._pass_string()
            return 0
        if first in b"{[":
            return self._pass_container()
        begin = self.at
        while True:
            scalar = _SCALAR.match(self.data, self.at)
            end = scalar.end() if scalar else self.at
            if end == begin:
                raise _MalformedError
            self._pass_to(end)
            if end < len(self.data):
                return 0
            self._need()
            begin = -1

    def _pass_container(self) -> int:
        depth = deepest = 0
        while True:
            plain = _PLAIN.match(self.data, self.at)
            self._pass_to(plain.end() if plain else self.at)
            self._need()
            mark = self.data[self.at]
            if mark in b"{[":
                depth += 1
                deepest = max(deepest, depth)
            elif mark in b"}]":
                depth -= 1
            elif mark == _QUOTE:
                self._pass_string()
                continue
            else:
                continue
            self._pass_to(self.at + 1)
            if depth == 0:
                return deepest

    def _pass_string(self) -> None:
        self._pass_to(self.at + 1)
        while True:
            self._need()
            inside = _STRING.match(self.data, self.at)
            self._pass_to(inside.end() if inside else self.at)
            if self.at == len(self.data):
                continue
            ends = self.data[self.at] == _QUOTE
            self._pass_to(self.at + 1)
            if ends:
                return
            self._need()  # a backslash was the chunk's last byte: what it escapes is in the next
            self._pass_to(self.at + 1)
