"""The past asked anew: who left a fingerprint or an indicator, when and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
import pyarrow as pa

from crossfix.content.reading import Reading
from crossfix.matching.indicator import Indicator
from crossfix.matching.matcher import Matcher
from crossfix.store.registry import StoredFingerprint
from crossfix.traces.fingerprint import key_hash, key_hashes
from crossfix.traces.given import given_keys
from crossfix.traces.registry import EXTRACTORS


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One event that left what was looked for; ``name`` is the id of that."""

    name: str
    account: str
    service: str
    action: str
    time: datetime
    event: str
    score: float


def retro(
    batches: Iterable[pa.RecordBatch],
    indicators: Iterable[Indicator] = (),
    fingerprints: Iterable[StoredFingerprint] = (),
) -> Iterator[Hit]:
    """Yield the events that indicators match, or that left the keys of fingerprints.

    Batches have the columns of `crossfix.events.SCHEMA`. Indicators are looked for in texts and
    links as the guard looks for them; ``fingerprints`` are those of kinds that stand in no text.
    Of several that match an event each is told once.
    """
    matcher = Matcher(indicators)
    keys = {(f.kind, key_hash(f.kind, f.key)): f.id for f in fingerprints}
    for batch in batches:
        found: dict[tuple[int, str], float] = {}
        if len(matcher):
            _in_texts(batch, matcher, found)
        for kind in sorted({kind for kind, _ in keys}):
            _among_keys(batch, kind, keys, found)
        yield from _hits(batch, found)


def _in_texts(batch: pa.RecordBatch, matcher: Matcher, found: dict[tuple[int, str], float]) -> None:
    texts, urls = batch.column("text").to_pylist(), batch.column("urls").to_pylist()
    for row, (text, links) in enumerate(zip(texts, urls, strict=True)):
        for said in (text, *links):
            if said:
                for one in matcher.find(Reading(said)):
                    place = (row, one.name)
                    found[place] = max(found.get(place, 0.0), one.score)


def _among_keys(
    batch: pa.RecordBatch, kind: str, wanted: dict[tuple[str, int], str],
    found: dict[tuple[int, str], float],
) -> None:  # fmt: skip
    keys = EXTRACTORS[kind]().extract(batch) if kind in EXTRACTORS else given_keys(batch, kind)
    if len(keys.rows):
        hashes = key_hashes(kind, keys.values).tolist()
        for row, key in zip(keys.rows.tolist(), hashes, strict=True):
            if (kind, key) in wanted:
                found[row, wanted[kind, key]] = 1.0


def _hits(batch: pa.RecordBatch, found: dict[tuple[int, str], float]) -> Iterator[Hit]:
    if not found:
        return
    rows = sorted({row for row, _ in found})
    names = ["account", "service", "action", "time", "id"]
    chosen = batch.select(names).take(pa.array(rows)).to_pylist()
    of_row = dict(zip(rows, chosen, strict=True))
    for (row, name), score in sorted(found.items()):
        event = of_row[row]
        yield Hit(
            name=name, account=event["account"], service=event["service"], action=event["action"],
            time=event["time"], event=event["id"], score=round(score, 3),
        )  # fmt: skip
