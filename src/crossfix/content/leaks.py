"""What should not leave: a shape that a pattern finds, and a check that it is what it seems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Leak:
    """A kind of thing that should not leave.

    ``pattern`` is in RE2's syntax; ``group`` is what of it is the thing. ``sure`` takes the thing
    and returns from 0 (it is none) to 1 how surely it is one. ``about`` is for documentation.
    """

    check: str
    name: str
    about: str
    pattern: str
    sure: Callable[[str], float]
    group: int = 0
