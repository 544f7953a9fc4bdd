"""Indicators and fingerprints of the registry, as they are matched."""

from __future__ import annotations

from datetime import UTC, datetime

from crossfix.errors import InputError
from crossfix.matching.indicator import KINDS, Indicator, indicator
from crossfix.store.registry import FingerprintTable, IndicatorTable, Registry, StoredIndicator


def stored_indicators(registry: Registry, *, now: float) -> list[Indicator]:
    """Return the indicators and fingerprints that have not run out and can be matched in text.

    Fingerprints of other kinds of trace (a device, a rhythm) are left to those who see them.
    """
    moment = datetime.fromtimestamp(now, UTC)
    found = [
        _read(i.id, i.kind, i.value, i.source, i.confidence, i.expires, i.marking)
        for i in IndicatorTable(registry).holding(moment)
    ]
    found += [
        _read(f.id, f.kind, f.key, f.source, f.confidence, f.expires)
        for f in FingerprintTable(registry).holding(moment)
    ]
    return [one for one in found if one is not None]


def stored_mark(registry: Registry, *, now: float) -> tuple[object, ...]:
    """Return what changes whenever `stored_indicators` does, at the cost of two looks."""
    moment = datetime.fromtimestamp(now, UTC)
    return *IndicatorTable(registry).mark(moment), *FingerprintTable(registry).mark(moment)


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
