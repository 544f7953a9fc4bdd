"""What a second look at the events of a hunt may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crossfix.traces.origin import Encoders

LoadEncoders = Callable[[], tuple[Encoders | None, str]]
"""Loads the encoders, if there are any, and says in a sentence what that means."""


def no_encoders() -> tuple[Encoders | None, str]:
    """Load none."""
    return None, "Wording alone was compared."


@dataclass(frozen=True)
class Means:
    """What a second look may use: encoders, kinds that are not wanted, who is told the stages.

    ``meant_texts`` is of how many texts the meaning is compared among each other.
    """

    encoders: LoadEncoders = no_encoders
    without: frozenset[str] = frozenset()
    say: Callable[[str], None] = lambda stage: None
    meant_texts: int = 0
