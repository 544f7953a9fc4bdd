"""A playbook as orders: how many accounts, what each does, and what the operation gets of it."""

from __future__ import annotations

from dataclasses import dataclass

from crossfix.redteam.evasion import EVASIONS, NAIVE, Playbook

BUDGET = 14.0
"""What the operation can pay: as many fresh accounts."""

MESSAGES = 16
LEAST_ACCOUNTS = 3
FRESH_SECONDS, LATE_SECONDS = 60.0, 7 * 86_400.0
HALF_LIFE_SECONDS = 2 * 86_400.0
"""After so long a message is worth half."""

MASS = 0.25
"""Worth of a post goes with this power of how many accounts post the same message."""


@dataclass(frozen=True)
class Orders:
    """What one operation does.

    ``accounts`` in ``cells``, each cell with ``messages`` of its own; an account posts each of its
    cell's messages with probability ``participation``, within ``window_seconds`` of its release.
    Shares (0 to 1) are of accounts for ``translated``, ``own_sites``, ``own_infrastructure`` and
    ``aged``, of posts for the others; ``camouflage`` is ordinary posts for each of the
    operation's. ``renewed`` is the share of sites, addresses and devices that no earlier round
    saw.
    """

    accounts: int
    cells: int
    messages: int
    participation: float
    window_seconds: float
    human_hours: float
    services: int
    camouflage: float
    synonyms: float
    own_words: float
    translated: float
    homoglyphs: float
    linked: float
    own_sites: float
    tagged: float
    own_infrastructure: float
    aged: float
    renewed: float


def orders(playbook: Playbook) -> Orders:
    """Return what a playbook comes to."""
    accounts = _accounts(playbook)
    smallest = accounts // 2
    return Orders(
        accounts=accounts,
        cells=max(1, round(1 + playbook["cells"] * (smallest - 1))),
        messages=round(MESSAGES * (1 - 0.5 * playbook["tempo"])),
        participation=1 - 0.85 * playbook["participation"],
        window_seconds=FRESH_SECONDS * (LATE_SECONDS / FRESH_SECONDS) ** playbook["delay"],
        human_hours=playbook["tempo"],
        services=1 + round(3 * playbook["services"]),
        camouflage=0.5 + 5.5 * playbook["camouflage"],
        synonyms=min(1.0, 2 * playbook["paraphrase"]),
        own_words=max(0.0, 2 * playbook["paraphrase"] - 1),
        translated=0.75 * playbook["translation"],
        homoglyphs=playbook["homoglyphs"] / 3,
        linked=1 - playbook["no_links"],
        own_sites=playbook["own_links"],
        tagged=0.6 * (1 - playbook["no_tags"]),
        own_infrastructure=playbook["infrastructure"],
        aged=playbook["aged"],
        renewed=playbook["renewal"],
    )


def _accounts(playbook: Playbook) -> int:
    """Return how many accounts the budget pays, less those that are given up."""
    each = 1 + sum(e.account_price * playbook[name] for name, e in EVASIONS.items())
    wanted = BUDGET - (BUDGET - 4) * playbook["fewer"]
    return max(LEAST_ACCOUNTS, int(wanted / each + 1e-9))


def reach(playbook: Playbook) -> float:
    """Return what the operation reaches before anybody is removed, as a share of what `NAIVE` does.

    It is posts times what one is worth: the losses of the evasions, the age of the message, and
    how many say the same.
    """
    return _worth(playbook) / _worth(NAIVE)


def _worth(playbook: Playbook) -> float:
    made = orders(playbook)
    posts = made.accounts * made.messages * made.participation
    worth: float = 1.0
    for name, evasion in EVASIONS.items():
        worth *= 1 - evasion.loss * playbook[name]
    together = made.accounts / made.cells * made.participation
    mass: float = together**MASS
    return posts * worth * fresh(made.window_seconds) * mass


def fresh(window: float) -> float:
    """Return the mean worth of a message over delays uniform within the window (seconds)."""
    halved = window / HALF_LIFE_SECONDS
    return float((1 - 0.5**halved) / (0.6931471805599453 * halved))
