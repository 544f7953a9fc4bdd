"""Times as policies write them: ``30s``, ``10m``, ``6h``, ``7d``."""

from __future__ import annotations

import re

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST_WINDOW = 30 * 86_400
LONGEST_EFFECT = 365 * 86_400
_WRITTEN = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_RATE = re.compile(r"([1-9][0-9]{0,6})/([0-9]{0,6})([smhd])")


def seconds(text: str, longest: int) -> float | None:
    """Return the seconds of a written time, ``None`` where it is none or longer than allowed."""
    found = _WRITTEN.fullmatch(text)
    if not found:
        return None
    value = int(found[1]) * UNITS[found[2]]
    return float(value) if value <= longest else None


def written(value: float) -> str:
    """Write seconds the short way."""
    for unit, size in reversed(UNITS.items()):
        if value >= size and value % size == 0:
            return f"{int(value // size)}{unit}"
    return f"{value:g}s"


def rate(text: str) -> tuple[int, float] | None:
    """Return requests and seconds of a written rate: ``10/m``, ``100/6h``."""
    found = _RATE.fullmatch(text)
    if not found:
        return None
    value = int(found[2] or 1) * UNITS[found[3]]
    return (int(found[1]), float(value)) if 0 < value <= LONGEST_WINDOW else None
