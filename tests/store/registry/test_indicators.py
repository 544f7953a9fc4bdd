from datetime import UTC, datetime, timedelta

import pytest

from crossfix.errors import StoreError
from crossfix.store.registry import (
    FingerprintTable,
    IndicatorTable,
    Registry,
    StoredFingerprint,
    StoredIndicator,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def indicator(n: int, **changes: object) -> StoredIndicator:
    fields: dict[str, object] = {
        "id": f"i{n}", "kind": "domain", "value": f"d{n}.example", "source": "list",
        "marking": "TLP:CLEAR", "confidence": 0.5,
    }  # fmt: skip
    return StoredIndicator(**(fields | changes))  # type: ignore[arg-type]


def test_indicators_are_read_back_until_they_run_out_or_are_removed(registry: Registry) -> None:
    table = IndicatorTable(registry)
    kept = [indicator(n, expires=LATER if n % 2 else None) for n in range(1100)]
    table.save(kept, now=NOW)
    assert list(table.holding(NOW)) == sorted(kept, key=lambda i: i.id)
    assert len(list(table.holding(LATER))) == 550
    table.remove([i.id for i in kept if i.id != "i7"])
    assert [i.id for i in table.holding(NOW)] == ["i7"]


def test_saving_again_renews_what_may_change(registry: Registry) -> None:
    table = IndicatorTable(registry)
    table.save([indicator(1)], now=NOW)
    table.save([indicator(1, confidence=0.9, expires=LATER, marking="TLP:RED")], now=LATER)
    (kept,) = table.holding(NOW)
    assert (kept.confidence, kept.expires, kept.marking) == (0.9, LATER, "TLP:RED")


def test_one_value_of_one_source_has_one_id(registry: Registry) -> None:
    table = IndicatorTable(registry)
    table.save([indicator(1)], now=NOW)
    with pytest.raises(StoreError):
        table.save([indicator(1, id="other")], now=NOW)
    table.save([indicator(1, id="other", source="another list")], now=NOW)


def test_fingerprints_are_kept_likewise(registry: Registry) -> None:
    table = FingerprintTable(registry)
    one = StoredFingerprint(id="f1", kind="text", key="ab" * 16, source="hunt", confidence=1.0)
    table.save([one], now=NOW)
    table.save([StoredFingerprint(id="f1", kind="text", key="ab" * 16, source="hunt",
                                  confidence=0.7, expires=LATER)], now=NOW)  # fmt: skip
    (kept,) = table.holding(NOW)
    assert (kept.confidence, kept.expires) == (0.7, LATER)
    assert list(table.holding(LATER)) == []
    table.remove(["f1"])
    assert list(table.holding(NOW)) == []
