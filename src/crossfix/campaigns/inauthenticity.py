"""How far accounts, alone and together, look made up: the second of the two scores.

Each part is a score from 0 to 1 against the cohort, all accounts of the same service. A part that
cannot be known is NaN and counts neither way. Parts are joined as log-odds: a community that
coordinates starts at 1 in 10, a part at its height adds 2, a part that is known and calm takes
away .25, which is little, since no operation uses every trick. So one part alone never reaches .5
(fans repost a great deal, a newsroom repeats its headlines), two that agree do, and known calm
(old accounts, human hours, own texts) counts for an account. Learning may re-fit these weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from crossfix.accounts.behaviour import NEVER, Behaviour
from crossfix.accounts.cohort import Expectation, Floats, stands_out
from crossfix.campaigns.together import (
    Everyone,
    Infrastructure,
    born_together,
    everyone,
    infrastructure_share,
    named_alike,
    same_texts,
)

PARTS = ("newness", "automation", "template_reuse", "amplification", "infrastructure")
"""The names of the parts, in the order in which they are shown."""

_PRIOR, _RAISES, _LOWERS = -2.2, 2.0, 0.25
_DAY = 86_400e6
_LEAST_TEXTS, _LEAST_POSTS = 10, 10

# Centre and spread among people, from the posts of 39 people's own archives.
_AGE = Expectation(centre=-2.5, spread=0.6, floor=0.3)
_MODAL = Expectation(centre=0.04, spread=0.04, floor=0.03)
_MINUTES = Expectation(centre=0.02, spread=0.05, floor=0.03)
_REST = Expectation(centre=0.03, spread=0.04, floor=0.03)
_EVEN = Expectation(centre=-0.4, spread=0.2, floor=0.15)
_SHARED = Expectation(centre=0.0, spread=0.05, floor=0.04)
_REPOSTS = Expectation(centre=0.15, spread=0.15, floor=0.10)


@dataclass(frozen=True)
class AccountParts:
    """Scores per account (float64, 0 to 1): ``parts`` by name with NaN for unknown, ``score``.

    ``score`` is 0 where no part is known. ``usual`` is what members of a campaign are compared to.
    """

    parts: dict[str, Floats]
    score: Floats
    usual: Everyone


def of_accounts(behaviour: Behaviour, infrastructure: Infrastructure | None = None) -> AccountParts:
    """Score every account by itself against its cohort."""
    parts = {
        "newness": _newness(behaviour),
        "automation": _automation(behaviour),
        "template_reuse": _template_reuse(behaviour),
        "amplification": _amplification(behaviour),
        "infrastructure": _infrastructure(behaviour, infrastructure),
    }
    score = combine(np.stack([parts[name] for name in PARTS]))
    return AccountParts(parts, score, everyone(behaviour))


def of_campaign(
    behaviour: Behaviour,
    accounts: AccountParts,
    members: NDArray[np.int32],
    infrastructure: Infrastructure | None = None,
) -> tuple[float, dict[str, float]]:
    """Score a community: (inauthenticity, its known parts by name).

    ``members`` are account codes. A part is the mean over the members for whom it is known (three
    at least and a quarter of all), or what shows only when they are seen together, whichever is
    greater: made or first seen in one burst, named after one pattern, the same texts, shared
    infrastructure. 0 and no parts where nothing is known.
    """
    members = np.unique(members)
    alone = {name: _mean_known(accounts.parts[name][members]) for name in PARTS}
    together = {
        "newness": born_together(behaviour, members, accounts.usual),
        "template_reuse": np.fmax(
            same_texts(behaviour, members), named_alike(members, accounts.usual)
        ),
        "infrastructure": (
            infrastructure_share(infrastructure, members) if infrastructure is not None else np.nan
        ),
    }
    joined = {n: float(np.fmax(alone[n], together.get(n, np.nan))) for n in PARTS}
    score = float(combine(np.array([[joined[name]] for name in PARTS]))[0])
    return score, {name: value for name, value in joined.items() if not np.isnan(value)}


def combine(parts: Floats) -> Floats:
    """Join parts (parts × accounts, NaN for unknown) into one score each, as log-odds."""
    known = ~np.isnan(parts)
    odds = np.where(known, (_RAISES + _LOWERS) * np.nan_to_num(parts) - _LOWERS, 0.0).sum(axis=0)
    score: Floats = np.where(known.any(axis=0), expit(_PRIOR + odds), 0.0)
    return score


def joined(parts: Mapping[str, float]) -> float:
    """Join the known parts of one campaign into its score; 0 where nothing is known."""
    return float(combine(np.array([[value] for value in parts.values()]))[0]) if parts else 0.0


def _mean_known(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) >= max(3, len(values) / 4) else np.nan


def _newness(b: Behaviour) -> Floats:
    """Age at the first event, on a log scale: a week is as far from a month as that from 4."""
    age = np.where(b.created == NEVER, np.nan, (b.first - b.created) / _DAY)
    return stands_out(-np.log10(np.maximum(age, 0) + 1), b.service, _AGE)


def _automation(b: Behaviour) -> Floats:
    """The most telling of four signs of a timer: one is enough, for each kind of timer shows in
    one of them (a fixed interval, fixed minutes, no hours of rest, an even flow)."""
    r = b.rhythm
    signs = [
        stands_out(r.modal_share, b.service, _MODAL),
        stands_out(1 - r.minute_entropy, b.service, _MINUTES),
        stands_out(r.rest_share, b.service, _REST),
        stands_out(-r.burstiness, b.service, _EVEN),
    ]
    highest: Floats = np.fmax.reduce(signs)
    return highest


def _template_reuse(b: Behaviour) -> Floats:
    """Share of an account's own texts whose template other accounts of the input use too."""
    _, which, users = np.unique(b.templates.key, return_inverse=True, return_counts=True)
    n = len(b)
    texts = np.bincount(b.templates.account, b.templates.uses, n)
    shared = np.bincount(b.templates.account, b.templates.uses * (users[which] >= 2), n)
    share = np.where(texts >= _LEAST_TEXTS, shared / np.maximum(texts, 1), np.nan)
    return stands_out(share, b.service, _SHARED)


def _amplification(b: Behaviour) -> Floats:
    """Share of reposts among what an account posts; where it is known whom it reposts, times how
    much of that falls to its three main sources, for a reader's feed has many."""
    posted = b.posts + b.replies + b.reposts
    share = np.where(posted >= _LEAST_POSTS, b.reposts / np.maximum(posted, 1), np.nan)
    if not b.reposts.any():  # the service or the reader knows no reposts
        share[:] = np.nan
    few = _main_sources(b)
    return stands_out(share * np.where(np.isnan(few), 1.0, 0.5 + 0.5 * few), b.service, _REPOSTS)


def _main_sources(b: Behaviour) -> Floats:
    n = len(b)
    total = np.bincount(b.sources.account, b.sources.uses, n)
    order = np.lexsort((-b.sources.uses, b.sources.account))
    of = b.sources.account[order]
    rank = np.arange(len(of)) - np.searchsorted(of, of, side="left")
    main = np.bincount(of[rank < 3], b.sources.uses[order][rank < 3], n)
    return np.where(total >= _LEAST_POSTS, main / np.maximum(total, 1), np.nan)


def _infrastructure(b: Behaviour, traces: Infrastructure | None) -> Floats:
    """1 where an account shares a rare key with two others, .5 with one; NaN without traces."""
    scores = np.full(len(b), np.nan)
    if traces is None or not len(traces.account):
        return scores
    scores[traces.account] = 0.0
    rare = traces.users <= max(10, len(b) // 200)
    level = np.minimum(traces.users - 1, 2) / 2
    np.maximum.at(scores, traces.account[rare], level[rare])
    return scores
