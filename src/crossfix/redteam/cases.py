"""Operations after published cases, in worlds with the logs of AI services: what these can do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crossfix.redteam.arena import Field
from crossfix.redteam.evasion import Evasion, Playbook
from crossfix.redteam.orders import fresh
from crossfix.scenarios.cases import CASES, CaseWorld, Parameters, build
from crossfix.scenarios.cases.exports import TRUTH, write_case

PLAYED = ("drafts", "comments", "personas")
"""The cases that are played in turn."""

BUDGET, LEAST_ACCOUNTS = 8.0, 3
SOONEST_SECONDS, LATEST_SECONDS = 600.0, 3 * 86_400.0

CASE_EVASIONS: dict[str, Evasion] = {
    e.name: e
    for e in (
        Evasion("participation", "two accounts in ten take part in a batch", "so much fewer posts"),
        Evasion("delay", "three days between a completion and its post, not ten minutes",
                "a message loses half of its worth in two days"),
        Evasion("camouflage", "nineteen ordinary posts for each of the operation's",
                "content and care, 0.5 an account; 15 % of the worth", account_price=0.5,
                loss=0.15),
        Evasion("rotation", "every call of a model from an address never used before",
                "0.3 an account", account_price=0.3),
        Evasion("edits", "half of a text's words changed by hand",
                "0.3 an account; 5 % of the worth", account_price=0.3, loss=0.05),
        Evasion("paraphrase", "every draft said in other words",
                "0.2 an account; 5 % of the worth", account_price=0.2, loss=0.05),
        Evasion("translation", "every draft posted in another language",
                "most of these readers are not those that were meant: 45 % of the worth",
                loss=0.45),
        Evasion("homoglyphs", "every draft in letters that only look alike",
                "hard to read, not found by search: 25 % of the worth", loss=0.25),
        Evasion("split", "every draft cut into two posts", "half a thought each: 10 % of the worth",
                loss=0.1),
        Evasion("merge", "every two drafts posted as one", "10 % of the worth", loss=0.1),
        Evasion("chained", "every batch rewritten by a second AI service", "0.2 an account",
                account_price=0.2),
        Evasion("unlogged", "a model of one's own, of whose answers nobody has a log",
                "a machine, 1 an account; worse texts, 10 % of the worth", account_price=1.0,
                loss=0.1),
    )
}  # fmt: skip
"""The evasions by name."""

CASE_NAMES = tuple(CASE_EVASIONS)
CASE_NAIVE = Playbook((0.0,) * len(CASE_NAMES), CASE_NAMES)


def parameters(case: str, playbook: Playbook) -> Parameters:
    """Return a case's parameters as a playbook sets them."""
    usual = CASES[case].parameters
    ratio = LATEST_SECONDS / SOONEST_SECONDS
    return replace(
        usual,
        accounts=_accounts(playbook),
        participation=1 - 0.8 * playbook["participation"],
        delay_seconds=SOONEST_SECONDS * ratio ** playbook["delay"],
        camouflage=0.1 + 0.85 * playbook["camouflage"],
        rotation=playbook["rotation"],
        edit_share=0.5 * playbook["edits"],
        paraphrase=playbook["paraphrase"],
        translation=playbook["translation"],
        homoglyphs=playbook["homoglyphs"],
        split=playbook["split"],
        merge=playbook["merge"],
        chained=playbook["chained"],
    )


def _accounts(playbook: Playbook) -> int:
    each = 1 + sum(e.account_price * playbook[name] for name, e in CASE_EVASIONS.items())
    return max(LEAST_ACCOUNTS, int(BUDGET / each + 1e-9))


@dataclass(frozen=True)
class CaseArena:
    """Posts with the logs of two AI services; every operation has a world of ``size`` of its own.

    The cases of `PLAYED` take turns.
    """

    size: int
    name: str = "AI logs"

    @property
    def evasions(self) -> Mapping[str, Evasion]:
        """The evasions by name."""
        return CASE_EVASIONS

    @property
    def naive(self) -> Playbook:
        """The playbook that evades nothing."""
        return CASE_NAIVE

    def reach(self, playbook: Playbook) -> float:
        """Return what an operation reaches if nobody is found: posts times their worth."""
        return _worth(playbook) / _worth(CASE_NAIVE)

    def fields(
        self, playbooks: Sequence[Playbook], seed: int, number: int, folder: Path
    ) -> Iterator[Field]:
        """Yield a world for each."""
        for turn, playbook in enumerate(playbooks):
            case = PLAYED[(seed + turn) % len(PLAYED)]
            world = build(case, self.size, seed + turn, parameters(case, playbook))
            world = unlogged(world, playbook["unlogged"])
            paths = write_case(world, folder / str(turn))
            seen = {event.account for event in world.events}
            own = frozenset(a.account for a in world.accounts if a.is_operation) & seen
            people = frozenset(a.account for a in world.accounts if not a.group)
            files = tuple(path for path in paths if path.name not in TRUTH)
            yield Field(files, (playbook,), (own,), people)


def _worth(playbook: Playbook) -> float:
    worth: float = 1.0
    for name, evasion in CASE_EVASIONS.items():
        worth *= 1 - evasion.loss * playbook[name]
    made = parameters(PLAYED[0], playbook)
    # A log-normal delay of this median is taken as a uniform one of twice its length.
    return made.accounts * made.participation * worth * fresh(2 * made.delay_seconds)


def unlogged(world: CaseWorld, share: float) -> CaseWorld:
    """Return the world without a share of the operation's calls of models, prompt and answer."""
    if not share:
        return world
    ours = {a.account for a in world.accounts if a.is_operation}
    prompts = {e.id for e in world.events if e.account in ours and e.action == "prompt"}
    gone = {id for id in prompts if _unit(id) < share}
    kept = tuple(
        e
        for e in world.events
        if e.id not in gone and not (e.action == "completion" and e.parent in gone)
    )
    left = {e.id for e in kept}
    steps = tuple(s for s in world.steps if s.source in left and s.target in left)
    return replace(world, events=kept, steps=steps)


def _unit(id: str) -> float:
    """Return a number in [0, 1) that an id always has."""
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=6).digest()) / 2**48
