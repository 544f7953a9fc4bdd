"""How figures, times and names are said in the report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from markupsafe import Markup

from crossfix.campaigns.campaign import Change
from crossfix.campaigns.output.hostile import defang, host_defanged, shown
from crossfix.counted import counted

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_HOST_KINDS = re.compile(r"domain|host|email", re.I)
_NAME = 80
NAMES = 12
"""Accounts named one by one in a sentence; the rest are counted."""


def number(count: int) -> str:
    """Say a count: ``1,234``."""
    return f"{count:,}"


def score(value: float) -> str:
    """Say a score between 0 and 1 with two digits, never rounded up to a certainty."""
    return f"{min(value, 0.99) if value < 1 else value:.2f}"


def small(value: float) -> str:
    """Say a probability or an expectation that may be tiny."""
    if value == 0:
        return "0"
    return f"{value:.2g}" if value >= 0.001 else f"{value:.0e}".replace("e-0", "e-")


def when(time: datetime) -> str:
    """Say a time in UTC to the minute."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M}"


def lasting(seconds: float) -> str:
    """Say a length of time in its largest fitting unit: ``10 s``, ``90 min``, ``7 d``."""
    for step, unit in _STEPS:
        if seconds >= 2 * step or (seconds >= step and seconds % step == 0):
            return f"{seconds / step:.0f} {unit}"
    return f"{seconds:.0f} s"


def few(value: float) -> str:
    """Say how many chance makes; below a millionth the model knows no more than that."""
    return small(value) if value >= 1e-6 else "less than one in a million"


def listed(words: Iterable[str]) -> str:
    """Join words with commas and an ``and``."""
    every = list(words)
    return " and ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))


def kind(name: str) -> str:
    """Say a kind of trace."""
    return name.replace("_", " ").replace("-", " ")


def name(text: str, length: int = _NAME) -> Markup:
    """Show an account, a name or a path: everything visible, of bounded length."""
    return shown(text if len(text) <= length else f"{text[:length]}…")


def key(kind_name: str, text: str) -> Markup:
    """Show the key of a trace; links and domains cannot be followed."""
    cut = text if len(text) <= 240 else f"{text[:240]}…"
    if _HOST_KINDS.search(kind_name):
        return name(host_defanged(cut), 400)
    if kind_name == "url" and "://" not in cut:  # canonical: it begins with the host
        host, slash, rest = cut.partition("/")
        return name(f"{host_defanged(host)}{slash}{rest}", 400)
    return name(defang(cut), 400)


def changed(change: Change) -> str:
    """Say what became of a campaign since the run before."""
    joined, left = len(change.joined), len(change.left)
    others = listed(change.others)
    said = {
        "new": "New in this run",
        "same": "As in the run before",
        "grown": "Grown since the run before",
        "shrunk": "Shrunk since the run before",
        "split": f"Split from {others or 'another campaign'}",
        "merged": f"Merged with {others or 'another campaign'}",
    }[change.what]
    moved = []
    if joined and change.what != "new":
        moved.append(f"{counted(joined, 'account')} joined")
    if left:
        moved.append(f"{counted(left, 'account')} left")
    return f"{said}: {listed(moved)}." if moved else f"{said}."
