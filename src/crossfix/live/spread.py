"""Where a model's responses go as it happens: who posts parts of one, and when that is a swarm."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.live.said import Heard, Repeat, Response, Said
from crossfix.live.sighting import Sighting
from crossfix.traces.columns import FOLDED, acted, attribute, folded_texts
from crossfix.traces.fingerprint import key_hash

KIND = "origin"

SAID = frozenset({"completion", "tool_call"})
POSTED = frozenset({"post", "reply", "message", "send", "complaint"})

LEAST_POSTERS = 3
"""Actors that must have posted parts of one response."""

WITHIN_SECONDS = 86_400.0
"""How near in time they must have done so: drafts are posted over a day, not within minutes."""

MOST_FOLLOWED = 10_000
MOST_POSTERS = 64
MOST_PARTS = 8
"""Responses that somebody posted, accounts of each, and parts of one that a swarm shows."""

_LONGEST = 10_000


@dataclass(frozen=True)
class _Posted:
    account: str
    actor: str
    event: str
    time: int
    segment: int
    unchanged: bool


class Spread:
    """Follows responses from the events that carry them to the posts that repeat them.

    Args:
        most_segments: parts of responses that are held.
        actor: names the actor behind an account.
    """

    def __init__(self, most_segments: int, actor: Callable[[str], str]) -> None:
        self.said = Said(most_segments)
        self._actor = actor
        self._posted: OrderedDict[str, list[_Posted]] = OrderedDict()
        self._reached = np.zeros(MOST_POSTERS + 2)
        self._widest: dict[str, int] = {}

    def hear(self, events: pa.RecordBatch) -> None:
        """Take in the prompts and completions of a batch, each once.

        Texts are folded here unless they were before (`with_folded_texts`).
        """
        by_model = _all(pc.equal(events.column("surface"), "ai"))
        spoken = by_model & _all(pc.greater(pc.binary_length(events.column("text")), 0))
        asked = np.flatnonzero(spoken & acted(events, {"prompt"}))
        said = np.flatnonzero(spoken & acted(events, SAID))
        if not len(asked) and not len(said):
            return
        prompts = events.take(pa.array(asked))
        texts = folded_texts(prompts).to_pylist()
        known = dict(zip(prompts.column("id").to_pylist(), texts, strict=True))
        self.said.add(_heard(events.take(pa.array(said))), known)

    def see(self, events: pa.RecordBatch) -> Iterator[Sighting]:
        """Yield the responses that enough accounts have posted, at each account that joins.

        ``events`` have their texts folded too (`with_folded_texts`).
        """
        if not len(self.said):
            return
        elsewhere = pc.not_equal(events.column("surface"), "ai")
        rows = np.flatnonzero(acted(events, POSTED) & np.asarray(elsewhere, np.bool_))
        if not len(rows):
            return
        texts = [
            (t or "")[:_LONGEST] for t in events.column("text").take(pa.array(rows)).to_pylist()
        ]
        folded = events.column(FOLDED).take(pa.array(rows))
        for repeat in self.said.repeats(texts, folded):
            found = self._note(repeat, events, int(rows[repeat.row]))
            if found is not None:
                yield found

    def _note(self, repeat: Repeat, events: pa.RecordBatch, row: int) -> Sighting | None:
        response = repeat.response
        names = ("account", "id", "time")
        account, event, time = (events.column(n)[row].as_py() for n in names)
        made = round(time.timestamp() * 1e6)
        # Nothing that was posted before comes from it, and who was given it may post it.
        if made < response.time or account == response.account:
            return None
        here = self._posted.setdefault(response.key, [])
        self._posted.move_to_end(response.key)
        here[:] = [p for p in here if abs(made - p.time) <= WITHIN_SECONDS * 1e6]
        if len(here) >= MOST_POSTERS:
            return None
        here.append(
            _Posted(account, self._actor(account), event, made, repeat.segment,
                    repeat.kind == "verbatim")
        )  # fmt: skip
        while len(self._posted) > MOST_FOLLOWED:
            gone, _ = self._posted.popitem(last=False)
            self._widest.pop(gone, None)
        return self._fan_out(response, here, events.slice(row, 1))

    def _fan_out(
        self, response: Response, here: list[_Posted], event: pa.RecordBatch
    ) -> Sighting | None:
        """Return the fan-out of a response, if its newest post makes or widens one."""
        posters = {p.account: p for p in here}
        actors = {p.actor for p in here}
        widest = self._widest.get(response.key, 0)
        if len(actors) <= widest or len(actors) < LEAST_POSTERS:
            return None
        # Everybody who posts the same part unchanged may have been asked to share it, or quotes.
        if len({p.segment for p in here}) == 1 and all(p.unchanged for p in here):
            return None
        self._widest[response.key] = len(actors)
        self._reached[widest + 1 : len(actors) + 1] += 1
        everybody = [(response.account, response.event, response.time)]
        everybody += [(p.account, p.event, p.time) for p in posters.values()]
        size = len(actors) + 1
        return Sighting(
            kind=KIND, family="origin", key=key_hash(KIND, response.key), event=event,
            accounts=tuple(a for a, _, _ in everybody), actors=size,
            events=tuple(e for _, e, _ in everybody), times=tuple(t for _, _, t in everybody),
            again=(True,) * len(everybody), expected=0.0, met=0.0, chance=0.0,
            reached=max(0.0, float(self._reached[min(len(actors), MOST_POSTERS)]) - 1),
            keys=float(self.said.responses), named=response.key,
            said=tuple(self.said.parts(response)[:MOST_PARTS]),
        )  # fmt: skip


def _heard(events: pa.RecordBatch) -> list[Heard]:
    """Return completions by name: that of the provider, where one is known."""
    names = ("id", "text", "account", "service", "parent")
    ids, texts, accounts, services, prompts = (events.column(n).to_pylist() for n in names)
    times = events.column("time").cast(pa.int64()).to_pylist()
    natives = attribute(events, "native")
    native = dict(zip(natives.rows.tolist(), natives.values.to_pylist(), strict=True))
    rows = zip(services, texts, accounts, ids, times, prompts, strict=True)
    return [
        Heard(f"{service}:{native.get(row, id)}", text, account, id, time, prompt)
        for row, (service, text, account, id, time, prompt) in enumerate(rows)
    ]


def _all(mask: pa.Array) -> NDArray[np.bool_]:
    answer: NDArray[np.bool_] = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return answer
