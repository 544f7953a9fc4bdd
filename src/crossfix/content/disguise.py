"""What a text hides: the same text in an encoding, and signs that show nothing.

A model reads base64 and leetspeak, a list of phrases does not. So what looks encoded is decoded,
and the decoded text is looked at too. Whoever writes the text chooses what there is to decode:
`MOST_DECODED` bounds it, and each encoding costs time that grows with the text alone.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from crossfix.content.characters import mapping

MOST_DECODED = 20_000
"""Characters of decoded text that are looked at for one text and one encoding."""

MOST_PIECES = 50
_LEAST_LETTERS = 8


@dataclass(frozen=True)
class Disguise:
    """An encoding: what it may look like, in RE2's syntax, and what is hidden in a text.

    ``decode`` yields each hidden text with where its disguise begins and ends in the whole.
    ``suspicion`` is the score of its being there at all, whatever it hides: who encodes has
    reasons, who writes what nobody can see has few.
    """

    name: str
    about: str
    pattern: str
    decode: Callable[[str], Iterator[tuple[str, int, int]]]
    suspicion: float = 0.0


def readable(raw: bytes) -> str | None:
    """Return bytes as text, if they are one that somebody may read."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-16-le", "replace") if raw.count(0) * 3 > len(raw) else ""
    shown = sum(char.isprintable() or char in "\n\r\t" for char in text)
    letters = sum(char.isalpha() for char in text)
    enough = shown >= 0.9 * len(text) and letters >= max(_LEAST_LETTERS, 0.4 * len(text))
    return text if enough else None


def _pieces(
    shape: re.Pattern[str], decoded: Callable[[str], str | None]
) -> Callable[[str], Iterator[tuple[str, int, int]]]:
    """Return a decoder of the pieces of a text that have a shape."""

    def decode(text: str) -> Iterator[tuple[str, int, int]]:
        left = MOST_DECODED
        for number, found in enumerate(shape.finditer(text)):
            if number == MOST_PIECES or left <= 0:
                return
            hidden = decoded(found[0][: 4 * left])
            if hidden:
                yield hidden[:left], *found.span()
                left -= len(hidden)

    return decode


def _whole(*ways: Callable[[str], str]) -> Callable[[str], Iterator[tuple[str, int, int]]]:
    """Return a decoder of a whole text, in one way or several."""

    def decode(text: str) -> Iterator[tuple[str, int, int]]:
        part = text[:MOST_DECODED]
        for hidden in {way(part) for way in ways} - {part}:
            yield hidden, 0, len(part)

    return decode


def _base64(piece: str) -> str | None:
    piece = re.sub(r"\s", "", piece).translate(str.maketrans("-_", "+/")).rstrip("=")
    piece = piece[: len(piece) - (len(piece) % 4 == 1)]
    try:
        return readable(base64.b64decode(piece + "=" * (-len(piece) % 4)))
    except (ValueError, binascii.Error):
        return None


def _base32(piece: str) -> str | None:
    piece = piece.rstrip("=")
    try:
        return readable(base64.b32decode(piece + "=" * (-len(piece) % 8)))
    except (ValueError, binascii.Error):
        return None


def _hex(piece: str) -> str | None:
    digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", piece)
    return readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _percent(piece: str) -> str | None:
    return readable(unquote_to_bytes(piece))


def _entities(piece: str) -> str | None:
    points = [int(x, 16) if x else int(d) for x, d in _ENTITY.findall(piece)]
    return "".join(chr(p) for p in points if 0x20 <= p < 0xD800) or None


def _escapes(piece: str) -> str | None:
    points = [int(code, 16) for code in re.findall(r"\\u\{?([0-9A-Fa-f]{4})", piece)]
    return "".join(chr(p) for p in points if not 0xD800 <= p < 0xE000) or None


def _binary(piece: str) -> str | None:
    digits = re.sub(r"[^01]", "", piece)
    if len(digits) % 8:
        return None
    return readable(int(digits, 2).to_bytes(len(digits) // 8, "big")) if digits else None


def _morse(piece: str) -> str | None:
    words = [
        "".join(_MORSE.get(code, "") for code in word.split())
        for word in re.split(r" ?/ ?|\s{3,}", piece)
    ]
    text = " ".join(words)
    return text if sum(map(str.isalpha, text)) >= _LEAST_LETTERS else None


def _tags(piece: str) -> str | None:
    return "".join(chr(ord(char) - 0xE0000) for char in piece)


def _selectors(piece: str) -> str | None:
    """Read bytes that are hidden as variation selectors, which show nothing."""
    points = [ord(char) for char in piece]
    raw = bytes(p - 0xFE00 if p < 0xFE10 else p - 0xE0100 + 16 for p in points)
    return readable(raw)


def _zero_width(piece: str) -> str | None:
    """Read bits that are hidden as two characters that show nothing."""
    kinds = sorted(set(piece))
    if len(kinds) != 2 or len(piece) < 8 * _LEAST_LETTERS:
        return None
    for zero in kinds:
        bits = "".join("0" if char == zero else "1" for char in piece)
        raw = int(bits[: len(bits) // 8 * 8], 2).to_bytes(len(bits) // 8, "big")
        if text := readable(raw):
            return text
    return None


_LEET = str.maketrans("4@8306957$", "aabeoggst$".replace("$", "s"))
_WORDLIKE = re.compile(r"\S+")


def _leet(one: str) -> Callable[[str], str]:
    """Return what reads digits and signs inside words as letters; 1, ! and | are ``one``."""
    letters = _LEET | str.maketrans("1!|", one * 3)

    def read(text: str) -> str:
        return _WORDLIKE.sub(
            lambda found: found[0].translate(letters) if _has_letter(found[0]) else found[0], text
        )

    return read


def _has_letter(word: str) -> bool:
    return any(map(str.isalpha, word))


def _spaced(piece: str) -> str | None:
    """Join letters that stand apart; wider gaps part words."""
    gap = piece[1]
    words = re.split(rf"\s{{2,}}|{re.escape(gap)}{{2,}}|\s?/\s?", piece)
    return " ".join(word.replace(gap, "") for word in words)


def _twice(words: Iterable[str]) -> str:
    """Return the pattern of a text in which some of these words stand twice."""
    one = rf"\b(?:{'|'.join(sorted(words))})\b"
    return f"(?is){one}.*{one}"


_COMMON_WORDS = (
    "the that this with have from you your what how will for where which ignore system prompt "
    "instructions write make please about should would could their they there kill bomb"
)
_COMMON = tuple(_COMMON_WORDS.split())
"""Words that texts have, and that are no words backwards or moved."""

_LEET_WORD = r"[a-z]{0,8}(?:[a-z][4@8301!|5$7]{1,2}|[4@8301!|5$7][a-z])[a-z]{1,8}"

FOLDED = {
    "invisible": "signs that show nothing between the letters",
    "lookalikes": "letters of other scripts or widths for letters of ASCII",
}
"""Disguises that folding takes off before anything is looked for."""


def worn_by(shown: str, folded: bytes) -> str | None:
    """Return what folding took off what stood in a text, if that was a disguise.

    ``folded`` is what it became, as UTF-8. Quotation marks and accents are none.
    """
    if shown.isascii():
        return None
    invisible = mapping("visible")
    if any(ord(char) > 0x7F and invisible.get(ord(char), 0) is None for char in shown):
        return "invisible"
    if folded.isascii() and any(char.isalpha() and not char.isascii() for char in shown):
        return "lookalikes"
    return None


_ENTITY = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,6})|(\d{1,7}));")
_MORSE_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
    ".-- -..- -.-- --.."
)
_MORSE = dict(zip(_MORSE_SIGNS.split(), "abcdefghijklmnopqrstuvwxyz", strict=True))
_TAG = "[\U000e0020-\U000e007f]"

DISGUISES: tuple[Disguise, ...] = (
    Disguise("tag_characters", "letters of Unicode's tags, which show nothing",
             r"[\x{e0020}-\x{e007f}]{4}", _pieces(re.compile(_TAG + "{4,}"), _tags), 0.9),
    Disguise("variation_selectors", "bytes hidden as variation selectors, which show nothing",
             r"[\x{e0100}-\x{e01ef}\x{fe00}-\x{fe0f}]{8}",
             _pieces(re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}"), _selectors), 0.9),
    Disguise("zero_width", "bits hidden as characters of no width",
             r"[\x{200b}-\x{200f}\x{2060}-\x{2064}\x{feff}]{64}",
             _pieces(re.compile("[\u200b-\u200f\u2060-\u2064\ufeff]{64,}"), _zero_width), 0.9),
    Disguise("base64", "base64, also of the alphabet for URLs",
             r"[A-Za-z0-9+/_-]{16}", _pieces(re.compile(
                 r"(?<![A-Za-z0-9+/_-])(?=[A-Za-z]*[0-9A-Z+/])[A-Za-z0-9+/_-]{16,}"
                 r"(?:\r?\n[A-Za-z0-9+/_-]{16,})*={0,2}"), _base64)),
    Disguise("base32", "base32", r"\b[A-Z2-7]{24}",
             _pieces(re.compile(r"\b[A-Z2-7]{24,}={0,6}"), _base32)),
    Disguise("hex", "hexadecimal digits of UTF-8",
             r"(?i)(?:(?:0x|\\x)?[0-9a-f]{2}[ ,:]?){10}", _pieces(re.compile(
                 r"(?i)(?<![0-9a-f])(?:(?:0x|\\x)?[0-9a-f]{2}[ ,:]?){10,}"), _hex)),
    Disguise("percent", "the encoding of URLs", r"(?:%[0-9A-Fa-f]{2}[A-Za-z0-9_.~-]{0,3}){4}",
             _pieces(re.compile(r"(?:%[0-9A-Fa-f]{2}[A-Za-z0-9_.~-]*){4,}"), _percent)),
    Disguise("entities", "numeric entities of HTML", r"(?:&#[xX]?[0-9A-Fa-f]{1,7};){4}",
             _pieces(re.compile(r"(?:&#[xX]?[0-9A-Fa-f]{1,7};\s?){4,}"), _entities)),
    Disguise("escapes", "escapes as in program text", r"(?:\\u\{?[0-9A-Fa-f]{4}\}?){4}",
             _pieces(re.compile(r"(?:\\u\{?[0-9A-Fa-f]{4}\}?){4,}"), _escapes)),
    Disguise("binary", "ones and zeros", r"(?:[01]{8}[ ,]?){8}",
             _pieces(re.compile(r"(?:[01]{8}[ ,]?){8,}"), _binary)),
    Disguise("morse", "Morse code", r"(?:[.-]{1,4} ){6}",
             _pieces(re.compile(r"(?:[.-]{1,4}(?: +/? *|/|$))+"), _morse)),
    Disguise("spaced", "letters that stand apart",
             r"(?:^|[^\pL\pN])\pL(?:[ ._*-]\pL){5}(?:[^\pL\pN]|$)", _pieces(re.compile(
                 r"(?<!\w)(?:[^\W\d_][ ._*\-]{1,3}){5,}[^\W\d_](?!\w)"), _spaced)),
    Disguise("leetspeak", "digits and signs for letters",
             rf"(?is)\b{_LEET_WORD}.*\b{_LEET_WORD}", _whole(_leet("i"), _leet("l"))),
    Disguise("reversed", "a text written backwards, where English words betray it",
             _twice(word[::-1] for word in _COMMON), _whole(lambda text: text[::-1])),
    Disguise("rot13", "letters moved by thirteen places, where English words betray it",
             _twice(codecs.encode(word, "rot13") for word in _COMMON),
             _whole(lambda text: codecs.encode(text, "rot13"))),
)  # fmt: skip
