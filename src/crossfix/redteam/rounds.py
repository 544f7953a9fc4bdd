"""Rounds: playbooks are drawn, planted and hunted, and the adversary hears what was lost."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crossfix.redteam.adversary import Adversary
from crossfix.redteam.detector import Detector, Seen
from crossfix.redteam.evasion import Playbook
from crossfix.redteam.orders import reach
from crossfix.redteam.stage import Stage, View, build_stage, write_stage

CREWS = 3
"""Operations in a world of `play`: one runs the best playbook known, the others try something."""


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
    """What one world showed.

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
    playbooks: Sequence[Playbook], detector: Detector, view: View, *, posts: int, seed: int,
    number: int = 0, memory: bool = False,
) -> Round:  # fmt: skip
    """Plant the playbooks in a fresh world, have it hunted, and compare."""
    stage = build_stage(playbooks, posts, seed, round=number, memory=memory)
    with tempfile.TemporaryDirectory(prefix="crossfix-") as folder:
        seen = detector(write_stage(stage, Path(folder), view))
    return judge(number, playbooks, stage, seen)


def judge(number: int, playbooks: Sequence[Playbook], stage: Stage, seen: Seen) -> Round:
    """Put what a detector said beside the truth."""
    fates, right = [], 0
    for playbook, crew in zip(playbooks, stage.crews, strict=True):
        own = stage.names(crew.accounts)
        right += len(own & seen.removed)
        fates.append(
            Fate(playbook, len(own), len(own & seen.found) / len(own),
                 len(own & seen.removed) / len(own), reach(playbook))
        )  # fmt: skip
    precision = right / len(seen.removed) if seen.removed else 1.0
    return Round(number, tuple(fates), precision, len(seen.found & stage.people))


def play(
    adversary: Adversary, detector: Detector, view: View, *, rounds: int, posts: int, seed: int,
    memory: bool = False,
) -> Iterator[Round]:  # fmt: skip
    """Yield rounds; the adversary learns from each, and from nothing but its own accounts' fates.

    Every round is another world. In the first all crews are naive.
    """
    for number in range(rounds):
        playbooks = adversary.playbooks(CREWS)
        world = seed * 10_000 + number
        played = run(
            playbooks, detector, view, posts=posts, seed=world, number=number, memory=memory
        )  # fmt: skip
        for fate in played.fates:
            adversary.learn(fate.playbook, fate.delivered)
        yield played
