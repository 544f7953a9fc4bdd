"""Where detection breaks, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crossfix.redteam.arena import Arena
from crossfix.redteam.evasion import Playbook
from crossfix.redteam.rounds import Fate, Round
from crossfix.redteam.sweep import BROKEN, TOGETHER, Point, breaks


def in_words(
    points: Sequence[Point], played: Mapping[str, Sequence[Round]], arenas: Sequence[Arena]
) -> list[str]:
    """Return what was seen, a sentence or two an item: evasions alone, then the adversary."""
    said: list[str] = []
    for arena in arenas:
        own = [p for p in points if p.view == arena.name]
        said += _alone(arena, own) if own else ()
    for setting, rounds in played.items():
        said += _adversary(setting, rounds)
    return said


def _alone(arena: Arena, points: Sequence[Point]) -> Iterator[str]:
    view = arena.name
    naive = next(p for p in points if p.level == 0)
    yield f"{view}: of an operation that evades nothing, {naive.found:.0%} of accounts are found."
    broken = breaks(points, arena)
    single = [b for b in broken if b.evasion != TOGETHER]
    if single:
        cheapest = single[0]
        about = arena.evasions[cheapest.evasion]
        yield (
            f"{view}: the cheapest evasion that alone brings detection below one half is "
            f"{cheapest.evasion} at level {cheapest.level:.2f} ({about.about}, in part): the "
            f"operation keeps {cheapest.reach:.0%} of its reach. Its price: {about.price}."
        )
    for found in single[1:]:
        yield f"{view}: {found.evasion} breaks it at level {found.level:.2f}, at {found.reach:.0%}."
    held = sorted({p.evasion for p in points} - {b.evasion for b in broken})
    if held:
        yield f"{view}: alone, up to level 1, these do not break it: {', '.join(held)}."
    for found in broken:
        if found.evasion == TOGETHER:
            yield (
                f"{view}: all evasions together break it at level {found.level:.2f}, "
                f"at {found.reach:.0%} of the reach."
            )


def _adversary(setting: str, rounds: Sequence[Round]) -> Iterator[str]:
    if not rounds:
        return
    first, last = rounds[0].fates[0], rounds[-1].fates[0]
    yield (
        f"{setting}: over {len(rounds)} rounds the adversary went from {first.delivered:.0%} of"
        f" the reach delivered to {last.delivered:.0%}, with {last.found:.0%} of accounts found."
        f" Its last playbook: {last.playbook}."
    )
    best = cheapest_seen(rounds)
    if best is not None:
        playbook, reach, worlds = best
        yield (
            f"{setting}: the playbook with the most reach that was found less than one half"
            f" ({worlds} worlds) keeps {reach:.0%}: {playbook}."
        )
    else:
        yield f"{setting}: no playbook tried in two worlds or more was found less than one half."


def cheapest_seen(rounds: Sequence[Round], least: int = 2) -> tuple[Playbook, float, int] | None:
    """Return the playbook of most reach, of those run in ``least`` worlds, found below `BROKEN`.

    With its reach and the number of worlds; None where there is none.
    """
    fates: dict[Playbook, list[Fate]] = {}
    for played in rounds:
        for fate in played.fates:
            fates.setdefault(fate.playbook, []).append(fate)
    evading = [
        (playbook, of[0].reach, len(of))
        for playbook, of in fates.items()
        if len(of) >= least and sum(f.found for f in of) / len(of) < BROKEN
    ]
    return max(evading, key=lambda one: one[1], default=None)
