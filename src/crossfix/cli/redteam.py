"""``crossfix redteam``: an adversary who adapts, against the hunt."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from crossfix.cli.stages import stages

if TYPE_CHECKING:
    from crossfix.redteam.detector import Detector
    from crossfix.redteam.rounds import Round
    from crossfix.redteam.stage import View
    from crossfix.redteam.sweep import Point

Say = Callable[[str], None]
VIEWS: tuple[View, ...] = ("public", "platform")
SETTINGS: dict[str, tuple[View, bool]] = {
    "public": ("public", False),
    "platform": ("platform", False),
    "platform, remembering": ("platform", True),
}
"""What the adversary plays against: what the detector sees, and whether it remembers."""

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
@click.option("--evasion", "evasions", multiple=True, metavar="NAME",
              help="Try this one alone, not all; may be given several times.")  # fmt: skip
@click.option("--posts", type=click.IntRange(6_000, 1_000_000), default=_DEFAULT,
              show_default=True, help="How many posts a world has.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True,
              help="The same seed gives the same worlds, playbooks and plot.")  # fmt: skip
def command(
    out: Path, rounds: int, worlds: int, evasions: tuple[str, ...], posts: int, seed: int
) -> None:
    """Try to evade the hunt, and say where it breaks.

    Plants operations that evade into generated worlds, hunts in them, and tells their adversary
    which of its accounts were found. Each evasion is tried alone at rising levels; then the
    adversary plays rounds, keeping what survives: against public posts, against a platform's own
    records (with addresses and devices), and against a platform that remembers.
    """
    from crossfix.errors import InputError, OutsideError
    from crossfix.redteam.breaking import in_words
    from crossfix.redteam.picture import picture
    from crossfix.redteam.tables import write_points, write_rounds

    if not rounds and not worlds:
        raise InputError("There is nothing to try.", hint="Give --rounds or --worlds.")
    with stages() as (say, _):
        points = _alone(evasions, worlds, posts, seed, say)
        played = {
            setting: _played(setting, rounds, posts, seed, say) for setting in SETTINGS if rounds
        }
    said = in_words(points, played)
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


def _alone(evasions: tuple[str, ...], worlds: int, posts: int, seed: int, say: Say) -> list[Point]:
    """Try each evasion alone."""
    from crossfix.cli.red_detector import hunting
    from crossfix.errors import SettingError
    from crossfix.redteam.sweep import ALONE, sweep

    for name in evasions:
        if name not in ALONE:
            raise SettingError(
                f"there is no evasion {name!r}", hint=f"Evasions are: {', '.join(ALONE)}."
            )
    if not worlds:
        return []
    return sweep(
        partial(hunting, seed=seed), VIEWS, posts=posts, seed=seed, worlds=worlds,
        names=evasions or ALONE, say=say,
    )  # fmt: skip


def _played(setting: str, rounds: int, posts: int, seed: int, say: Say) -> list[Round]:
    """Let an adversary play against one setting."""
    from crossfix.cli.red_detector import Remembering, hunting
    from crossfix.redteam.adversary import Adversary
    from crossfix.redteam.rounds import play
    from crossfix.store.registry import open_registry

    view, remembers = SETTINGS[setting]
    done: list[Round] = []
    with ExitStack() as stack:
        detector: Detector = partial(hunting, seed=seed)
        if remembers:
            folder = stack.enter_context(TemporaryDirectory(prefix="crossfix-"))
            registry = stack.enter_context(open_registry(f"sqlite:///{folder}/registry.db"))
            detector = Remembering(registry, seed=seed)
        game = play(
            Adversary(seed), detector, view, rounds=rounds, posts=posts, seed=seed, memory=remembers
        )  # fmt: skip
        for number in range(rounds):
            say(f"{setting}: round {number + 1} of {rounds}")
            done.append(next(game))
    return done


def _page(said: list[str]) -> str:
    return "\n".join(["# The red team", "", *(f"- {line}" for line in said), ""])
