"""Communities become campaigns: identity, scores, evidence, tags, reach and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.accounts.behaviour import Behaviour
from crossfix.campaigns.allow import AllowList
from crossfix.campaigns.bearing import Borne, borne
from crossfix.campaigns.campaign import Campaign, Change, Link, Mark, Member, SharedKey
from crossfix.campaigns.detect import Detection
from crossfix.campaigns.evidence import evidence
from crossfix.campaigns.gather import Gathered
from crossfix.campaigns.identity import Known, match
from crossfix.campaigns.impact import breakout, takers_of
from crossfix.campaigns.inauthenticity import AccountParts, of_campaign
from crossfix.campaigns.marking import marks_of
from crossfix.campaigns.order import first_look
from crossfix.campaigns.origins import LASTING
from crossfix.campaigns.shares import DAY, MemberTraces, Shares, popularity_of, shares
from crossfix.campaigns.summary import summarise
from crossfix.campaigns.tags import implied
from crossfix.campaigns.together import Infrastructure
from crossfix.traces.table import Traces

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Ints = NDArray[np.int64]

LONG = 3_650 * DAY
"""Microseconds within which keys of `LASTING` kinds are shown together."""


@dataclass(frozen=True)
class Described:
    """Campaigns, the first to look at first, the id of each community, what members share, and
    what each of them bears of the second score, by the campaign's id."""

    campaigns: tuple[Campaign, ...]
    ids: dict[int, str]
    shared: Shares
    popularity: Ints
    borne: dict[str, Borne]


def moment(microseconds: int) -> datetime:
    """Return a time from UTC microseconds."""
    return EPOCH + timedelta(microseconds=int(microseconds))


def describe(
    found: Detection,
    gathered: Gathered,
    parts: AccountParts,
    infrastructure: Infrastructure | None,
    actor: NDArray[np.int32],
    *,
    previous: Sequence[Known],
    allow: AllowList,
) -> Described:
    """Turn communities into campaigns, in the order in which to look at them."""
    community = found.community.astype(np.int32)
    traces = gathered.traces
    everyone = MemberTraces(*(traces.table.column(n).to_numpy() for n in traces.table.column_names))
    shared = shares(everyone, community, actor, _reach(traces))
    popularity = popularity_of(shared, everyone)
    told = evidence(
        shared, popularity, traces.kinds, gathered.behaviour.accounts, gathered.spool.rows
    )
    marks = marks_of(shared, popularity, everyone, community, traces.kinds, gathered.spool.rows)
    takers = takers_of(
        everyone.account, everyone.kind, everyone.key, everyone.time, community,
        gathered.behaviour.service,
    )  # fmt: skip
    members = _members(community)
    names = [frozenset(_names(gathered.behaviour, m)) for m in members]
    identities = match(previous, names)
    links = _links_by_community(found.links, community, traces)
    campaigns = []
    for number, codes in enumerate(members):
        identity, change = identities[number]
        reach = {gathered.behaviour.services[s]: n for s, n in takers[number].items()}
        draft = _draft(
            identity, change, codes, found, gathered, actor,
            links=links.get(number, ()), kinds=_kinds(shared, number, traces),
            told=told.get(number, ()), marks=marks.get(number, ()), reach=reach,
            scored=of_campaign(gathered.behaviour, parts, codes, infrastructure),
            allowed=allow.covering(sorted(names[number])),
        )  # fmt: skip
        campaigns.append(_in_words(draft, traces))
    ids = {number: identity for number, (identity, _) in enumerate(identities)}
    own = {
        ids[number]: borne(gathered.behaviour, parts, codes, infrastructure)
        for number, codes in enumerate(members)
    }
    return Described(tuple(sorted(campaigns, key=first_look)), ids, shared, popularity, own)


def _reach(traces: Traces) -> int | Ints:
    """Return how near in time members' traces must be to be shown together, by kind.

    What a model said is as telling a month later.
    """
    if not traces.counts().keys() & LASTING:
        return DAY
    return np.array([LONG if kind in LASTING else DAY for kind in traces.kinds], np.int64)


def _members(community: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    many = int(community.max(initial=-1)) + 1
    return [np.flatnonzero(community == n).astype(np.int32) for n in range(many)]


def _names(behaviour: Behaviour, codes: NDArray[np.int32]) -> list[str]:
    return [str(n) for n in behaviour.accounts.take(pa.array(codes)).to_pylist()]


def _kinds(shared: Shares, community: int, traces: Traces) -> dict[str, int]:
    """Count the keys that members share, by kind, most first."""
    counts = np.bincount(shared.kind[shared.community == community], minlength=len(traces.kinds))
    order = np.argsort(-counts, kind="stable").tolist()
    return {traces.kinds[k]: int(counts[k]) for k in order if counts[k]}


def _links_by_community(
    links: pa.Table, community: NDArray[np.int32], traces: Traces
) -> dict[int, tuple[Link, ...]]:
    """Return the validated links inside each community, strongest first."""
    a, b = links.column("account_a").to_numpy(), links.column("account_b").to_numpy()
    inside = np.flatnonzero((community[a] >= 0) & (community[a] == community[b]))
    kept = links.take(pa.array(inside)).sort_by([("llr", "descending")])
    found: dict[int, list[Link]] = {}
    names = traces.accounts
    for row in kept.to_pylist():
        found.setdefault(int(community[row["account_a"]]), []).append(
            Link(
                account_a=names[row["account_a"]].as_py(),
                account_b=names[row["account_b"]].as_py(),
                kind=traces.kinds[row["kind"]],
                window_seconds=row["window"],
                shared_keys=row["shared_keys"],
                expected=row["expected"],
                llr=row["llr"],
                q_value=row["q_value"],
            )
        )
    return {number: tuple(of) for number, of in found.items()}


def _draft(
    identity: str,
    change: Change,
    codes: NDArray[np.int32],
    found: Detection,
    gathered: Gathered,
    actor: NDArray[np.int32],
    *,
    links: tuple[Link, ...],
    kinds: dict[str, int],
    told: tuple[SharedKey, ...],
    marks: tuple[Mark, ...],
    reach: dict[str, int],
    scored: tuple[float, dict[str, float]],
    allowed: str | None,
) -> Campaign:
    behaviour = gathered.behaviour
    services = sorted({behaviour.services[s] for s in behaviour.service[codes].tolist()})
    category, because = breakout(services, reach)
    possible = len(codes) * (len(codes) - 1) / 2
    inside = np.isin(found.ties.a, codes) & np.isin(found.ties.b, codes)
    families = {k: gathered.traces.family(k) for k in kinds}
    return Campaign(
        id=identity,
        members=tuple(_member(int(c), found, behaviour, actor) for c in _best_first(codes, found)),
        coordination=float(found.score[codes].mean()),
        inauthenticity=scored[0],
        parts=scored[1],
        p_value=_simes([link.q_value for link in links], possible),
        density=float(inside.sum() / possible),
        services=tuple(services),
        first=moment(behaviour.first[codes].min()),
        last=moment(behaviour.last[codes].max()),
        kinds=kinds,
        summary="",
        tags=implied(kinds, families, services, scored[1]),
        breakout=category,
        breakout_because=because,
        change=change,
        links=links,
        evidence=told,
        marks=marks,
        allowed=allowed,
    )


def _best_first(codes: NDArray[np.int32], found: Detection) -> list[int]:
    order = np.lexsort((codes, -found.ranks.support[codes]))
    return [int(c) for c in codes[order]]


def _member(code: int, found: Detection, behaviour: Behaviour, actor: NDArray[np.int32]) -> Member:
    alone = int((actor == actor[code]).sum()) == 1
    return Member(
        account=behaviour.accounts[code].as_py(),
        service=behaviour.services[behaviour.service[code]],
        score=float(found.score[code]),
        events=int(behaviour.events[code]),
        first=moment(behaviour.first[code]),
        last=moment(behaviour.last[code]),
        display_name=behaviour.display_name[code].as_py(),
        url=behaviour.url[code].as_py(),
        actor=None if alone else f"actor-{int(actor[code])}",
    )


def _simes(q_values: Sequence[float], possible: float) -> float:
    """Combine the links of a community into one p-value (Simes 1986), 1 where there are none.

    The links' rates over all pairs of the input stand for their p-values, which they exceed.
    """
    ordered = sorted(q_values)
    return min([1.0, *(possible * q / (i + 1) for i, q in enumerate(ordered))])


def _in_words(campaign: Campaign, traces: Traces) -> Campaign:
    phrases = {kind: traces.phrase(kind) for kind in campaign.kinds}
    families = {kind: traces.family(kind) for kind in campaign.kinds}
    return msgspec.structs.replace(campaign, summary=summarise(campaign, phrases, families))
