"""The head that ships: phrases written by hand, weighed by which of them share a sentence."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from math import exp
from typing import Any

import msgspec

from crossfix.content.floor import SPACELESS
from crossfix.content.plain import plain
from crossfix.extras import need

BIAS = 1.5
"""What the weights of a sentence must exceed for a score above one half: one list alone does not.
Chosen so that of each of three sources of harmless prompts one in a hundred is met at most, on
halves of them that no figure is reported for (docs/benchmarks.md)."""

LONGEST = 100_000
"""Characters of a text that are scored."""

_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_") | frozenset(range(0x80, 0x100))
# One set of first bytes, looked back at: Python looks for a set in half of the time of a choice.
_SENTENCE_ENDS = re.compile(
    rb"[.!?;\xe3\xef](?:(?<=[.!?;])[\s\"')]|(?<=\xe3)\x80\x82|(?<=\xef)\xbc[\x81\x9f])"
)
_SPACELESS = re.compile(f"[{SPACELESS}]")


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    all: tuple[str, ...]
    weight: float
    category: str = ""
    categories: tuple[str, ...] = ()


class _Holds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list that stands in so many following sentences as well, unless another one does."""

    list: str
    unless: str
    sentences: int


class Lexicon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lists of phrases, rules that add weight, and rules that soften what was added."""

    lists: dict[str, tuple[str, ...]]
    rules: tuple[_Rule, ...]
    softens: tuple[_Rule, ...] = ()
    holds: _Holds | None = None


@cache
def shipped() -> Lexicon:
    """Return the lexicon that ships."""
    text = (files("crossfix.content.heads") / "lexicon.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Lexicon)


class _Phrase:
    """The lists that a string stands for: as a whole word, and as the beginning of one."""

    __slots__ = ("begins", "left", "right", "whole")

    def __init__(self, folded: str) -> None:
        self.whole = self.begins = 0
        self.left = not _SPACELESS.match(folded[0])
        self.right = not _SPACELESS.match(folded[-1])


def _add(phrase: str, mask: int, phrases: dict[bytes, _Phrase]) -> None:
    """Take in a phrase of a list; a star at its end lets the word go on."""
    folded = plain(phrase.removesuffix("*"))
    held = phrases.setdefault(folded.encode(), _Phrase(folded))
    if phrase.endswith("*"):
        held.begins |= mask
    else:
        held.whole |= mask


class LexicalHead:
    """Scores per category from phrases: deterministic, fast, and blind to what it has no words for.

    A sentence's weight is the sum of the rules whose lists all stand in it; a text's score is
    that of its heaviest sentence, with a little for each further one.
    """

    name = "lexical"
    threshold = 0.5

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        need("guard")
        import ahocorasick_rs as aho

        lexicon = lexicon or shipped()
        numbers = {name: n for n, name in enumerate(lexicon.lists)}
        phrases: dict[bytes, _Phrase] = {}
        for name, listed in lexicon.lists.items():
            for phrase in listed:
                _add(phrase, 1 << numbers[name], phrases)
        self._phrases = list(phrases.values())
        self._automaton: Any = aho.BytesAhoCorasick(list(phrases))
        self.categories = tuple(dict.fromkeys(rule.category for rule in lexicon.rules))
        self._rules = [_masks(rule, numbers, (rule.category,)) for rule in lexicon.rules]
        self._softens = [_masks(rule, numbers, rule.categories) for rule in lexicon.softens]
        self._held = self._unless = self._sentences = 0
        if (holds := lexicon.holds) is not None:
            self._held, self._unless = 1 << numbers[holds.list], 1 << numbers[holds.unless]
            self._sentences = holds.sentences
        # Bounded: who writes the text chooses what there is to keep.
        self._weights = lru_cache(maxsize=16_384)(self._weighed)

    def score(self, text: str) -> dict[str, float]:
        """Return a score from 0 to 1 for each category of which anything was found."""
        raw = _by_sentence(text[:LONGEST])
        present: dict[int, int] = {}
        ends: list[int] | None = None
        for number, start, end in self._automaton.find_matches_as_indexes(raw, overlapping=True):
            phrase = self._phrases[number]
            if phrase.left and start and raw[start - 1] in _WORD:
                continue
            mask = phrase.begins
            if not phrase.right or end == len(raw) or raw[end] not in _WORD:
                mask |= phrase.whole
            if not mask:
                continue
            if ends is None:
                ends = [found.end() for found in _SENTENCE_ENDS.finditer(raw)]
            sentence = bisect_right(ends, start)
            present[sentence] = present.get(sentence, 0) | mask
        return self._summed(present)

    def _summed(self, present: Mapping[int, int]) -> dict[str, float]:
        best: dict[str, float] = {}
        more: dict[str, float] = {}
        until = -1
        for sentence, mask in sorted(present.items()):
            if mask & self._held:
                until = sentence + self._sentences
            elif sentence <= until and not mask & self._unless:
                mask |= self._held
            for category, weight in self._weights(mask).items():
                more[category] = more.get(category, 0.0) + weight
                best[category] = max(best.get(category, 0.0), weight)
        return {
            category: 1 / (1 + exp(BIAS - weight - 0.25 * min(8.0, more[category] - weight)))
            for category, weight in best.items()
            if weight > 0
        }

    def _weighed(self, mask: int) -> dict[str, float]:
        """Return the weights of a sentence in which these lists stand."""
        found: dict[str, float] = {}
        for masks, weight, (category,) in self._rules:
            if all(mask & one for one in masks):
                found[category] = found.get(category, 0.0) + weight
        for masks, weight, categories in self._softens:
            if all(mask & one for one in masks):
                for category in categories:
                    if category in found:
                        found[category] = max(0.0, found[category] + weight)
        return found


def _masks(
    rule: _Rule, numbers: Mapping[str, int], categories: Sequence[str]
) -> tuple[tuple[int, ...], float, tuple[str, ...]]:
    masks = tuple(sum(1 << numbers[name] for name in any_.split("|")) for any_ in rule.all)
    return masks, rule.weight, tuple(categories)


def _by_sentence(text: str) -> bytes:
    """Return a text plain, with its line breaks as ends of sentences."""
    return plain(text.replace("\n", " ; ") if "\n" in text else text).encode()
