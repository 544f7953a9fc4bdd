"""From traces to what the network shows: links, scores, communities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.campaigns.bystanders import without_bystanders
from crossfix.network.calibrate import by_chance, exchanged, scores
from crossfix.network.company import with_company
from crossfix.network.founded import with_founded
from crossfix.network.group import group
from crossfix.network.pair import Pairs, pair
from crossfix.network.promptness import Promptness, promptness
from crossfix.network.rank import Ranks, rank
from crossfix.network.reliability import KindWeights, kind_weights
from crossfix.network.strength import Ties, ties
from crossfix.network.uphold import lifted, upheld
from crossfix.network.validate import shown, validate
from crossfix.store.engine import Engine, StepRunner
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
    (`crossfix.network.validate`), ``chance`` is the support that chance alone gives.
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
    lasting = [code for code, family in enumerate(families) if family == "infrastructure"]
    weights = kind_weights(traces.kinds, families, without)
    accounts = len(traces.accounts)
    table = traces.without(without).table
    with Engine(memory_limit=MEMORY) as engine:
        # First, so that only one of the two networks is in memory at a time.
        say("calibrating scores against chance")
        mixed = exchanged(table, seed, lasting, weights.base)
        chance = _chance(mixed, engine, weights, accounts, actor)
        del mixed
        say("pairing accounts")
        pairs, joined, prompt = _network(table, engine, weights, accounts, actor)
    say("ranking accounts")
    ranks = rank(joined, prompt)
    score = scores(ranks.support, chance)
    say("validating links")
    links = validate(pairs, table, base=weights.base, actor=actor)
    say("grouping accounts")
    community = group(joined, score, ranks.lag, actor, seed=seed)
    community = upheld(community, score, links, actor, joined)
    community = without_bystanders(community, joined, links, ranks.lag)
    community = with_founded(community, links, weights, actor)
    score = scores(with_company(joined, ranks, community, links), chance)
    links = shown(links, community)
    return Detection(pairs, joined, ranks, lifted(score, community), community, links, chance)


def _chance(
    mixed: pa.Table,
    engine: StepRunner,
    weights: KindWeights,
    accounts: int,
    actor: NDArray[np.int32],
) -> float:
    """Return the support that exchanged traces give."""
    _, by_luck, prompt = _network(mixed, engine, weights, accounts, actor)
    return by_chance(rank(by_luck, prompt).support)


def _network(
    table: pa.Table,
    engine: StepRunner,
    weights: KindWeights,
    accounts: int,
    actor: NDArray[np.int32],
) -> tuple[Pairs, Ties, Promptness]:
    pairs = pair(table, engine)
    prompt = promptness(table, engine, weights, accounts)
    return pairs, ties(pairs, weights, accounts, actor), prompt
