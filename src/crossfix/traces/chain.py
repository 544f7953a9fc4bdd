"""Chains: what a model of one AI service wrote, handed to another's, and on to posts and mails.

A hop is a completion of one service inside the prompt of another: a segment of it word for word,
edited or among other words. A segment that its own prompt held already is the asker's, not the
model's, unless the prompt itself came down a chain; one that many accounts were given is a manner
of speaking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.content import fold, fold_one
from crossfix.traces.origin.index import OutputIndex
from crossfix.traces.origin.output import Output
from crossfix.traces.origin.passage import shared, units
from crossfix.traces.origin.rare import RareWording, WordingCounts
from crossfix.traces.origin.shingled import ShingleIndex
from crossfix.traces.origin.sighting import Kind, Sighting
from crossfix.traces.origin.wording_match import judged
from crossfix.traces.shingles import shingle

LEAST_SCORE = 0.5

LEAST_UNITS = 8
"""Words in common below which a prompt may say it by chance; sentences of orders are alike."""

LEAST_OF_SEGMENT = 0.8
"""Share of a segment that the prompt must hold, close together: who hands a text on, hands it on
whole; what prompts have in common with it otherwise is the subject."""

ECHOED = 0.6
"""Share of a segment's shingles in its own prompt from which it is the asker's text."""

COMMON_ACCOUNTS = 3
"""AI accounts that were given one segment from which it is a manner of speaking."""

PIECE = 2_400
"""Characters of a prompt that are compared at a time; a longer one is read in pieces."""

LONGEST_PROMPT = 40_000
_BLOCK = 2_000


@dataclass(frozen=True)
class Hop:
    """One output's text in the prompt of another: places in the index, and how it is there."""

    source: int
    target: int
    kind: Kind
    score: float


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One place that a text came to: a completion, or a post, reply, mail, profile or page.

    ``delay_seconds`` counts from the stop before, ``kind`` and ``score`` say how the text of that
    one is found here; all three are null at the first.
    """

    service: str
    account: str | None
    what: str
    id: str
    time: datetime | None
    delay_seconds: float | None = None
    kind: str | None = None
    score: float | None = None


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """A path over two AI services or more, and where its last completion was posted.

    ``stops`` are completions, in order: each is in the prompt that the next one answers. ``ends``
    are the posts of the last, by time. ``services`` and ``accounts`` are those of both.
    """

    services: tuple[str, ...]
    accounts: tuple[str, ...]
    stops: tuple[Stop, ...]
    ends: tuple[Stop, ...] = ()


def common_segments(index: OutputIndex) -> NDArray[np.bool_]:
    """Tell which segments were given to `COMMON_ACCOUNTS` accounts: "Let me know if ..."."""
    given: dict[str, set[str | None]] = {}
    owners = [index.outputs[o].account for o in index.output_of.tolist()]
    for folded, owner in zip(index.folded, owners, strict=True):
        given.setdefault(folded, set()).add(owner)
    return np.array([len(given[f]) >= COMMON_ACCOUNTS for f in index.folded], dtype=np.bool_)


def echoes(index: OutputIndex) -> NDArray[np.bool_]:
    """Tell which segments stand in the prompt that they answer."""
    found = np.zeros(len(index), dtype=np.bool_)
    asked = [n for n, output in enumerate(index.outputs) if output.prompt]
    for at in range(0, len(asked), _BLOCK):
        block = asked[at : at + _BLOCK]
        prompts = shingle(fold(pa.array([_prompt(index.outputs[n]) for n in block], pa.string())))
        for place, n in enumerate(block):
            begin, end = int(index.first_of[n]), int(index.first_of[n + 1])
            if begin == end:
                continue
            own = shingle(pa.array(index.folded[begin:end], pa.string()))
            said = prompts.hashes[prompts.offsets[place] : prompts.offsets[place + 1]]
            held = np.add.reduceat(np.append(np.isin(own.hashes, said), False), own.offsets[:-1])
            sizes = np.diff(own.offsets)
            found[begin:end] = (held >= ECHOED * np.maximum(sizes, 1)) & (sizes > 0)
    return found


def _prompt(output: Output) -> str:
    return (output.prompt or "")[:LONGEST_PROMPT]


def own_wording(index: OutputIndex) -> RareWording:
    """Return which words are an output's own, as far as prompts and outputs tell it."""
    counts = WordingCounts(index, np.concatenate([index.times, index.times[index.output_of]]))
    said_by_prompts(index, counts)
    return counts.rare()


def said_by_prompts(index: OutputIndex, counts: WordingCounts) -> None:
    """Count what stands in prompts and in outputs themselves."""
    prompts = [_prompt(output) for output in index.outputs]
    counts.add(fold(pa.array(prompts, pa.string())), index.times)
    counts.add(pa.array(index.folded, pa.string()), index.times[index.output_of])


def hops(index: OutputIndex, wording: RareWording | None = None) -> list[Hop]:
    """Return for each output the one of another service that its prompt holds, if there is one.

    Prompts are looked at in order of time, so that what came down a chain may be handed on as it
    is. Outputs without a time or a prompt are no part of a chain. ``wording`` says which words are
    an output's own; without it, rare ones are not told from usual ones.
    """
    timed = [n for n, output in enumerate(index.outputs) if output.time and output.prompt]
    services = [output.service for output in index.outputs]
    if len(set(services)) < 2:
        return []
    barred, echoed = common_segments(index), echoes(index)
    handed: set[int] = set()
    found = []
    candidates = _candidates(index, timed, wording or index.shingles)
    earlier = _earlier(index, candidates)
    for target in sorted(timed, key=lambda n: (index.times[n], n)):
        best: tuple[float, int, int, int, Hop] | None = None
        asked = index.outputs[target]
        for segment, kind, score, count in candidates.get(target, ()):
            source = int(index.output_of[segment])
            later = index.times[source] > index.times[target]
            own = services[source] == services[target] or index.outputs[source].time is None
            if later or own or barred[segment] or not earlier.get(segment, handed) <= handed:
                continue
            if echoed[segment] and source not in handed:
                continue
            if wording is not None and wording.only_alike(segment, fold_one(_prompt(asked))):
                continue
            hop = Hop(source, target, kind, round(score, 4))
            entry = (round(score, 1), count, int(index.times[source]), -segment, hop)
            if best is None or entry[:4] > best[:4]:
                best = entry
        if best is not None:
            handed.add(target)
            found.append(best[4])
    return found


_Found = tuple[int, Kind, float, int]


def _candidates(
    index: OutputIndex, asked: Sequence[int], wording: ShingleIndex | RareWording
) -> dict[int, list[_Found]]:
    """Return the segments that each output's prompt holds, with how and how many words."""
    found: dict[int, list[_Found]] = {}
    pieces = [(n, piece) for n in asked for piece in _pieces(_prompt(index.outputs[n]))]
    for at in range(0, len(pieces), _BLOCK):
        block = pieces[at : at + _BLOCK]
        met = wording.candidates(fold(pa.array([text for _, text in block], pa.string())))
        last, said = -1, list[str]()
        for row, segment in zip(met.rows.tolist(), met.segments.tolist(), strict=True):
            if int(index.output_of[segment]) == block[row][0]:
                continue
            if row != last:
                last, said = row, units(block[row][1])
            own = index.units(segment)
            common = shared(own, said)
            kind, score = judged(common, len(own), len(said))
            whole = min(common.of_segment, common.density) >= LEAST_OF_SEGMENT
            if score >= LEAST_SCORE and whole and common.units >= min(LEAST_UNITS, len(own)):
                found.setdefault(block[row][0], []).append((segment, kind, score, common.units))
    return found


def _pieces(prompt: str) -> Iterator[str]:
    """Cut a long prompt into pieces, each with the half of the one before."""
    if len(prompt) <= PIECE:
        yield prompt
        return
    for at in range(0, len(prompt), PIECE // 2):
        yield prompt[at : at + PIECE]
        if at + PIECE >= len(prompt):
            return


def _earlier(index: OutputIndex, candidates: Mapping[int, list[_Found]]) -> dict[int, set[int]]:
    """Return of segments the outputs whose prompts held them before they were made."""
    earlier: dict[int, set[int]] = {}
    for target, found in candidates.items():
        for segment, *_ in found:
            if index.times[target] < index.times[index.output_of[segment]]:
                earlier.setdefault(segment, set()).add(target)
    return earlier


def chains(index: OutputIndex, found: Sequence[Hop], sightings: Sequence[Sighting]) -> list[Chain]:
    """Return the paths that hops make, one for each output that is handed on no further.

    An output that is posted as well as handed on ends a path of its own. Paths come in order of
    their first and last stops' times.
    """
    before = {hop.target: hop for hop in found}
    handed_on = {hop.source for hop in found}
    number = {id(output): n for n, output in enumerate(index.outputs)}
    posted: dict[int, list[Sighting]] = {}
    for sighting in sightings:
        posted.setdefault(number[id(sighting.output)], []).append(sighting)
    paths = []
    for last in sorted(before):
        if last in handed_on and last not in posted:
            continue
        path = [before[last]]
        while path[0].source in before:
            path.insert(0, before[path[0].source])
        paths.append(_chain(index, path, posted.get(last, ())))
    return sorted(paths, key=lambda c: tuple((s.time, s.id) for s in c.stops if s.time))


def _chain(index: OutputIndex, path: Sequence[Hop], sightings: Sequence[Sighting]) -> Chain:
    steps = [_completion(index.outputs[hop.target], index.outputs[hop.source], hop) for hop in path]
    stops = [_completion(index.outputs[path[0].source], None, None), *steps]
    last = index.outputs[path[-1].target]
    ordered = sorted(sightings, key=lambda s: (s.post.time, s.post.post))
    ends = tuple(_end(sighting, last) for sighting in ordered)
    every = [*stops, *ends]
    return Chain(
        services=tuple(dict.fromkeys(stop.service for stop in every)),
        accounts=tuple(dict.fromkeys(stop.account for stop in every if stop.account)),
        stops=tuple(stops), ends=ends,
    )  # fmt: skip


def _completion(output: Output, before: Output | None, hop: Hop | None) -> Stop:
    return Stop(
        service=output.service, account=output.account, what="completion", id=output.response,
        time=output.time, delay_seconds=_delay(before, output.time) if before else None,
        kind=hop.kind if hop else None, score=hop.score if hop else None,
    )  # fmt: skip


def _end(sighting: Sighting, last: Output) -> Stop:
    post = sighting.post
    return Stop(
        service=post.service, account=post.account, what="post", id=post.post, time=post.time,
        delay_seconds=_delay(last, post.time), kind=sighting.kind, score=sighting.score,
    )  # fmt: skip


def _delay(before: Output, time: datetime | None) -> float | None:
    return None if before.time is None or time is None else (time - before.time).total_seconds()
