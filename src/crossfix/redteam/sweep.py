"""Each evasion alone at rising levels, and all together: where detection goes, at what reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from crossfix.redteam.detector import Detector
from crossfix.redteam.evasion import EVASIONS, NAIVE, Playbook, alone, together
from crossfix.redteam.orders import reach
from crossfix.redteam.rounds import run
from crossfix.redteam.stage import View

TOGETHER = "all together"
ALONE = (*(name for name, e in EVASIONS.items() if not e.recurring), TOGETHER)
"""What is tried: each evasion that does not need a detector with a memory, and all together."""

LEVELS = (1 / 3, 2 / 3, 1.0)
CREWS = 2
"""Operations in a world: found or not, one alone is mostly found as a whole."""

BROKEN = 0.5
"""Detection is broken where fewer of an operation's accounts are found."""


@dataclass(frozen=True)
class Point:
    """One evasion at one level, the mean over worlds: see `crossfix.redteam.rounds.Fate`."""

    evasion: str
    level: float
    view: View
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
    view: View
    level: float
    reach: float


def sweep(
    detector: Detector, views: Sequence[View], *, posts: int, seed: int, worlds: int,
    names: Sequence[str] = ALONE, levels: Sequence[float] = LEVELS,
    say: Callable[[str], None] = lambda what: None,
) -> list[Point]:  # fmt: skip
    """Return a point for each evasion of ``names``, level and view.

    Level 0, the naive operation, is the same for all and measured once. Each point uses the same
    worlds' seeds, with `CREWS` operations of one playbook in each.
    """
    points = []
    for view in views:
        say(f"nothing, {view}")
        naive = _point(NAIVE, "", 0.0, detector, view, posts, seed, worlds)
        for name in names:
            say(f"{name}, {view}")
            points.append(replace(naive, evasion=name))
            for level in levels:
                playbook = together(level) if name == TOGETHER else alone(name, level)
                points.append(_point(playbook, name, level, detector, view, posts, seed, worlds))
    return points


def _point(
    playbook: Playbook, name: str, level: float, detector: Detector, view: View, posts: int,
    seed: int, worlds: int,
) -> Point:  # fmt: skip
    rounds = [
        run([playbook] * CREWS, detector, view, posts=posts, seed=seed * 10_000 + 5_000 + world)
        for world in range(worlds)
    ]
    fates = [fate for r in rounds for fate in r.fates]
    return Point(
        name, level, view, worlds,
        found=float(np.mean([f.found for f in fates])),
        removed=float(np.mean([f.removed for f in fates])),
        precision=float(np.mean([r.precision for r in rounds])),
        bystanders=float(np.mean([r.bystanders for r in rounds])),
        reach=reach(playbook),
    )  # fmt: skip


def breaks(points: Sequence[Point]) -> list[Break]:
    """Return where detection falls below one half, cheapest first; straight lines between levels.

    An evasion that never does so is left out.
    """
    found = []
    for name, view in dict.fromkeys((p.evasion, p.view) for p in points):
        line = sorted(
            (p for p in points if (p.evasion, p.view) == (name, view)), key=lambda p: p.level
        )
        for before, after in pairwise(line):
            if before.found >= BROKEN > after.found:
                part = (before.found - BROKEN) / (before.found - after.found)
                level = before.level + part * (after.level - before.level)
                left = before.reach + part * (after.reach - before.reach)
                found.append(Break(name, view, level, left))
                break
    return sorted(found, key=lambda b: (-b.reach, b.evasion, b.view))
