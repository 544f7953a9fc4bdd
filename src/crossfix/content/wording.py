"""A text as an encoder of meaning should read it: what was said, without its dress.

Folding for comparison (`crossfix.content.fold`) makes equals equal and may bend letters to do so:
it turns Cyrillic into Latin look-alikes everywhere. An encoder must see real words, so here
look-alikes are put back only where letters of two scripts stand in one text for no honest reason.
"""

from __future__ import annotations

import html
import re
from functools import cache
from unicodedata import category, normalize

from crossfix.content.characters import mapping

LONGEST = 2_000
"""Characters that are read; encoders look at fewer words than that."""

_LINK = re.compile(r"(?:https?://|www\.)\S+")
_MENTION = re.compile(r"(^|[^\w@.])@[\w.\-]+")
_COUNTER = re.compile(r"(?:^|\s)[(\[]?\b\d{1,2}/\d{1,2}\b[)\]]?(?=\s|$)")
_HASHTAG = re.compile(r"#(\w+)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_WORD = re.compile(r"[^\W\d_]+")

_CYRILLIC = "аеорсухіјѕԁһԛԝвкмнтАВЕКМНОРСТУХІЈЅԌԚԜҮ"
_LATIN = "aeopcyxijsdhqwbkmhtABEKMHOPCTYXIJSGQWY"
_GREEK, _AS_LATIN = "αορυντικεΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aopuvtikeABEZHIKMNOPTYX"
_TO_LATIN = str.maketrans(_CYRILLIC + _GREEK, _LATIN + _AS_LATIN)
_TO_CYRILLIC = str.maketrans("aeopcyxijABEKMHOPCTYX", "аеорсухіјАВЕКМНОРСТУХ")
_HAS_CYRILLIC = re.compile("[\u0400-\u052f]")
_HAS_GREEK = re.compile("[\u0370-\u03ff]")
_HAS_LATIN = re.compile("[A-Za-z]")


def worded(text: str) -> str:
    """Return what a text says: no links, mentions, pictures, invisible signs or disguises.

    Words of hashtags stay, a shouted text is spoken in lower case, line breaks become spaces.
    """
    text = html.unescape(text[:LONGEST]) if "&" in text else text[:LONGEST]
    if not text.isascii():
        text = normalize("NFKC", text.translate(_shown()))
        text = undisguised(text)
    text = _LINK.sub(" ", text)
    text = _MENTION.sub(r"\1 ", text)
    text = _HASHTAG.sub(lambda found: _HUMP.sub(" ", found[1]), text)
    if not text.isascii():
        text = "".join(" " if category(c) in ("So", "Sk", "Co", "Cn") else c for c in text)
    text = " ".join(_COUNTER.sub(" ", text).split())
    return text.lower() if _shouted(text) else text


@cache
def _shown() -> dict[int, int | None]:
    """Return what shows nothing, but for the joiner that Persian and Indic spelling needs."""
    table = dict(mapping("visible"))
    table[0x200C] = 0x200C
    return table


def undisguised(text: str) -> str:
    """Put letters back that stand for look-alikes of another script.

    A word in two scripts is a disguise. It is read in the script whose own letters, those that
    look like nothing else, the whole text has more of.
    """
    if not text or text.isascii():
        return text
    text = _joined(text)
    foreign = _HAS_CYRILLIC if _HAS_CYRILLIC.search(text) else _HAS_GREEK
    if not foreign.search(text) or not _HAS_LATIN.search(text):
        latin = text.translate(_TO_LATIN)
        # All of it may be look-alikes.
        return latin if foreign.search(text) and not foreign.search(latin) else text
    words = _WORD.findall(text)
    mixed = [w for w in words if foreign.search(w) and _HAS_LATIN.search(w)]
    if not mixed:
        return text
    own = len(foreign.findall(text.translate(_TO_LATIN)))
    latin_own = len(_HAS_LATIN.findall(text.translate(_TO_CYRILLIC)))
    if latin_own >= own:
        return _WORD.sub(lambda w: _if_whole(w[0], foreign), text)
    return _WORD.sub(lambda w: w[0].translate(_TO_CYRILLIC) if foreign.search(w[0]) else w[0], text)


def _if_whole(word: str, foreign: re.Pattern[str]) -> str:
    """Read a word as Latin if that leaves no foreign letter in it."""
    latin = word.translate(_TO_LATIN)
    return word if foreign.search(latin) else latin


def _joined(text: str) -> str:
    """Take the joiner out of words where it joins nothing: between letters of other scripts."""
    if "\u200c" not in text:
        return text
    return re.sub("(?<![\u0600-\u06ff\u0900-\u0dff])\u200c|\u200c(?![\u0600-\u06ff\u0900-\u0dff])",
                  "", text)  # fmt: skip


def _shouted(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 8:
        return False
    return sum(c.isupper() for c in letters) > 0.8 * len(letters)
