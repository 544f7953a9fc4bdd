"""What an operation can do so as not to be found, and what each of it costs.

An evasion has a level from 0 (not used) to 1. Prices are assumptions, stated here and nowhere
else. Two kinds of them are kept apart: money goes off a fixed budget, so that fewer accounts can
be paid; the rest goes off what one post is worth to the operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

STEPS = 4
"""Levels are multiples of a quarter: a finer playbook is not told apart by a few rounds."""


@dataclass(frozen=True)
class Evasion:
    """One way to evade: what is done at level 1, and its price there.

    ``account_price`` is what an account costs more, where a fresh one costs 1; ``loss`` is the
    share of its worth that a post loses. What is missing here follows from doing less
    (`crossfix.redteam.orders`). ``recurring`` evasions only matter to a detector that remembers.
    """

    name: str
    about: str
    price: str
    account_price: float = 0.0
    loss: float = 0.0
    recurring: bool = False


EVASIONS: dict[str, Evasion] = {
    e.name: e
    for e in (
        Evasion("fewer", "four accounts in place of fourteen", "so much fewer posts"),
        Evasion("participation", "each account posts 15 % of the messages", "so much fewer posts"),
        Evasion("delay", "posts of a message lie up to seven days apart, not within a minute",
                "a message loses half of its worth in two days"),
        Evasion("tempo", "people's hours and weekends in place of a timer in the office",
                "half as many messages"),
        Evasion("cells", "cells of two accounts, each with messages, links and tags of its own",
                "a message that few post seems less wanted: worth goes with the fourth root"),
        Evasion("services", "accounts on four services in place of one",
                "audiences do not see each other's: 20 % of the worth", loss=0.2),
        Evasion("camouflage", "six ordinary posts for each of the operation's",
                "content and care, 0.5 an account; 15 % of the worth, for readers tire",
                account_price=0.5, loss=0.15),
        Evasion("paraphrase", "every account says it in words wholly of its own",
                "0.2 an account; the line blurs, 5 % of the worth", account_price=0.2, loss=0.05),
        Evasion("translation", "three accounts in four write another language",
                "most of these readers are not those that were meant: 45 % of the worth",
                loss=0.45),
        Evasion("homoglyphs", "a third of the letters swapped for look-alikes, spaces of no width",
                "hard to read, not found by search: 25 % of the worth", loss=0.25),
        Evasion("own_links", "every account links a site of its own with the same content",
                "0.5 an account; unknown sites are opened less, 15 % of the worth",
                account_price=0.5, loss=0.15),
        Evasion("no_links", "no post has a link", "nobody comes to the site: 40 % of the worth",
                loss=0.4),
        Evasion("no_tags", "no post has the operation's hashtag",
                "who follows the tag does not see it: 10 % of the worth", loss=0.1),
        Evasion("infrastructure", "every account has an address block and a device of its own",
                "0.6 an account", account_price=0.6),
        Evasion("aged", "accounts bought years old, named by people", "3 an account",
                account_price=3.0),
        Evasion("renewal", "sites, addresses and devices are thrown away after each round",
                "0.4 an account", account_price=0.4, recurring=True),
    )
}  # fmt: skip
"""The evasions by name."""

NAMES: tuple[str, ...] = tuple(EVASIONS)


@dataclass(frozen=True)
class Playbook:
    """How far each evasion is used: levels from 0 to 1, in the order of ``names``."""

    levels: tuple[float, ...] = (0.0,) * len(NAMES)
    names: tuple[str, ...] = NAMES

    def __post_init__(self) -> None:
        if len(self.levels) != len(self.names) or not all(0 <= level <= 1 for level in self.levels):
            raise ValueError("a playbook has a level from 0 to 1 for each evasion")

    def __getitem__(self, name: str) -> float:
        return self.levels[self.names.index(name)]

    def having(self, levels: Mapping[str, float]) -> Playbook:
        """Return this playbook with some levels changed.

        Raises:
            ValueError: there is no such evasion, or a level is out of range.
        """
        if not set(levels) <= set(self.names):
            raise ValueError(f"evasions are {', '.join(self.names)}")
        return replace(self, levels=tuple(levels.get(name, self[name]) for name in self.names))

    def __str__(self) -> str:
        """Name what is used and how far."""
        used = [f"{name} {level:.2g}" for name, level in zip(self.names, self.levels, strict=True)
                if level > 0]  # fmt: skip
        return ", ".join(used) or "nothing"


NAIVE = Playbook()
"""The operation that evades nothing."""


def alone(name: str, level: float, naive: Playbook = NAIVE) -> Playbook:
    """Return the playbook that uses one evasion."""
    return naive.having({name: level})


def together(level: float, naive: Playbook = NAIVE) -> Playbook:
    """Return the playbook that uses every evasion as far."""
    return replace(naive, levels=(level,) * len(naive.names))
