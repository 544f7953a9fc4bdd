"""All indicators at once: one pass over the text, whatever their number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from crossfix.content.disguise import worn_by
from crossfix.content.finding import Finding
from crossfix.content.floor import SPACELESS
from crossfix.content.literal import literal
from crossfix.content.plain import plain
from crossfix.content.reading import Reading
from crossfix.extras import need
from crossfix.matching.glance import ALL, NEAR, STRINGS, Glance
from crossfix.matching.indicator import Indicator
from crossfix.matching.near import NearTexts
from crossfix.matching.sieve import SHORTEST, Sieve
from crossfix.traces.canonical_url import LONGEST, canonical_url
from crossfix.traces.fingerprint import digest

UNCONFIRMED = "live:"
"""How the source begins of what was seen live and no person has confirmed."""

MANY = 1_000
"""Strings from which a text is sieved before it is searched; few are searched as quickly."""

MOST_PLACES = 10
"""Places of one indicator in one text that are reported."""

_HOST_PART = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_") | frozenset(range(0x80, 0x100))
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_") | frozenset(range(0x80, 0x100))
_SPACELESS = re.compile(f"[{SPACELESS}]")
_HOST_CHARACTERS = re.compile(r"[^\s/?#\\@:\[\]%<>\"'`{}|^()]+")
_URL_REST = re.compile(r"(?::\d{1,5})?(?:[/?#][!-~]*)?")
_CLOSING = ".,;:!?)]}>\"'"


class _Pattern:
    """A string of the automaton: what it stands for, and which of its ends need a border."""

    __slots__ = ("domain", "left", "pages", "right", "words")

    def __init__(self, text: str) -> None:
        self.words: list[Indicator] = []
        self.domain: list[Indicator] = []
        self.pages: dict[str, list[Indicator]] = {}
        self.left = not _SPACELESS.match(text[0])
        self.right = not _SPACELESS.match(text[-1])


class Matcher:
    """Indicators that hold, indexed. It never changes: to reload, make another and use that.

    ``patterns`` are the indicators of kind ``regex``, which are asked together with the patterns
    of other checks; the first ``bound`` of them match no text in ASCII that holds none of the
    literals that a glance looks for.
    """

    def __init__(self, indicators: Iterable[Indicator] = (), *, now: float = 0.0) -> None:
        held = [i for i in indicators if i.holds(now)]
        patterns = [i for i in held if i.kind == "regex"]
        literals = [literal(i.value) for i in patterns]
        self.patterns = tuple(sorted(patterns, key=lambda i: literal(i.value) is None))
        self.bound = len(literals) - literals.count(None)
        self._by_id = {i.id: i for i in held}
        self._exact: dict[str, list[Indicator]] = {}
        for found in held:
            if found.kind == "text":
                self._exact.setdefault(found.value, []).append(found)
        self._near_of = [i for i in held if i.kind == "near_text"]
        self._near = NearTexts([i.value for i in self._near_of])
        self._patterns: list[_Pattern] = []
        self._sieve: Sieve | None = None
        self._glance: Glance | None = None
        self._automaton = self._built(held, [one.encode() for one in literals if one])
        self.longest = max((len(i.value) for i in held if i.kind in _IN_TEXT), default=0)

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str) -> Indicator | None:
        """Return the indicator of this id."""
        return self._by_id.get(id)

    def _built(self, held: list[Indicator], literals: list[bytes]) -> Any:
        """Return the automaton of all strings that are looked for in the plain text."""
        strings: dict[str, _Pattern] = {}
        for found in held:
            if found.kind in ("phrase", "hash"):
                _pattern(strings, found.value).words.append(found)
            elif found.kind == "domain":
                for host in _written(found.value):
                    _pattern(strings, host).domain.append(found)
            elif found.kind == "url":
                for host in _written(re.split(r"[/?#:]", found.value, maxsplit=1)[0]):
                    _pattern(strings, host).pages.setdefault(found.value, []).append(found)
        encoded = [string.encode() for string in strings]
        long = min(map(len, encoded), default=SHORTEST) >= SHORTEST
        if len(encoded) >= MANY and long:
            self._sieve = Sieve(encoded)
        if self._sieve is not None or self._near_of:
            self._glance = Glance(encoded if long else None, literals, self._near.marks)
        if not strings:
            return None
        need("guard")
        import ahocorasick_rs as aho

        self._patterns = list(strings.values())
        return aho.BytesAhoCorasick(
            encoded,
            implementation=aho.Implementation.ContiguousNFA,
        )

    def glance(self, reading: Reading) -> int:
        """Return the bits of what a text may hold (`crossfix.matching.glance`)."""
        if self._glance is None or not reading.text.isascii():
            return ALL
        return self._glance.rules_out_all_but(reading.raw)

    def find(
        self, reading: Reading, *, whole: bool = True, holds: int | None = None
    ) -> list[Finding]:
        """Return what of the indicators is in a text, regular expressions aside.

        Fingerprints are of whole texts: they are left out where this is a piece of one. ``holds``
        is what a glance at it returned.
        """
        if holds is None:
            holds = self.glance(reading)
        found: list[Finding] = []
        if self._automaton is not None and holds & STRINGS:
            raw = reading.plain.encode()
            if self._sieve is None or self._sieve.may_hold(raw):
                hits = self._automaton.find_matches_as_indexes(raw, overlapping=True)
                if hits:
                    found += self._sorted_out(hits, raw, reading)
        nearly = bool(self._near_of) and holds & NEAR != 0
        if whole and (self._exact or nearly):
            found += self._fingerprints(reading, nearly=nearly)
        return found

    def _fingerprints(self, reading: Reading, *, nearly: bool) -> Iterator[Finding]:
        """Yield the fingerprints that a text has, or nearly."""
        if self._exact:
            for found in self._exact.get(digest(reading.folded), ()):
                yield _finding(_check(found), found, 1.0, (0, len(reading.text)))
        if nearly:
            for number, similarity in self._near.find(reading.folded):
                found = self._near_of[number]
                yield _finding(_check(found), found, similarity, (0, len(reading.text)))

    def _sorted_out(
        self, hits: list[tuple[int, int, int]], raw: bytes, reading: Reading
    ) -> Iterator[Finding]:
        """Yield what stands where words or names begin and end."""
        told: dict[int, int] = {}
        for number, start, end in hits:
            if told.get(number, 0) >= MOST_PLACES:
                continue
            pattern = self._patterns[number]
            before = raw[start - 1] if start else 0x20
            after = raw[end] if end < len(raw) else 0x20
            free = not (pattern.left and before in _WORD) and not (pattern.right and after in _WORD)
            named = (pattern.domain or pattern.pages) and _is_host(raw, end, before, after)
            if not (pattern.words and free) and not named:
                continue
            place = self._place(raw, start, end, reading)
            found: list[Indicator] = list(pattern.words) if free else []
            if named:
                found += _named(pattern, place, reading.text)
            told[number] = told.get(number, 0) + bool(found)
            worn = worn_by(reading.text[place[0] : place[1]], raw[start:end]) if place else None
            for one in found:
                yield _finding("indicator", one, 1.0, place, worn)

    @staticmethod
    def _place(raw: bytes, start: int, end: int, reading: Reading) -> tuple[int, int] | None:
        """Return where bytes of the plain text stand in the text."""
        if len(raw) != len(reading.plain):
            start, end = len(raw[:start].decode()), len(raw[:end].decode())
        return reading.in_plain(start, end)


_IN_TEXT = frozenset({"phrase", "hash", "domain", "url"})


def _pattern(strings: dict[str, _Pattern], string: str) -> _Pattern:
    return strings.setdefault(string, _Pattern(string))


def _written(host: str) -> list[str]:
    """Return how a host may stand in a plain text: as it is, and decoded."""
    shown = {host}
    if "xn--" in host:
        with suppress(UnicodeError):
            shown.add(plain(host.encode().decode("idna")))
    if host == "x.com":
        shown.add("twitter.com")
    return sorted(string for string in shown if string)


def _is_host(raw: bytes, end: int, before: int, after: int) -> bool:
    """Tell whether a name begins (or a subdomain ends) before and ends after."""
    if before in _HOST_PART or after in _HOST_PART:
        return False
    return not (after == 0x2E and end + 1 < len(raw) and raw[end + 1] in _HOST_PART)


def _named(pattern: _Pattern, place: tuple[int, int] | None, text: str) -> list[Indicator]:
    """Return the domains and pages whose host stands there, in whatever spelling."""
    if place is None:
        return list(pattern.domain)
    start, end = place
    while start and _HOST_CHARACTERS.match(text[start - 1]) and end - start < 253:
        start -= 1
    host = canonical_url("http://" + text[start:end].strip("."))
    if host is None:
        return []
    found = [i for i in pattern.domain if host == i.value or host.endswith("." + i.value)]
    if pattern.pages:
        rest = _URL_REST.match(text, end, end + LONGEST)
        page = text[start : rest.end() if rest else end]
        for spelled in {canonical_url("http://" + page), _without_closing(page)}:
            found += pattern.pages.get(spelled or "", ())
    return found


def _without_closing(page: str) -> str | None:
    """Return the address without punctuation that ends a sentence, not an address."""
    return canonical_url("http://" + page.rstrip(_CLOSING))


def _check(found: Indicator) -> str:
    """Return what a match is reported as: what no person has confirmed is a swarm's alone."""
    return "swarm" if found.source.startswith(UNCONFIRMED) else "fingerprint"


def _finding(
    check: str,
    found: Indicator,
    how: float,
    place: tuple[int, int] | None,
    worn: str | None = None,
) -> Finding:
    start, end = place or (None, None)
    score = found.confidence * how
    return Finding(check=check, name=found.id, score=score, start=start, end=end, disguise=worn)
