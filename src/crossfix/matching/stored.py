"""Indicators and fingerprints of the registry, as they are matched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from crossfix.errors import InputError
from crossfix.matching.indicator import KINDS, Indicator, indicator
from crossfix.store.registry import (
    FingerprintTable,
    IndicatorTable,
    Registry,
    StoredFingerprint,
    StoredIndicator,
)


def stored_indicators(registry: Registry, *, now: float) -> list[Indicator]:
    """Return the indicators and fingerprints that have not run out and can be matched in text.

    Fingerprints of other kinds of trace (a device, a rhythm) are left out.
    """
    return stored_known(registry, now=now)[0]


def stored_known(
    registry: Registry, *, now: float
) -> tuple[list[Indicator], list[StoredFingerprint]]:
    """Return what can be matched in text, and the fingerprints that stand in none."""
    moment = datetime.fromtimestamp(now, UTC)
    found = [
        _read(i.id, i.kind, i.value, i.source, i.confidence, i.expires, i.marking)
        for i in IndicatorTable(registry).holding(moment)
    ]
    others = []
    for f in FingerprintTable(registry).holding(moment):
        if f.kind in KINDS:
            found.append(_read(f.id, f.kind, f.key, f.source, f.confidence, f.expires))
        else:
            others.append(f)
    return [one for one in found if one is not None], others


def stored_mark(registry: Registry, *, now: float) -> tuple[object, ...]:
    """Return what changes whenever `stored_indicators` does, at the cost of two looks."""
    moment = datetime.fromtimestamp(now, UTC)
    return *IndicatorTable(registry).mark(moment), *FingerprintTable(registry).mark(moment)


def stored_by_id(
    registry: Registry, ids: Iterable[str]
) -> tuple[list[Indicator], list[StoredFingerprint]]:
    """Return the indicators of these ids, and the fingerprints of kinds that stand in no text.

    What has run out is found too.

    Raises:
        InputError: an id is unknown.
    """
    past = datetime.fromtimestamp(0, UTC)
    wanted = set(ids)
    held = {i.id: i for i in IndicatorTable(registry).holding(past) if i.id in wanted}
    prints = {f.id: f for f in FingerprintTable(registry).holding(past) if f.id in wanted}
    for id in sorted(wanted - held.keys() - prints.keys()):
        raise InputError(f"There is no fingerprint or indicator {id!r}.")
    read = [_read(i.id, i.kind, i.value, i.source, 1.0, None) for i in held.values()]
    read += [_read(f.id, f.kind, f.key, f.source, 1.0, None) for f in prints.values()]
    others = [f for f in prints.values() if f.kind not in KINDS]
    return [one for one in read if one is not None], others


def to_stored(one: Indicator) -> StoredIndicator:
    """Return an indicator as the registry keeps it."""
    expires = None if one.expires is None else datetime.fromtimestamp(one.expires, UTC)
    return StoredIndicator(
        id=one.id, kind=one.kind, value=one.value, source=one.source, marking=one.marking,
        confidence=one.confidence, expires=expires,
    )  # fmt: skip


def _read(
    id: str,
    kind: str,
    value: str,
    source: str,
    confidence: float,
    expires: datetime | None,
    marking: str = "",
) -> Indicator | None:
    if kind not in KINDS:
        return None
    until = None if expires is None else expires.timestamp()
    try:
        return indicator(
            kind, value, id=id, source=source, confidence=confidence, expires=until, marking=marking
        )
    except InputError:  # a key of an older spelling: it can match nothing
        return None
