"""The one writer of the fingerprints of the registry."""

from __future__ import annotations

from datetime import datetime

import msgspec

from crossfix.store.registry.expiring import ExpiringTable
from crossfix.store.registry.tables import FINGERPRINTS


class StoredFingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """The key of a trace, fit to be matched inline; ``campaign`` is the one that left it."""

    id: str
    kind: str
    key: str
    source: str
    confidence: float
    campaign: str | None = None
    expires: datetime | None = None


class FingerprintTable(ExpiringTable[StoredFingerprint]):
    """Keys of traces, to be recognised where they appear again."""

    table = FINGERPRINTS
    row = StoredFingerprint
    renewed = ("confidence", "expires")
