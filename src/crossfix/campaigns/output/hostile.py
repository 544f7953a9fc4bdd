"""Text written by adversaries, made fit to be looked at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from crossfix.campaigns.output.marks import Span

_NAMES = {
    "\u00ad": "SHY", "\u200b": "ZWSP", "\u200c": "ZWNJ", "\u200d": "ZWJ", "\u200e": "LRM",
    "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO",
    "\u202e": "RLO", "\u2060": "WJ", "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI",
    "\u2069": "PDI", "\ufeff": "BOM",
}  # fmt: skip
_URL = re.compile(r"\b(?P<scheme>h)ttps?://(?:[^\s/@<>\"]*@)?(?P<host>[^\s/?#<>\"]+)", re.I)
_TAG = re.compile(r"<[^>]*>")
_STACK = 4
"""Combining marks on one letter beyond this many are counted, not drawn."""


def shown(text: str, marked: Sequence[Span] = ()) -> Markup:
    """Return text as HTML that shows everything in it and does nothing.

    Mark-up is escaped; invisible and direction-changing characters are named, so that they neither
    hide nor reorder anything; links are defanged; ``marked`` spans stand in ``<mark>``.
    """
    changed = _defanged(text) | _named(text)
    out: list[str] = []
    at = 0
    for start, end in [*marked, (len(text), len(text))]:
        out.append(_piece(text, at, start, changed))
        if start < end:
            out.append(f"<mark>{_piece(text, start, end, changed)}</mark>")
        at = end
    return Markup("".join(out))  # noqa: S704  (each piece was escaped)


def defang(text: str) -> str:
    """Return text whose links no program takes for links: ``hxxps://example[.]org/``."""
    return _swap(text, {at: plain for at, (plain, _) in _links(text)})


def host_defanged(text: str) -> str:
    """Return a bare domain with its dots in brackets."""
    return text.replace(".", "[.]")


def clipped(text: str, length: int, marked: Sequence[Span]) -> tuple[int, int]:
    """Return the part of a long text to show: ``length`` characters, around the first mark."""
    if len(text) <= length:
        return 0, len(text)
    first = marked[0][0] if marked else 0
    start = max(0, min(first - length // 4, len(text) - length)) if first > length // 2 else 0
    return start, start + length


def _links(text: str) -> Iterable[tuple[int, tuple[str, str]]]:
    for match in _URL.finditer(text):
        at = match.start("scheme")
        yield at + 1, ("x", text[at + 1])
        yield at + 2, ("x", text[at + 2])
        host = match.start("host")
        for i, letter in enumerate(match["host"]):
            if letter == ".":
                yield host + i, ("[.]", ".")


def _defanged(text: str) -> dict[int, str]:
    return {at: plain for at, (plain, _) in _links(text)}


def _swap(text: str, changed: dict[int, str]) -> str:
    return "".join(changed.get(i, letter) for i, letter in enumerate(text))


def _named(text: str) -> dict[int, str]:
    """Return HTML for each character that would hide; runs of one are named once."""
    changed: dict[int, str] = {}
    stack = 0
    i = 0
    while i < len(text):
        letter = text[i]
        category = unicodedata.category(letter) if ord(letter) > 126 or letter < " " else "L"
        stack = stack + 1 if category in ("Mn", "Me") else 0
        if stack > _STACK:
            changed[i] = ""
        elif category in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp") and letter not in "\n\t\r":
            if _belongs(text, i):
                i += 1
                continue
            run = i + 1
            while run < len(text) and text[run] == letter:
                changed[run] = ""
                run += 1
            changed[i] = _label(letter, run - i)
            i = run
            continue
        i += 1
    return changed


def _belongs(text: str, i: int) -> bool:
    """Say whether a joiner does here what it is for: in an emoji, or between Arabic letters."""
    if not 0 < i < len(text) - 1 or text[i] not in "\u200c\u200d":
        return False
    before, after = text[i - 1], text[i + 1]
    if text[i] == "\u200d" and unicodedata.category(after) == "So":
        return unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"
    return all("\u0600" <= c <= "\u06ff" or "\u0900" <= c <= "\u0dff" for c in (before, after))


def _label(letter: str, count: int) -> str:
    code = f"U+{ord(letter):04X}"
    name = _NAMES.get(letter, code)
    full = f"{code} {unicodedata.name(letter, 'control or unassigned character')}".lower()
    times = f"×{count}" if count > 1 else ""
    return f'<span class="hid" title="{escape(full)}">{name}{times}</span>'


def _piece(text: str, start: int, end: int, changed: dict[int, str]) -> str:
    out: list[str] = []
    plain = start
    for i in range(start, end):
        if i in changed:
            out += (str(escape(text[plain:i])), changed[i])
            plain = i + 1
    out.append(str(escape(text[plain:end])))
    return "".join(out)


def spelled(text: str, length: int) -> str:
    """Return text of bounded length as a string without mark-up: what hides is named in brackets.

    For places that take no HTML, such as a canvas.
    """
    cut = text if len(text) <= length else f"{text[:length]}…"
    named = {at: _TAG.sub("", html) for at, html in _named(cut).items()}
    return _swap(cut, {at: f"[{name}]" if name else "" for at, name in named.items()})
