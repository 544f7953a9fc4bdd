"""Rounds: playbooks are drawn, planted and hunted, and the adversary hears what was lost."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crossfix.redteam.adversary import Adversary
from crossfix.redteam.arena import Arena, Field
from crossfix.redteam.detector import Detector, Seen
from crossfix.redteam.evasion import Playbook

CREWS = 3
"""Operations in a round of `play`: one runs the best playbook known, the others try something."""


@dataclass(frozen=True)
class Fate:
    """What became of one operation.

    ``found`` and ``removed`` are shares of its accounts, ``reach`` is what the playbook would bring
    if nobody were found (1 is what a naive operation would), ``delivered`` the part of it that
    accounts brought which were not found.
    """

    playbook: Playbook
    accounts: int
    found: float
    removed: float
    reach: float

    @property
    def delivered(self) -> float:
        """Reach by accounts that were not found."""
        return self.reach * (1 - self.found)


@dataclass(frozen=True)
class Round:
    """What the worlds of one round showed.

    ``precision`` is the share of operation accounts among those removed, 1 where nobody was.
    ``bystanders`` are ordinary people who were found; fans and a newsroom's pages do not count,
    for they do act as one and are to be left alone, not to be overlooked. ``fates`` are in the
    order of the playbooks.
    """

    number: int
    fates: tuple[Fate, ...]
    precision: float
    bystanders: int


def run(
    arena: Arena, playbooks: Sequence[Playbook], detector: Detector, *, seed: int, number: int = 0
) -> Round:
    """Plant the playbooks in fresh worlds, have these hunted, and compare."""
    with tempfile.TemporaryDirectory(prefix="crossfix-") as folder:
        fields = arena.fields(playbooks, seed, number, Path(folder))
        judged = [(field, detector(field.files)) for field in fields]
    fates = [fate for field, seen in judged for fate in _fates(arena, field, seen)]
    removed = sum(len(seen.removed) for _, seen in judged)
    right = sum(len(crew & seen.removed) for field, seen in judged for crew in field.crews)
    bystanders = sum(len(seen.found & field.people) for field, seen in judged)
    return Round(number, tuple(fates), right / removed if removed else 1.0, bystanders)


def _fates(arena: Arena, field: Field, seen: Seen) -> Iterator[Fate]:
    for playbook, own in zip(field.playbooks, field.crews, strict=True):
        yield Fate(
            playbook,
            len(own),
            len(own & seen.found) / len(own),
            len(own & seen.removed) / len(own),
            arena.reach(playbook),
        )


def play(
    arena: Arena, adversary: Adversary, detector: Detector, *, rounds: int, seed: int
) -> Iterator[Round]:
    """Yield rounds; the adversary learns from each, and from nothing but its own accounts' fates.

    Every round is another world. In the first all crews are naive.
    """
    for number in range(rounds):
        playbooks = adversary.playbooks(CREWS)
        played = run(arena, playbooks, detector, seed=seed * 10_000 + number, number=number)
        for fate in played.fates:
            adversary.learn(fate.playbook, fate.delivered)
        yield played
