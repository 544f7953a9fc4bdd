"""What the red team knows of the detector: it is given files and names accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """What a detector said about the accounts of some files.

    ``campaigns`` are those in a campaign, ``removed`` those whose campaign is high on both scores,
    ``known`` those that left what an earlier campaign was recognised by. Accounts are
    ``service:handle``.
    """

    campaigns: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()

    @property
    def found(self) -> frozenset[str]:
        """Accounts that were found in any way."""
        return self.campaigns | self.known


Detector = Callable[[Sequence[Path]], Seen]
"""Is given the files of a world, without its truth."""
