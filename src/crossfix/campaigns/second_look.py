"""What a second look at the events of a hunt may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from crossfix.traces.origin import Encoders

LoadEncoders = Callable[[], tuple[Encoders | None, str]]
"""Loads the encoders, if there are any, and says in a sentence what that means."""


def no_encoders() -> tuple[Encoders | None, str]:
    """Load none."""
    return None, "Wording alone was compared."


REMEMBERED = 60_000
"""Texts whose vectors one pass leaves to the next: two kilobytes each."""


def once(load: LoadEncoders) -> LoadEncoders:
    """Return the same, loaded when first asked for, shared after: a text is encoded once."""

    @cache
    def shared() -> tuple[Encoders | None, str]:
        encoders, said = load()
        if encoders is not None:
            encoders.remember = REMEMBERED
        return encoders, said

    return shared


@dataclass(frozen=True)
class Means:
    """What a second look may use: encoders, kinds that are not wanted, who is told the stages.

    ``meant_texts`` is of how many texts the meaning is compared among each other.
    """

    encoders: LoadEncoders = no_encoders
    without: frozenset[str] = frozenset()
    say: Callable[[str], None] = lambda stage: None
    meant_texts: int = 0
