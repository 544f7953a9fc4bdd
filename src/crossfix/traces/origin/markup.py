"""Text without the signs that only say how it is to be shown."""

from __future__ import annotations

import re

_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\((\S{1,2000}?)\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_STRESSED = re.compile(r"(?<![\w*_])([*_])(?=[^\s*_])(.+?)(?<=[^\s*_])\1(?![\w*_])")
_PAIRS = {'"': '"', "“": "”", "„": "“", "«": "»", "「": "」", "'": "'", "‘": "’"}


def unmarked(text: str) -> str:
    """Take out Markdown's emphasis, code ticks and links (address kept), and outer quotes."""
    if "[" in text:
        text = _LINK.sub(lambda found: f"{found[1]} {found[2]}", text)
    for sign in ("**", "__"):
        if sign in text:
            text = _STRONG.sub(r"\2", text)
    if "*" in text or "_" in text:
        text = _STRESSED.sub(r"\2", text)
    return _unquoted(" ".join(text.split()))


def _unquoted(text: str) -> str:
    if len(text) > 2 and _PAIRS.get(text[0]) == text[-1] and text[1:-1].count(text[-1]) == 0:
        return text[1:-1].strip()
    return text
