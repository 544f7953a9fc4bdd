"""The adversary: keeps what survives, and changes it by what helped before.

An evolutionary search. Everything tried is kept with the mean of what it delivered. A new playbook
is a well delivering one with a few levels changed, now and then crossed with another. Which evasion
is changed, and which way, is drawn like the arm of a bandit: by how much playbooks gained that
changed it so, with a chance left for every one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crossfix.redteam.evasion import NAIVE, STEPS, Playbook

PARENTS = 5
CROSSED = 0.25
DOUBT = 0.5
"""How many worlds in which it delivered nothing a playbook is charged with: one lucky world is not
enough to be taken for the best."""

_RECENT = 0.7
_WARM = 0.15


@dataclass
class _Tried:
    """A playbook's record: worlds, what it delivered in all, and what it was made from."""

    worlds: int = 0
    delivered: float = 0.0
    parent: float | None = None
    changed: tuple[tuple[int, int], ...] = ()

    @property
    def worth(self) -> float:
        return self.delivered / (self.worlds + DOUBT)


class Adversary:
    """Draws playbooks and learns from what they delivered.

    The same seed and the same fates give the same playbooks.
    """

    def __init__(self, seed: int, naive: Playbook = NAIVE) -> None:
        self._naive = naive
        self._rng = np.random.default_rng([seed, 1009])
        self._tried: dict[Playbook, _Tried] = {}
        self._credit = np.zeros((len(naive.names), 2))

    @property
    def best(self) -> Playbook:
        """The playbook that the adversary would run; the first of equals."""
        return next(iter(self._ranked()), self._naive)

    def playbooks(self, count: int) -> list[Playbook]:
        """Return playbooks for a round: the best known, and new ones. At first all are naive."""
        if not self._ranked():
            return [self._naive] * count
        return [self.best, *(self._child() for _ in range(count - 1))]

    def learn(self, playbook: Playbook, delivered: float) -> None:
        """Hear what a playbook delivered in one world."""
        record = self._tried.setdefault(playbook, _Tried())
        record.worlds += 1
        record.delivered += delivered
        if record.parent is not None and record.worlds == 1:
            gain = delivered - record.parent
            for at, way in record.changed:
                self._credit[at, way] = _RECENT * self._credit[at, way] + (1 - _RECENT) * gain

    def _ranked(self) -> list[Playbook]:
        heard = [playbook for playbook, record in self._tried.items() if record.worlds]
        return sorted(heard, key=lambda playbook: -self._tried[playbook].worth)

    def _child(self) -> Playbook:
        """Return a playbook not tried yet, made from one that delivers."""
        parents = self._ranked()[:PARENTS]
        for _ in range(50):
            parent = parents[int(self._rng.integers(len(parents)))]
            levels = list(parent.levels)
            if len(parents) > 1 and self._rng.random() < CROSSED:
                other = parents[int(self._rng.integers(len(parents)))].levels
                taken = self._rng.random(len(levels)) < 0.5
                levels = [b if t else a for a, b, t in zip(levels, other, taken, strict=True)]
            changed = self._mutate(levels)
            child = replace(parent, levels=tuple(levels))
            if child not in self._tried:
                record = self._tried[parent]
                mean = record.delivered / record.worlds
                self._tried[child] = _Tried(parent=mean, changed=changed)
                return child
        return parents[0]

    def _mutate(self, levels: list[float]) -> tuple[tuple[int, int], ...]:
        """Change one to four levels in place; return which, and which way (1 is up)."""
        chances = np.exp((self._credit - self._credit.max()) / _WARM)
        changed = []
        for _ in range(1 + min(3, int(self._rng.geometric(0.5)) - 1)):
            drawn = int(self._rng.choice(chances.size, p=(chances / chances.sum()).ravel()))
            at, way = divmod(drawn, 2)
            steps = 1 + int(self._rng.integers(STEPS))
            moved = levels[at] + (1 if way else -1) * steps / STEPS
            levels[at] = min(1.0, max(0.0, moved))
            changed.append((at, way))
        return tuple(changed)
