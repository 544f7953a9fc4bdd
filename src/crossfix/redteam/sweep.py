"""Each evasion alone at rising levels, and all together: where detection goes, at what reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from crossfix.redteam.arena import Arena
from crossfix.redteam.detector import Detector
from crossfix.redteam.evasion import Playbook, alone, together
from crossfix.redteam.rounds import run

TOGETHER = "all together"
LEVELS = (1 / 3, 2 / 3, 1.0)
LOW_LEVELS = (1 / 12, 1 / 6)
"""Tried besides of all evasions together, which are dear together."""

CREWS = 2
"""Operations in a world: found or not, one alone is mostly found as a whole."""

BROKEN = 0.5
"""Detection is broken where fewer of an operation's accounts are found."""


@dataclass(frozen=True)
class Point:
    """One evasion at one level, the mean over worlds: see `crossfix.redteam.rounds.Fate`."""

    evasion: str
    level: float
    view: str
    worlds: int
    found: float
    removed: float
    precision: float
    bystanders: float
    reach: float


@dataclass(frozen=True)
class Break:
    """Where one evasion alone brings detection below `BROKEN`, and the reach left there."""

    evasion: str
    level: float
    reach: float


def tried(arena: Arena) -> tuple[str, ...]:
    """Name what is tried alone: each evasion that needs no memory, and all together."""
    return (*(name for name, e in arena.evasions.items() if not e.recurring), TOGETHER)


def sweep(
    detector: Detector, arena: Arena, *, seed: int, worlds: int, names: Sequence[str] = (),
    levels: Sequence[float] = LEVELS, say: Callable[[str], None] = lambda what: None,
) -> list[Point]:  # fmt: skip
    """Return a point for each level of each evasion of ``names`` (without, of all `tried`).

    Level 0, the naive operation, is the same for all and measured once. Each point uses the same
    worlds' seeds, with `CREWS` operations of one playbook a round.
    """

    def point(name: str, level: float, playbook: Playbook) -> Point:
        say(f"{arena.name}: {name or 'nothing'} {level:.2f}")
        rounds = [
            run(arena, [playbook] * CREWS, detector, seed=seed * 10_000 + 5_000 + world)
            for world in range(worlds)
        ]
        fates = [fate for r in rounds for fate in r.fates]
        return Point(
            name, level, arena.name, worlds,
            found=float(np.mean([f.found for f in fates])),
            removed=float(np.mean([f.removed for f in fates])),
            precision=float(np.mean([r.precision for r in rounds])),
            bystanders=float(np.mean([r.bystanders for r in rounds])),
            reach=arena.reach(playbook),
        )  # fmt: skip

    naive = point("", 0.0, arena.naive)
    points = []
    for name in names or tried(arena):
        points.append(replace(naive, evasion=name))
        more = LOW_LEVELS if name == TOGETHER else ()
        points += [point(name, at, using(arena, name, at)) for at in (*more, *levels)]
    return points


def using(arena: Arena, name: str, level: float) -> Playbook:
    """Return the playbook of one evasion alone, or of `TOGETHER`."""
    return together(level, arena.naive) if name == TOGETHER else alone(name, level, arena.naive)


def breaks(points: Sequence[Point], arena: Arena) -> list[Break]:
    """Return where detection falls below one half, cheapest first; straight lines between levels.

    An evasion that never does so is left out. ``points`` are of one arena.
    """
    found = []
    for name in dict.fromkeys(p.evasion for p in points):
        line = sorted((p for p in points if p.evasion == name), key=lambda p: p.level)
        for before, after in pairwise(line):
            if before.found >= BROKEN > after.found:
                part = (before.found - BROKEN) / (before.found - after.found)
                level = before.level + part * (after.level - before.level)
                left = arena.reach(using(arena, name, level))
                found.append(Break(name, level, left))
                break
    return sorted(found, key=lambda b: (-b.reach, b.evasion))
