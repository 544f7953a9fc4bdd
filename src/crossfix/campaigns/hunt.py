"""The hunt: from events to campaigns with evidence."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix import __version__
from crossfix.accounts.actors import actors
from crossfix.campaigns.allow import AllowList
from crossfix.campaigns.bearing import own_scores, with_own_scores
from crossfix.campaigns.describe import Described, describe, moment
from crossfix.campaigns.detect import Detection, Say, detect
from crossfix.campaigns.evidence_table import evidence_table
from crossfix.campaigns.gather import Gathered, gather
from crossfix.campaigns.identity import Known
from crossfix.campaigns.inauthenticity import AccountParts, of_accounts
from crossfix.campaigns.later import NAMINGS, with_later
from crossfix.campaigns.one_name import with_one_name
from crossfix.campaigns.picture import limits_left_out, limits_said, network_picture, timeline
from crossfix.campaigns.provenance import with_provenance
from crossfix.campaigns.result import AccountScore, FileAccount, HuntResult
from crossfix.campaigns.second_look import LoadEncoders, Means, no_encoders
from crossfix.campaigns.small import smallness
from crossfix.campaigns.spread import spreads
from crossfix.campaigns.together import Infrastructure, infrastructure
from crossfix.campaigns.widened import widened
from crossfix.errors import SettingError
from crossfix.traces.table import Traces


@dataclass(frozen=True)
class HuntOptions:
    """What a hunt may be told; kinds in ``without`` are switched off.

    ``encoders`` is asked for them if a kind needs them in this input, and only then. The meaning
    of ``meant_texts`` texts is compared.
    """

    seed: int = 0
    previous: Sequence[Known] = ()
    allow: AllowList = field(default_factory=AllowList)
    without: frozenset[str] = frozenset()
    encoders: LoadEncoders = no_encoders
    meant_texts: int = 0


@dataclass(frozen=True)
class Found:
    """What a hunt found: the result, and the two tables that are too large for it.

    ``said`` is what a second look has to tell, which the result's notes hold as well.
    """

    result: HuntResult
    links: pa.Table
    evidence: pa.Table
    said: tuple[str, ...] = ()


def hunt(
    batches: Iterable[pa.RecordBatch],
    options: HuntOptions,
    *,
    files: Callable[[], Sequence[FileAccount]] = tuple,
    say: Say = lambda stage: None,
) -> Found:
    """Hunt through events (batches with the columns of `crossfix.events.SCHEMA`).

    ``files`` is asked for the account of the files once all events are read. The events are kept
    in a temporary folder while the hunt lasts. The same events in the same order and the same seed
    give the same result.

    Raises `SettingError` where ``options.without`` names a kind that no trace is of.
    """
    with tempfile.TemporaryDirectory(prefix="crossfix-") as workspace:
        say("reading events")
        gathered = gather(batches, Path(workspace))
        try:
            return _hunt(gathered, options, tuple(files()), say)
        finally:
            gathered.spool.close()


def _hunt(
    gathered: Gathered, options: HuntOptions, files: tuple[FileAccount, ...], say: Say
) -> Found:
    gathered = replace(gathered, traces=gathered.traces.named(NAMINGS))
    _known(options.without, gathered.traces.kinds)
    gathered = replace(gathered, traces=gathered.traces.without(options.without))
    gathered, added = with_later(
        gathered, Means(cache(options.encoders), options.without, say, options.meant_texts)
    )
    traces, behaviour = gathered.traces, gathered.behaviour
    actor = actors(len(behaviour), behaviour.persons)
    found = detect(traces, actor, seed=options.seed, without=options.without, say=say)
    wide = spreads(added.origins, gathered, actor) if added.origins else []
    found = widened(found, wide, gathered, actor)
    say("scoring inauthenticity")
    shared_infrastructure = _infrastructure(traces)
    parts = of_accounts(behaviour, shared_infrastructure)
    say("gathering evidence")
    described = describe(
        found, gathered, parts, shared_infrastructure, actor,
        previous=options.previous, allow=options.allow,
    )  # fmt: skip
    if added.origins is not None:
        described = with_provenance(
            described, added.origins, wide, found.community,
        )  # fmt: skip
    described = with_one_name(described)
    described, second = _own(described, parts)
    evidence = evidence_table(
        described.shared, described.popularity, traces.kinds, described.ids, gathered.spool.rows
    )
    result = _result(found, gathered, described, second, options, files, added.notes)
    return Found(result, named_links(found.links, traces), evidence, added.notes)


def _own(described: Described, parts: AccountParts) -> tuple[Described, NDArray[np.float64]]:
    """Give members their own second score; return that of every account besides."""
    second, campaigns = parts.score.copy(), []
    for campaign in described.campaigns:
        own = described.borne[campaign.id]
        second[own.codes] = scores = own_scores(own, campaign.parts)
        named = dict(zip(own.names, scores.tolist(), strict=True))
        campaigns.append(with_own_scores(campaign, named))
    return replace(described, campaigns=tuple(campaigns)), second


def _known(without: frozenset[str], kinds: Sequence[str]) -> None:
    """Refuse a kind that is to be switched off and is none; tables may name kinds of their own."""
    for name in sorted(without - set(kinds)):
        near = get_close_matches(name, kinds, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Kinds are: {', '.join(sorted(kinds))}."
        raise SettingError(f"there is no kind of trace {name!r} to be without", hint=hint)


def _infrastructure(traces: Traces) -> Infrastructure | None:
    codes = [c for c, kind in enumerate(traces.kinds) if traces.family(kind) == "infrastructure"]
    rows = np.flatnonzero(np.isin(traces.table.column("kind").to_numpy(), codes))
    if not len(rows):
        return None
    picked = traces.table.take(pa.array(rows))
    return infrastructure(picked.column("account").to_numpy(), picked.column("key").to_numpy())


def named_links(links: pa.Table, traces: Traces) -> pa.Table:
    """Return links with names in place of codes, strongest first."""
    kinds = pa.array(traces.kinds, pa.string())
    named = pa.table(
        {
            "account_a": traces.accounts.take(links.column("account_a").combine_chunks()),
            "account_b": traces.accounts.take(links.column("account_b").combine_chunks()),
            "kind": kinds.take(links.column("kind").combine_chunks()),
            **{
                name: links.column(name)
                for name in ("window", "shared_keys", "expected", "llr", "q_value")
            },
        }
    )
    order = [("llr", "descending"), ("account_a", "ascending"), ("account_b", "ascending"),
             ("kind", "ascending")]  # fmt: skip
    return named.sort_by(order)


def _result(
    found: Detection,
    gathered: Gathered,
    described: Described,
    second: NDArray[np.float64],
    options: HuntOptions,
    files: tuple[FileAccount, ...],
    notes: tuple[str, ...],
) -> HuntResult:
    behaviour, traces = gathered.behaviour, gathered.traces
    nodes, edges = network_picture(found, traces, described.ids, seed=options.seed)
    small = smallness(len(behaviour), len(traces.table))
    times = gathered.times
    events = np.bincount(behaviour.service, weights=behaviour.events)
    return HuntResult(
        seed=options.seed,
        version=__version__,
        files=files,
        events=traces.events,
        services={s: int(events[i]) for i, s in enumerate(behaviour.services)},
        first=moment(times.min()) if len(times) else None,
        last=moment(times.max()) if len(times) else None,
        traces=traces.counts(),
        campaigns=described.campaigns,
        accounts=_accounts(found, gathered, described, second),
        nodes=nodes,
        edges=edges,
        timeline=timeline(gathered, found.community, described.ids),
        limits=limits_said(found.pairs, traces, gathered.spool.rows),
        notes=tuple(
            filter(
                None,
                (
                    small,
                    *traces.notes,
                    *notes,
                    *limits_left_out(found.pairs),
                    *_gone(options.previous, described),
                ),
            )
        ),
    )


def _gone(previous: Sequence[Known], described: Described) -> list[str]:
    """Say which campaigns of the run before are no longer seen."""
    seen = {c.id for c in described.campaigns}
    seen.update(other for c in described.campaigns for other in c.change.others)
    return [f"campaign {k.id} of the run before is not seen any more"
            for k in previous if k.id not in seen]  # fmt: skip


def _accounts(
    found: Detection, gathered: Gathered, described: Described, second: NDArray[np.float64]
) -> tuple[AccountScore, ...]:
    """Return every account, best first."""
    behaviour = gathered.behaviour
    links = _links_each(found.links, len(behaviour))
    order = np.lexsort((np.arange(len(behaviour)), -found.score)).tolist()
    names, shown, urls = (
        column.to_pylist() for column in (behaviour.accounts, behaviour.display_name, behaviour.url)
    )
    return tuple(
        AccountScore(
            account=names[i],
            campaign=described.ids.get(int(found.community[i])),
            score=float(found.score[i]),
            coordination=float(found.score[i]),
            inauthenticity=float(second[i]),
            links=int(links[i]),
            display_name=shown[i],
            url=urls[i],
        )
        for i in order
    )


def _links_each(links: pa.Table, accounts: int) -> NDArray[np.int64]:
    ends = [links.column(n).to_numpy() for n in ("account_a", "account_b")]
    return np.bincount(np.concatenate(ends), minlength=accounts).astype(np.int64)
