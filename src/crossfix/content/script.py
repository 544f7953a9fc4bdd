"""Which script a text is in, and what that tells about its language."""

from __future__ import annotations

import re
from collections.abc import Mapping

RANGES: Mapping[str, str] = {
    "latin": "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff",
    "greek": "\u0370-\u03ff\u1f00-\u1fff",
    "cyrillic": "\u0400-\u052f",
    "armenian": "\u0530-\u058f",
    "hebrew": "\u0590-\u05ff",
    "arabic": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "devanagari": "\u0900-\u097f",
    "indic": "\u0980-\u0dff",
    "thai": "\u0e00-\u0e7f",
    "southeast": "\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff",
    "georgian": "\u10a0-\u10ff",
    "ethiopic": "\u1200-\u137f",
    "hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "kana": "\u3040-\u30ff",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}
"""Script -> its letters, as the inside of a character class."""

_EACH = re.compile("|".join(f"(?P<{name}>[{inside}]+)" for name, inside in RANGES.items()))

_PERSIAN = re.compile("[پچژگکی\u200c]")
_ARABIC = re.compile("[ةىيك]|\\bال")
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_NOT_UKRAINIAN = re.compile("[ыэъёЫЭЪЁ]")


def script_of(text: str) -> str:
    """Return the script of most letters of a text; empty where it has none.

    Japanese with any kana is ``kana``, however many of its characters are Chinese.
    """
    counts: dict[str, int] = {}
    for found in _EACH.finditer(text):
        name = found.lastgroup or ""
        counts[name] = counts.get(name, 0) + found.end() - found.start()
    if not counts:
        return ""
    if counts.get("kana", 0) * 10 >= counts.get("han", 0) > 0:
        return "kana"
    return max(counts, key=lambda name: (counts[name], name))


def variety_of(text: str) -> str:
    """Return the script, or `persian` and `ukrainian` where letters give these away."""
    script = script_of(text)
    if script == "arabic" and len(_PERSIAN.findall(text)) > len(_ARABIC.findall(text)):
        return "persian"
    if script == "cyrillic" and len(_UKRAINIAN.findall(text)) > len(_NOT_UKRAINIAN.findall(text)):
        return "ukrainian"
    return script
