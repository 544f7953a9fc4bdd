"""Texts as a function of a number: the same number always says the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.scenarios.languages import EMOJI, LANGUAGES, Language

OPEN_WORDS = {"N": 1500, "A": 600, "V": 400}
"""How many words an open slot knows; the rare ones are made from syllables."""

_SLOT = re.compile(r"^([NVAPWTDE])([.,!?]?)$")
_PHRASE_RATE = 0.02
_MOST_SENTENCES = 5

Numbers = NDArray[np.uint64]


@dataclass(frozen=True)
class Paraphrase:
    """How a copied text is varied: rates a word (synonym, typo) and a text (reorder, emoji)."""

    synonym: float = 0.18
    typo: float = 0.02
    reorder: float = 0.3
    emoji: float = 0.4


def mix(numbers: Numbers, salt: int) -> Numbers:
    """Return well mixed 64-bit numbers (the finaliser of SplitMix64)."""
    z = numbers + np.uint64((salt * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def unit(numbers: Numbers, salt: int) -> NDArray[np.float64]:
    """Return numbers in [0, 1) made from ``numbers``."""
    return (mix(numbers, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53


class Lexicon:
    """All words in one array; a class of words is a range of it.

    ``start`` and ``size`` are the ranges by class; ``patterns`` holds a row of class numbers a
    pattern (-1 beyond its end); ``first`` is each language's first pattern and their count.
    ``typo`` is the number of the same word with a slip of the finger.
    """

    def __init__(self, languages: tuple[Language, ...]) -> None:
        self._words: list[str] = []
        self._classes: dict[tuple[int, str], int] = {}
        start: list[int] = []
        size: list[int] = []
        rows: list[list[int]] = []
        first: list[int] = []
        phrases: list[int] = []
        for number, language in enumerate(languages):
            first.append(len(rows))
            for pattern in language.patterns:
                tokens = pattern.split()
                rows += [[self._class(number, language, t, start, size) for t in tokens]]
            phrases.append(len(start))
            start.append(len(self._words))
            size.append(len(language.phrases))
            self._words += language.phrases
        first.append(len(rows))
        self.emoji = len(start)
        start.append(len(self._words))
        size.append(len(EMOJI.split()))
        self._words += EMOJI.split()
        self.count = len(self._words)
        self.words = pa.array(self._words + [_slip(w) for w in self._words])
        self.start = np.array(start, np.int64)
        self.size = np.array(size, np.int64)
        self.first = np.array(first, np.int64)
        self.phrases = np.array(phrases, np.int64)
        longest = max(map(len, rows))
        self.patterns = np.array([r + [-1] * (longest - len(r)) for r in rows], np.int64)
        self.separators = pa.array([language.separator for language in languages])

    def _class(
        self, number: int, language: Language, token: str, start: list[int], size: list[int]
    ) -> int:
        """Return the class of a pattern's token, made when first met."""
        known = self._classes.get((number, token))
        if known is None:
            slot = _SLOT.match(token)
            words = _slot_words(language, slot[1]) if slot else [token]
            ending = slot[2] if slot else ""
            known = self._classes[number, token] = len(start)
            start.append(len(self._words))
            size.append(len(words))
            self._words += [word + ending for word in words]
        return known


def _slot_words(language: Language, slot: str) -> list[str]:
    if slot == "D":
        return [str(n) for n in range(2, 900)]
    if slot == "E":
        return EMOJI.split()
    words = [word.replace("_", " ") for word in language.words[slot].split()]
    wanted = OPEN_WORDS.get(slot, 0)
    syllables = language.syllables.split()
    n = len(syllables)
    for i in range(n * n * n):
        if len(words) >= wanted:
            break
        j = i * 7919 % (n * n * n)
        words.append(syllables[j % n] + syllables[j // n % n] + syllables[j // n // n])
    return words


def _slip(word: str) -> str:
    """Swap two letters in the middle of a word that is long enough."""
    if len(word) < 5:
        return word
    at = len(word) // 2
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the lexicon of all languages, built once."""
    return Lexicon(LANGUAGES)


def bodies(
    text: Numbers,
    variant: NDArray[np.int32],
    language: NDArray[np.int8],
    sentences: NDArray[np.int8],
    paraphrase: Paraphrase,
) -> pa.Array:
    """Return the texts numbered ``text``, without links and tags.

    ``variant`` 0 is the text itself, others are paraphrases of it; ``sentences`` is how many
    sentences it has. A small part of one-sentence texts are phrases that everybody says.
    """
    lex = lexicon()
    spoken = _spoken(text, variant)
    row, place, classes = _slots(lex, text, spoken, language, sentences, variant, paraphrase)
    at = mix(text[row], 7) + place.astype(np.uint64)
    size = lex.size[classes]
    rank = (np.exp(unit(at, 1) ** 1.4 * np.log1p(size)) - 1).astype(np.int64)
    rank = np.minimum(rank, size - 1)
    varied = variant[row] != 0
    at_variant = mix(spoken[row], 11) + place.astype(np.uint64)
    synonym = varied & (unit(at_variant, 2) < paraphrase.synonym) & ((rank ^ 1) < size)
    rank = np.where(synonym, rank ^ 1, rank)
    word = lex.start[classes] + rank
    slip = varied & (unit(at_variant, 3) < paraphrase.typo)
    word = np.where(slip, word + lex.count, word)
    offsets = np.searchsorted(row, np.arange(len(text) + 1)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), lex.words.take(pa.array(word)))
    return pc.binary_join(lists, lex.separators.take(pa.array(language)))


def _spoken(text: Numbers, variant: NDArray[np.int32]) -> Numbers:
    """Return a number for each (text, variant)."""
    return mix(text ^ mix(variant.astype(np.uint64), 13), 17)


def _slots(
    lex: Lexicon,
    text: Numbers,
    spoken: Numbers,
    language: NDArray[np.int8],
    sentences: NDArray[np.int8],
    variant: NDArray[np.int32],
    paraphrase: Paraphrase,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return, for each word of each text in order: the text, the word's place, its class.

    The place belongs to the word, not to where it stands: reordered sentences keep their words.
    """
    width = lex.patterns.shape[1]
    most = int(min(sentences.max(initial=1), _MOST_SENTENCES))
    per_language = np.diff(lex.first)
    grid = np.full((len(text), most + 1, width), -1, np.int64)
    number = np.tile(np.arange(most), (len(text), 1))
    swapped = (variant != 0) & (sentences > 1) & (unit(spoken, 5) < paraphrase.reorder)
    if most > 1:
        number[swapped, :2] = (1, 0)
    for position in range(most):
        which = number[:, position].astype(np.uint64)
        chosen = (unit(text + which * np.uint64(1000), 19) * per_language[language]).astype(int)
        rows = lex.patterns[lex.first[language] + chosen]
        grid[:, position] = np.where((position < sentences)[:, None], rows, -1)
    phrase = (sentences == 1) & (unit(text, 23) < _PHRASE_RATE)
    grid[phrase] = -1
    grid[phrase, 0, 0] = lex.phrases[language[phrase]]
    happy = (variant != 0) & (unit(spoken, 29) < paraphrase.emoji)
    grid[happy, most, 0] = lex.emoji
    last = np.full((len(text), 1), _MOST_SENTENCES)
    home = np.concatenate([number, last], axis=1)[:, :, None] * width
    places = np.broadcast_to(home + np.arange(width), grid.shape)
    used = grid >= 0
    row = np.nonzero(used)[0]
    return row, places[used], grid[used]
