"""Where operations are planted: what the red team needs to know of a kind of world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crossfix.redteam.evasion import Evasion, Playbook


@dataclass(frozen=True)
class Field:
    """A planted world: the files for a detector, and what is true.

    ``crews`` are the accounts of the operation that each of ``playbooks`` became, ``people`` those
    who act as one with nobody. Accounts are ``service:native-id``.
    """

    files: tuple[Path, ...]
    playbooks: tuple[Playbook, ...]
    crews: tuple[frozenset[str], ...]
    people: frozenset[str]


class Arena(Protocol):
    """A kind of world, the evasions that count in it, and what they cost."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    @property
    def evasions(self) -> Mapping[str, Evasion]:
        """The evasions by name."""

    @property
    def naive(self) -> Playbook:
        """The playbook that evades nothing."""

    def reach(self, playbook: Playbook) -> float:
        """Return what an operation reaches if nobody is found; 1 for the naive."""

    def fields(
        self, playbooks: Sequence[Playbook], seed: int, number: int, folder: Path
    ) -> Iterator[Field]:
        """Yield fresh worlds, in ``folder``, that hold an operation for each playbook."""
