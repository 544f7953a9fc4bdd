"""Origin inside a hunt: completions among the events, and where the other events repeat them.

Nothing of it happens where no model answered. Wording is always compared; meaning where encoders
are installed, of the posts that came soonest after a completion, up to a budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.campaigns.gather import Gathered
from crossfix.campaigns.second_look import Means
from crossfix.content import fold
from crossfix.counted import counted
from crossfix.events import ACTIONS
from crossfix.traces.chain import Chain, Hop, chains, common_segments, echoes, hops, said_by_prompts
from crossfix.traces.columns import attribute
from crossfix.traces.origin import (
    Encoders,
    Origin,
    Output,
    OutputIndex,
    Post,
    RareWording,
    Sighting,
    Strangers,
    WordingCounts,
)
from crossfix.traces.trace import Keys

SAID = ("completion", "tool_call")
POSTED = ("post", "reply", "message", "send", "profile", "visit", "complaint")

LASTING = frozenset({"origin", "persona", "chain"})
"""The kinds that are found here; what a model said is as telling a month later."""

MOST_OUTPUTS = 200_000
"""Completions of one input that are compared, the latest of them."""

MEANT_POSTS = 50_000
"""Posts whose meaning is compared: those that came soonest after a completion."""

EARLIER_POSTS = 2_000
"""Posts before all completions whose meaning is compared too."""

MEANT_SEGMENTS = 50_000
"""Segments of completions whose meaning is compared, the latest of them."""

_LONGEST = 100_000
_LONGEST_PROMPT = 40_000

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Placed:
    """A sighting, and the rows of the event that repeats and of the completion that it repeats."""

    sighting: Sighting
    post: int
    output: int


@dataclass(frozen=True)
class Origins:
    """What a hunt knows of where outputs went.

    ``sightings`` are of posts, pages and mails, ``personas`` of descriptions of accounts;
    ``rows`` are the completions' rows by their place in ``index``, ``posts`` the times of all that
    was compared, ascending.
    """

    index: OutputIndex
    rows: tuple[int, ...]
    sightings: tuple[Placed, ...]
    personas: tuple[Placed, ...]
    chains: tuple[Chain, ...]
    chain_keys: Keys
    posts: Ints
    said: tuple[str, ...]
    strangers: Strangers = field(default_factory=Strangers)
    """What others meant before a completion was made, by its row."""

    def texts_but(self, gathered: Gathered, rows: Ints) -> Iterator[pa.Array]:
        """Yield the texts of all that was compared, those of some rows left out."""
        wanted = np.setdiff1d(_rows(gathered, POSTED), rows, assume_unique=True)
        for batch in _posts(gathered, wanted):
            yield pa.array([post.text for post in batch], pa.string())


def find_origins(gathered: Gathered, means: Means) -> Origins | None:
    """Find where the completions of an input were posted; None where there are none."""
    rows = _rows(gathered, SAID)
    if not len(rows):
        return None
    means.say("reading completions")
    outputs, kept, notes = _outputs(gathered, rows)
    index = OutputIndex(outputs)
    if not len(index):
        return None
    said = [*notes]
    means.say("following completions")
    posts = _rows(gathered, POSTED)
    wording = _own_wording(gathered, index, posts)
    found = hops(index, wording)
    for hop in found:
        inherited = (np.arange(*index.first_of[n : n + 2]) for n in (hop.target, hop.source))
        wording = wording.inherit(*inherited)
    sightings, personas, strangers, more = _sightings(gathered, index, wording, posts, means)
    said += more
    handed = {hop.target for hop in found}
    sightings = _own(index, sightings, handed)
    place = {id(output): n for n, output in enumerate(index.outputs)}
    placed = _placed(gathered, sightings, place, kept)
    paths = chains(index, found, [p.sighting for p in placed])
    return Origins(
        index=index, rows=tuple(kept), sightings=placed,
        personas=_placed(gathered, personas, place, kept),
        chains=tuple(paths), chain_keys=_chain_keys(index, found, kept, placed, place),
        posts=np.sort(gathered.times[posts]), said=tuple(said),
        strangers=strangers.named(kept),
    )  # fmt: skip


def origin_keys(origins: Origins) -> dict[str, Keys]:
    """Return the traces: each response, left by who was given it and by whoever repeats it."""
    return {
        "origin": _keys(origins.sightings),
        "persona": _keys(origins.personas),
        "chain": origins.chain_keys,
    }


def response_key(output: Output) -> str:
    """Return the key of a response."""
    return f"{output.service}:{output.response}"


def _keys(placed: Sequence[Placed]) -> Keys:
    pairs = {(p.post, response_key(p.sighting.output)) for p in placed}
    pairs |= {(p.output, response_key(p.sighting.output)) for p in placed}
    return _as_keys(pairs)


def _as_keys(pairs: set[tuple[int, str]]) -> Keys:
    ordered = sorted(pairs)
    rows = np.array([row for row, _ in ordered], dtype=np.int64)
    return Keys(rows, pa.array([value for _, value in ordered], pa.string()))


def _chain_keys(
    index: OutputIndex, found: Sequence[Hop], kept: Sequence[int], placed: Sequence[Placed],
    place: dict[int, int],
) -> Keys:  # fmt: skip
    """Return for everything that lies on a chain the key of the response that it began with."""
    before = {hop.target: hop.source for hop in found}

    def root(n: int) -> int:
        while n in before:
            n = before[n]
        return n

    pairs = set()
    for hop in found:
        key = response_key(index.outputs[root(hop.target)])
        pairs |= {(kept[hop.source], key), (kept[hop.target], key)}
    for p in placed:
        n = place[id(p.sighting.output)]
        if n in before:
            pairs.add((p.post, response_key(index.outputs[root(n)])))
    return _as_keys(pairs)


def _rows(gathered: Gathered, actions: Sequence[str]) -> Ints:
    """Return the rows of events of these actions, each event once."""
    codes = [ACTIONS.index(name) for name in actions]
    mask = np.isin(gathered.actions, codes) & gathered.first_seen
    return np.flatnonzero(mask).astype(np.int64)


_OUTPUT_COLUMNS = ("id", "service", "surface", "account", "action", "text", "parent", "time",
                   "attributes")  # fmt: skip


def _outputs(gathered: Gathered, rows: Ints) -> tuple[list[Output], list[int], list[str]]:
    """Return the completions in order of time, their rows, and what there is to say."""
    notes = []
    if len(rows) > MOST_OUTPUTS:
        order = np.lexsort((rows, gathered.times[rows]))
        rows = np.sort(rows[order[-MOST_OUTPUTS:]])
        notes.append(f"of the completions only the latest {MOST_OUTPUTS:,} were traced")
    asked = _rows(gathered, ("prompt",))
    prompts: dict[str, str] = {}
    for start, batch in gathered.spool.batches(("id", "text"), asked):
        low, high = np.searchsorted(asked, [start, start + batch.num_rows])
        chosen = batch.take(pa.array(asked[low:high] - start))
        for name, text in zip(*(c.to_pylist() for c in chosen.columns), strict=True):
            if text:
                prompts[name] = text[:_LONGEST_PROMPT]
    found: list[tuple[datetime, int, Output]] = []
    for start, batch in gathered.spool.batches(_OUTPUT_COLUMNS, rows):
        low, high = np.searchsorted(rows, [start, start + batch.num_rows])
        for row, event in zip(
            rows[low:high].tolist(),
            batch.take(pa.array(rows[low:high] - start)).to_pylist(),
            strict=True,
        ):
            if event["surface"] != "ai" or not event["text"]:
                continue
            native = dict(event["attributes"]).get("native", event["id"])
            found.append((event["time"], row, Output(
                response=native, text=event["text"][:_LONGEST], service=event["service"],
                account=event["account"], time=event["time"],
                prompt=prompts.get(event["parent"] or ""),
            )))  # fmt: skip
    found.sort(key=lambda entry: entry[:2])
    return [output for *_, output in found], [row for _, row, _ in found], notes


def _own_wording(gathered: Gathered, index: OutputIndex, posts: Ints) -> RareWording:
    """Count what is said over time, and return which words are a completion's own."""
    times = [gathered.times[posts], index.times, index.times[index.output_of]]
    counts = WordingCounts(index, np.concatenate(times))
    for batch in _posts(gathered, posts):
        when = np.array([round(post.time.timestamp() * 1e6) for post in batch], dtype=np.int64)
        counts.add(fold(pa.array([post.text for post in batch], pa.string())), when)
    said_by_prompts(index, counts)
    return counts.rare()


def _sightings(
    gathered: Gathered, index: OutputIndex, wording: RareWording, posts: Ints, means: Means
) -> tuple[list[Sighting], list[Sighting], Strangers, list[str]]:
    """Compare posts and descriptions of accounts with the index."""
    by_wording = Origin(index, None, wording)
    encoders, said = means.encoders()
    meant, passed, meant_rows, notes = _meant(gathered, index, posts, encoders)
    for batch in _posts(gathered, posts):
        by_wording.take(batch)
        if meant is not None:
            meant.take([post for post in batch if int(post.post) in meant_rows])
            meant.hear([post for post in batch if int(post.post) not in meant_rows])
    profiles = Origin(index, encoders if meant is not None and not notes else None)
    for batch in _bios(gathered):
        profiles.take(batch)
    means.say("looking closely at completions")
    sightings = by_wording.finish()
    sure = {s.post.post for s in sightings}
    strangers = Strangers()
    if meant is not None:
        sightings += [s for s in meant.finish() if s.post.post not in sure]
        strangers = meant.strangers.named(range(passed, len(index.outputs)))
    completions = counted(len(index.outputs), "completion")
    compared = f"{completions} compared with {counted(by_wording.taken, 'text')}: {said}"
    return sightings, profiles.finish(), strangers, [compared, *notes]


def _meant(
    gathered: Gathered, index: OutputIndex, posts: Ints, encoders: Encoders | None
) -> tuple[Origin | None, int, set[int], list[str]]:
    """Return what compares meaning, from which completion on, of which rows, and what is left out.

    Some posts before all completions are among them: what they mean shows what strangers say.
    """
    if encoders is None:
        return None, 0, set(), []
    made = np.sort(index.times)
    times = gathered.times[posts]
    place = np.searchsorted(made, times, side="right")
    after = np.flatnonzero(place > 0)
    delay = times[after] - made[place[after] - 1]
    soonest = after[np.lexsort((posts[after], delay))[:MEANT_POSTS]]
    notes = []
    if len(soonest) < len(after):
        notes.append(f"meaning was compared of the {MEANT_POSTS:,} posts that came soonest after "
                     f"a completion, of {len(after):,}")  # fmt: skip
    soonest = np.concatenate([np.flatnonzero(place == 0)[-EARLIER_POSTS:], soonest])
    inside, first = index, 0
    if len(index) > MEANT_SEGMENTS:
        first = int(np.searchsorted(index.first_of, len(index) - MEANT_SEGMENTS))
        inside = OutputIndex(index.outputs[first:])
        notes.append(f"meaning was compared of the latest {len(inside.outputs):,} completions")
    return Origin(inside, encoders), first, set(posts[soonest].tolist()), notes


_POST_COLUMNS = ("service", "surface", "account", "action", "text", "time", "attributes")


def _posts(gathered: Gathered, rows: Ints) -> Iterator[list[Post]]:
    """Yield what accounts posted; the id of each is its row."""
    for start, batch in gathered.spool.batches(_POST_COLUMNS, rows):
        low, high = np.searchsorted(rows, [start, start + batch.num_rows])
        mine = rows[low:high]
        chosen = batch.take(pa.array(mine - start))
        subjects = _values(chosen, "subject")
        persons = _values(chosen, "person")
        columns = (chosen.column(n).to_pylist() for n in ("text", "service", "surface", "account"))
        times = gathered.times[mine].tolist()
        found = []
        entries = zip(mine.tolist(), times, *columns, strict=True)
        for at, (row, time, text, service, surface, account) in enumerate(entries):
            if surface == "ai" or not text:
                continue
            subject = subjects.get(at)
            found.append(Post(
                post=str(row), text=(f"{subject}\n{text}" if subject else text)[:_LONGEST],
                service=service, account=account, time=_moment(time), actor=persons.get(at),
            ))  # fmt: skip
        yield found


def _bios(gathered: Gathered) -> Iterator[list[Post]]:
    """Yield the descriptions of accounts, each when it was first seen, as posts."""
    first: dict[tuple[str, str], tuple[int, int, str]] = {}
    for start, batch in gathered.spool.batches(("service", "surface", "account", "attributes")):
        bios = _values(batch, "bio")
        if not bios:
            continue
        rows = batch.take(pa.array(sorted(bios))).to_pylist()
        for at, event in zip(sorted(bios), rows, strict=True):
            if event["surface"] == "ai" or not gathered.first_seen[start + at]:
                continue
            entry = (int(gathered.times[start + at]), start + at, event["service"])
            key = (event["account"], bios[at][:2_000])
            if key not in first or entry < first[key]:
                first[key] = entry
    yield [
        Post(post=str(row), text=bio, service=service, account=account, time=_moment(time))
        for (account, bio), (time, row, service) in sorted(first.items(), key=lambda e: e[1][:2])
    ]


def _values(batch: pa.RecordBatch, name: str) -> dict[int, str]:
    found = attribute(batch, name)
    return dict(zip(found.rows.tolist(), found.values.to_pylist(), strict=True))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _own(index: OutputIndex, sightings: list[Sighting], handed: set[int]) -> list[Sighting]:
    """Leave out what the asker had said already, and what many were told."""
    barred, echoed = common_segments(index), echoes(index)
    place = {id(output): n for n, output in enumerate(index.outputs)}
    kept = []
    for sighting in sightings:
        n = place[id(sighting.output)]
        segment = int(index.first_of[n]) + sighting.segment - 1
        if not barred[segment] and (n in handed or not echoed[segment]):
            kept.append(sighting)
    return kept


def _placed(
    gathered: Gathered, sightings: Sequence[Sighting], place: dict[int, int], kept: Sequence[int]
) -> tuple[Placed, ...]:
    """Give sightings the ids and addresses of their events in place of rows."""
    rows = np.unique(np.array([int(s.post.post) for s in sightings], dtype=np.int64))
    if not len(rows):
        return ()
    events = gathered.spool.rows(rows).select(["id", "attributes"]).to_pylist()
    named = dict(zip(rows.tolist(), events, strict=True))
    found = []
    for sighting in sightings:
        row = int(sighting.post.post)
        attributes = dict(named[row]["attributes"])
        post = msgspec.structs.replace(
            sighting.post, post=attributes.get("native", named[row]["id"]),
            url=attributes.get("url"),
        )  # fmt: skip
        output = place[id(sighting.output)]
        told = msgspec.structs.replace(sighting, post=post)
        found.append(Placed(told, row, kept[output]))
    return tuple(found)


def without(origins: Origins, kinds: frozenset[str]) -> Origins:
    """Return the same without what belongs to kinds that are not wanted."""
    return replace(
        origins,
        sightings=() if "origin" in kinds else origins.sightings,
        personas=() if "persona" in kinds else origins.personas,
        chains=() if "chain" in kinds else origins.chains,
    )
