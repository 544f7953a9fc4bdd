"""``crossfix redteam``: an adversary who adapts, against the hunt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from crossfix.cli.stages import stages

if TYPE_CHECKING:
    from crossfix.campaigns.second_look import LoadEncoders
    from crossfix.redteam.arena import Arena
    from crossfix.redteam.detector import Detector
    from crossfix.redteam.rounds import Round
    from crossfix.redteam.sweep import Point

Say = Callable[[str], None]
SETTINGS = ("public", "platform", "platform, remembering", "AI logs")
"""What can be played against; the third is the second, with a memory, and only played."""

CASE_SIZE = 600
"""Ordinary posts and calls in a world with logs of AI services: each holds one operation."""

FILES = ("redteam.csv", "evasions.csv", "redteam.svg", "redteam.md")
"""What is written to the folder."""

_DEFAULT = 8_000


@click.command("redteam")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False),
              metavar="DIR", help="The folder to write the tables and the plot to.")  # fmt: skip
@click.option("--rounds", type=click.IntRange(0, 1000), default=16, show_default=True,
              help="How often the adversary tries, hears what was found, and adapts.")  # fmt: skip
@click.option("--worlds", type=click.IntRange(0, 100), default=1, show_default=True,
              help="How many worlds each evasion alone is tried in; 0 for none.")  # fmt: skip
@click.option("--against", "settings", multiple=True, type=click.Choice(SETTINGS),
              help="Play against this alone, not all; may be given several times.")  # fmt: skip
@click.option("--evasion", "evasions", multiple=True, metavar="NAME",
              help="Try this one alone, not all; may be given several times.")  # fmt: skip
@click.option("--posts", type=click.IntRange(6_000, 1_000_000), default=_DEFAULT,
              show_default=True, help="How many posts a world has.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True,
              help="The same seed gives the same worlds, playbooks and plot.")  # fmt: skip
def command(
    out: Path, rounds: int, worlds: int, settings: tuple[str, ...], evasions: tuple[str, ...],
    posts: int, seed: int,
) -> None:  # fmt: skip
    """Try to evade the hunt, and say where it breaks.

    Plants operations that evade into generated worlds, hunts in them, and tells their adversary
    which of its accounts were found. Each evasion is tried alone at rising levels; then the
    adversary plays rounds, keeping what survives: against public posts, against a platform's own
    records (with addresses and devices), against a platform that remembers, and against posts
    beside the logs of AI services.
    """
    from crossfix.errors import InputError, OutsideError
    from crossfix.redteam.breaking import in_words
    from crossfix.redteam.picture import picture
    from crossfix.redteam.tables import write_points, write_rounds

    if not rounds and not worlds:
        raise InputError("There is nothing to try.", hint="Give --rounds or --worlds.")
    arenas = [_arena(name, posts) for name in settings or SETTINGS]
    _known(evasions, arenas)
    with stages() as (say, _):
        points = _alone(arenas, evasions, worlds, seed, say)
        played = {a.name: _played(a, rounds, seed, say) for a in arenas if rounds}
    said = in_words(points, played, arenas)
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_rounds(out / FILES[0], played)
        write_points(out / FILES[1], points)
        (out / FILES[2]).write_text(picture(points, played), encoding="utf-8")
        (out / FILES[3]).write_text(_page(said), encoding="utf-8")
    except OSError as e:
        raise OutsideError(f"this cannot be written: {e.strerror}", path=str(out)) from e
    for line in said:
        click.echo(line)
    click.echo(f"Open {out / FILES[2]}", err=True)


def _arena(name: str, posts: int) -> Arena:
    from crossfix.redteam.cases import CaseArena
    from crossfix.redteam.stage import SocialArena

    match name:
        case "public":
            return SocialArena("public", posts)
        case "platform":
            return SocialArena("platform", posts)
        case "platform, remembering":
            return SocialArena("platform", posts, memory=True)
        case _:
            return CaseArena(CASE_SIZE)


def _known(evasions: Sequence[str], arenas: Sequence[Arena]) -> None:
    """Refuse an evasion that none of the arenas can try alone."""
    from crossfix.errors import SettingError
    from crossfix.redteam.sweep import tried

    known = dict.fromkeys(name for arena in arenas for name in tried(arena))
    for name in evasions:
        if name not in known:
            raise SettingError(
                f"there is no evasion {name!r}", hint=f"Evasions are: {', '.join(known)}."
            )


def _alone(
    arenas: Sequence[Arena], evasions: Sequence[str], worlds: int, seed: int, say: Say
) -> list[Point]:
    """Try each evasion alone, where no memory is played against."""
    from crossfix.cli.red_detector import hunting
    from crossfix.redteam.sweep import sweep, tried

    points: list[Point] = []
    for arena in arenas if worlds else ():
        names = [name for name in evasions if name in tried(arena)]
        if arena.name != SETTINGS[2] and (names or not evasions):
            detector = partial(hunting, seed=seed, encoders=_encoders())
            points += sweep(detector, arena, seed=seed, worlds=worlds, names=names, say=say)
    return points


def _played(arena: Arena, rounds: int, seed: int, say: Say) -> list[Round]:
    """Let an adversary play in one arena."""
    from crossfix.cli.red_detector import Remembering, hunting
    from crossfix.redteam.adversary import Adversary
    from crossfix.redteam.rounds import play
    from crossfix.store.registry import open_registry

    done: list[Round] = []
    with ExitStack() as stack:
        detector: Detector = partial(hunting, seed=seed, encoders=_encoders())
        if arena.name == SETTINGS[2]:
            folder = stack.enter_context(TemporaryDirectory(prefix="crossfix-"))
            registry = stack.enter_context(open_registry(f"sqlite:///{folder}/registry.db"))
            detector = Remembering(registry, seed=seed)
        game = play(arena, Adversary(seed, arena.naive), detector, rounds=rounds, seed=seed)
        for number in range(rounds):
            say(f"{arena.name}: round {number + 1} of {rounds}")
            done.append(next(game))
    return done


@cache
def _encoders() -> LoadEncoders:
    """Return what gives a hunt the encoders that are installed, loaded once."""
    from crossfix.cli.encoders import load_encoders
    from crossfix.config import load_settings

    return cache(partial(load_encoders, load_settings()))


def _page(said: list[str]) -> str:
    return "\n".join(["# The red team", "", *(f"- {line}" for line in said), ""])
