"""Names of accounts and sites that belong to nobody."""

from __future__ import annotations

import numpy as np

_SYLLABLES = (
    "ba", "bel", "bri", "cal", "cor", "dan", "del", "dor", "el", "fen", "fi", "gal", "gri", "hal",
    "ila", "jo", "kar", "kel", "la", "len", "lor", "ma", "mi", "nar", "nel", "o", "or", "pel",
    "qua", "ra", "ril", "sa", "sel", "ta", "tor", "ul", "va", "vel", "wen", "xan", "yo", "zel",
)  # fmt: skip
_SITES = ("courier", "herald", "bulletin", "blog", "shop", "video", "forum", "journal", "portal")
_EMOJI = ("🌻", "🐾", "☕", "🎧", "📚", "🚴")


def word(rng: np.random.Generator, syllables: int = 3) -> str:
    """Return an invented name in lower case."""
    return "".join(_SYLLABLES[i] for i in rng.integers(0, len(_SYLLABLES), syllables).tolist())


def people_names(rng: np.random.Generator, count: int, first: int) -> tuple[list[str], list[str]]:
    """Return handles and display names of ordinary people, all handles different.

    ``first`` is the number of the first account; it keeps handles apart.
    """
    n = len(_SYLLABLES)
    picks = rng.integers(0, n, (count, 5)).tolist()
    styles = rng.random((count, 2)).tolist()
    handles, displays = [], []
    for i, ((a, b, c, d, e), (style, flair)) in enumerate(zip(picks, styles, strict=True)):
        given = _SYLLABLES[a] + _SYLLABLES[b] + _SYLLABLES[c]
        family = _SYLLABLES[d] + _SYLLABLES[e]
        number = first + i
        handles.append(
            f"{given}_{family}{number}" if style < 0.4
            else f"{given}{number}" if style < 0.75
            else f"the{family}{number}{given[:2]}"
        )  # fmt: skip
        name = given.title() if flair < 0.4 else f"{given.title()} {family.title()}"
        displays.append(f"{name} {_EMOJI[number % 6]}" if flair > 0.85 else name)
    return handles, displays


def template_names(rng: np.random.Generator, count: int, first: int) -> tuple[list[str], list[str]]:
    """Return handles and display names as a script makes them: one pattern with numbers."""
    stem = word(rng, 2)
    handles = [f"{word(rng, 2)}{stem}{rng.integers(10_000, 99_999)}{first + i}"
               for i in range(count)]  # fmt: skip
    return handles, [f"{handle[:4].title()} {stem.title()}" for handle in handles]


def site(number: int) -> str:
    """Return the host of a site; names under ``.example`` can belong to nobody."""
    a, b = number * 7 % len(_SYLLABLES), number * 11 % len(_SYLLABLES)
    return f"{_SYLLABLES[a]}{_SYLLABLES[b]}-{_SITES[number % len(_SITES)]}{number}.example"


def tag(topic: int, number: int) -> str:
    """Return a hashtag of a topic."""
    n = len(_SYLLABLES)
    return f"{_SYLLABLES[(topic * 5 + number) % n]}{_SYLLABLES[number * 3 % n]}{topic}"
