"""The checks of content that need nobody else: one look at a text, all of them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal, get_args

from msgspec.structs import replace

from crossfix.content import plain as folding
from crossfix.content.classifier import Head, findings
from crossfix.content.disguise import DISGUISES, Disguise
from crossfix.content.finding import Finding
from crossfix.content.leaks import Leak
from crossfix.content.pattern_set import PatternSet
from crossfix.content.personal import PERSONAL
from crossfix.content.reading import Reading
from crossfix.content.secrets import SECRETS
from crossfix.matching.glance import LITERALS
from crossfix.matching.indicator import Indicator
from crossfix.matching.matcher import Matcher
from crossfix.matching.phishing import THRESHOLD, score_url, urls_in
from crossfix.matching.scanner import Scanner

Direction = Literal["prompt", "completion"]

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
"""Which way a text goes: to the model (a ``prompt``, with what tools answered), or from it."""

DEPTH = 2
"""Disguises inside each other that are seen through."""

_FLAG = re.compile("\U0001f3f4")  # the flags of Scotland, Wales and others end in tags

MOST_FINDINGS = 100
"""Findings of one look that are reported; who hides behind more of them is found anyway."""


class Checks:
    """Everything that is looked for in a text, compiled.

    ``leaks`` are looked for in completions alone unless ``leaks_in`` says otherwise. ``heads``
    score whole texts, not streams. An object never changes and may be shared by threads; to reload
    indicators, put another in its place.
    """

    def __init__(
        self,
        indicators: Iterable[Indicator] | Matcher = (),
        *,
        leaks: Iterable[Leak] = (*SECRETS, *PERSONAL),
        leaks_in: Iterable[Direction] = ("completion",),
        heads: Iterable[Head] = (),
        now: float = 0.0,
    ) -> None:
        folding.warm()
        score_url("https://warm.example/")
        self.matcher = (
            indicators if isinstance(indicators, Matcher) else Matcher(indicators, now=now)
        )
        self._heads = tuple(heads)
        inside = set(leaks_in)
        self._leaks = {d: tuple(leaks) if d in inside else () for d in DIRECTIONS}
        # Sets of their own are asked in less time than one of all: their states do not multiply.
        own, bound = self.matcher.patterns, self.matcher.bound
        self._bound, self._free = _owned(own[:bound]), _owned(own[bound:])
        self._rules = {d: _ruled((*self._leaks[d], *DISGUISES)) for d in DIRECTIONS}

    def look(self, text: str, direction: Direction) -> tuple[Finding, ...]:
        """Return what is found in a text that goes this way, surest first."""
        met = self._look(text, direction, DEPTH, self._heads)
        return tuple(sorted(met, key=_order)[:MOST_FINDINGS]) if met else ()

    def scanner(self, direction: Direction) -> Scanner:
        """Return what looks at a stream of text that goes this way, chunk by chunk."""
        return Scanner(
            lambda text: tuple(self._look(text, direction, DEPTH)),
            longest=self.matcher.longest,
        )

    def _look(
        self,
        text: str,
        direction: Direction,
        depth: int,
        heads: tuple[Head, ...] = (),
        *,
        whole: bool = True,
    ) -> Iterable[Finding]:
        """Return what is in a text, in no order."""
        reading = Reading(text)
        holds = self.matcher.glance(reading)
        known = self.matcher.find(reading, whole=whole, holds=holds)
        matched = _among(self._bound, reading) if holds & LITERALS else []
        if self._free[0]:
            matched += _among(self._free, reading)
        met = self._rules[direction].among(reading.raw)
        if not (known or matched or met or heads or (":" in text and "://" in text)):
            return ()
        return self._sorted_out(reading, direction, depth, heads, known, matched, met)

    def _sorted_out(
        self,
        reading: Reading,
        direction: Direction,
        depth: int,
        heads: tuple[Head, ...],
        known: list[Finding],
        matched: list[Iterator[Finding]],
        met: list[int],
    ) -> Iterator[Finding]:
        """Yield what is in a text as it is, then what is in what it hides and not outside.

        ``known`` is what the matcher found, ``matched`` what the indicators' patterns find,
        ``met`` the numbers of the other rules that match.
        """
        rules, leaks = self._rules[direction], self._leaks[direction]
        told = {(one.check, one.name) for one in known}
        hidden: list[Disguise] = []
        yield from known
        found = list(matched)
        for number in met:
            if number < len(leaks):
                found.append(_leaked(leaks[number], number, rules, reading))
            else:
                hidden.append(DISGUISES[number - len(leaks)])
        for one in chain.from_iterable(found):
            told.add((one.check, one.name))
            yield one
        for url, start, end in urls_in(reading.text):
            scored = score_url(url)
            if scored.score >= THRESHOLD:
                yield Finding(check="url", name=scored.reasons[0], score=scored.score,
                              start=start, end=end)  # fmt: skip
        for head in heads:
            for one in findings(head.score(reading.text), head.threshold):
                told.add((one.check, one.name))
                yield one
        if depth:
            for disguise in hidden:
                for one in self._hidden(disguise, reading, direction, depth, heads):
                    if (one.check, one.name) not in told:
                        yield one

    def _hidden(
        self,
        disguise: Disguise,
        reading: Reading,
        direction: Direction,
        depth: int,
        heads: tuple[Head, ...],
    ) -> Iterator[Finding]:
        """Yield what is in the texts that are disguised so, where the disguise stands."""
        for text, start, end in disguise.decode(reading.text):
            if disguise.suspicion and not _FLAG.search(reading.text, max(0, start - 1), start):
                yield Finding(check="disguise", name=disguise.name, score=disguise.suspicion,
                              start=start, end=end)  # fmt: skip
            for one in self._look(text, direction, depth - 1, heads):
                name = f"{disguise.name}+{one.disguise}" if one.disguise else disguise.name
                yield replace(one, start=start, end=end, disguise=name)


def _ruled(rules: tuple[Leak | Disguise, ...]) -> PatternSet:
    return PatternSet([rule.pattern for rule in rules], [rule.name for rule in rules])


def _owned(indicators: tuple[Indicator, ...]) -> tuple[PatternSet, tuple[Indicator, ...]]:
    return PatternSet([i.value for i in indicators], [i.id for i in indicators]), indicators


def _among(
    owned: tuple[PatternSet, tuple[Indicator, ...]], reading: Reading
) -> list[Iterator[Finding]]:
    """Return the places of the indicators whose patterns match."""
    patterns, indicators = owned
    met = patterns.among(reading.raw)
    return [_matched(indicators[number], number, patterns, reading) for number in met]


def _matched(
    one: Indicator, number: int, patterns: PatternSet, reading: Reading
) -> Iterator[Finding]:
    for at, span in enumerate(patterns.spans(number, reading.raw)):
        if at == 10:
            return
        start, end = reading.in_raw(*span)
        yield Finding(check="pattern", name=one.id, score=one.confidence, start=start, end=end)


def _leaked(leak: Leak, number: int, patterns: PatternSet, reading: Reading) -> Iterator[Finding]:
    for span in patterns.spans(number, reading.raw, leak.group):
        score = leak.sure(reading.raw[span[0] : span[1]].decode("utf-8", "replace"))
        if score > 0:
            start, end = reading.in_raw(*span)
            yield Finding(check=leak.check, name=leak.name, score=score, start=start, end=end)


def _order(found: Finding) -> tuple[float, int, str, str]:
    return -found.score, -1 if found.start is None else found.start, found.check, found.name
