"""The one writer of the indicators of the registry."""

from __future__ import annotations

from datetime import datetime

import msgspec

from crossfix.store.registry.expiring import ExpiringTable
from crossfix.store.registry.tables import INDICATORS


class StoredIndicator(msgspec.Struct, frozen=True, kw_only=True):
    """A value to match, with who says so; ``campaign`` is the one it was learned from."""

    id: str
    kind: str
    value: str
    source: str
    marking: str
    confidence: float
    campaign: str | None = None
    expires: datetime | None = None


class IndicatorTable(ExpiringTable[StoredIndicator]):
    """Values that somebody wants recognised."""

    table = INDICATORS
    row = StoredIndicator
    renewed = ("marking", "confidence", "expires")
