"""From traces to what the network shows: links, scores, communities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.campaigns.bystanders import without_bystanders
from crossfix.network.calibrate import by_chance, exchanged, lower, of_others, scores
from crossfix.network.company import with_company
from crossfix.network.followers import followers
from crossfix.network.founded import with_founded
from crossfix.network.group import group
from crossfix.network.pair import Pairs, pair
from crossfix.network.promptness import Promptness, promptness
from crossfix.network.rank import Ranks, rank
from crossfix.network.reliability import KindWeights, kind_weights
from crossfix.network.strength import Ties, ties
from crossfix.network.uphold import lifted, upheld
from crossfix.network.validate import shown, validate
from crossfix.store.engine import Engine
from crossfix.traces.table import Traces

Say = Callable[[str], None]
"""Told the name of each stage as it begins."""


MEMORY = "3GB"
"""What the engine may hold before it spills to disk."""


@dataclass(frozen=True)
class Detection:
    """What the network shows, per account code.

    ``score`` is calibrated (0 to 1; .5 and more in upheld communities only), ``community`` is -1
    for none; ``links`` are validated
    (`crossfix.network.validate`), ``chance`` is the support that chance alone gives to those in no
    community.
    """

    pairs: Pairs
    ties: Ties
    ranks: Ranks
    score: NDArray[np.float64]
    community: NDArray[np.int64]
    links: pa.Table
    chance: float


def detect(
    traces: Traces,
    actor: NDArray[np.int32],
    *,
    seed: int,
    without: frozenset[str] = frozenset(),
    say: Say = lambda stage: None,
) -> Detection:
    """Find who acts as one; kinds in ``without`` are switched off."""
    families = [traces.family(kind) for kind in traces.kinds]
    ground = _Ground(
        len(traces.accounts), actor, kind_weights(traces.kinds, families, without),
        tuple(code for code, family in enumerate(families) if family == "infrastructure"), seed,
    )  # fmt: skip
    table = traces.without(without).table
    # First, while the network itself is not in memory yet.
    say("calibrating scores against chance")
    chance = by_chance(ground.by_luck(table))
    say("pairing accounts")
    pairs, joined, prompt = ground.network(table)
    say("ranking accounts")
    ranks = rank(joined, prompt)
    say("validating links")
    links = validate(pairs, table, base=ground.weights.base, actor=actor)
    say("grouping accounts")
    community = ground.communities(joined, ranks, links, chance)
    others = of_others(table, community)
    if others is not None:
        say("calibrating scores against chance among the others")
        less = lower(ground.by_luck(others)[community < 0], chance)
        if less < chance:
            late = followers(pairs, community, ground.weights)
            chance, community = less, ground.communities(joined, ranks, links, less, late)
    score = scores(with_company(joined, ranks, community, links), chance)
    links = shown(links, community)
    return Detection(pairs, joined, ranks, lifted(score, community), community, links, chance)


@dataclass(frozen=True)
class _Ground:
    """What every step is told: ``lasting`` are the codes of kinds whose keys stay with an account
    (`crossfix.network.calibrate.exchanged`)."""

    accounts: int
    actor: NDArray[np.int32]
    weights: KindWeights
    lasting: tuple[int, ...]
    seed: int

    def network(self, table: pa.Table) -> tuple[Pairs, Ties, Promptness]:
        with Engine(memory_limit=MEMORY) as engine:
            pairs = pair(table, engine)
            prompt = promptness(table, engine, self.weights, self.accounts)
        return pairs, ties(pairs, self.weights, self.accounts, self.actor), prompt

    def by_luck(self, table: pa.Table) -> NDArray[np.float64]:
        """Return the support that each account has once all are exchanged."""
        mixed = exchanged(table, self.seed, self.lasting, self.weights.base)
        _, tied, prompt = self.network(mixed)
        return rank(tied, prompt).support

    def communities(
        self,
        joined: Ties,
        ranks: Ranks,
        links: pa.Table,
        chance: float,
        barred: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """Group the accounts that stand out of ``chance``; those ``barred`` found and join none."""
        score, lag = scores(ranks.support, chance), ranks.lag
        if barred is not None:
            score, lag = np.where(barred, 0.0, score), np.where(barred, 0.0, lag)
        community = group(joined, score, lag, self.actor, seed=self.seed)
        community = upheld(community, score, links, self.actor, joined)
        community = without_bystanders(community, joined, links, ranks.lag)
        return with_founded(community, links, self.weights, self.actor)
