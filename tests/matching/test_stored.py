from datetime import UTC, datetime
from pathlib import Path

from crossfix.matching import indicator, signature_of
from crossfix.matching.stored import stored_indicators, to_stored
from crossfix.store.registry import (
    FingerprintTable,
    IndicatorTable,
    StoredFingerprint,
    StoredIndicator,
    open_registry,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SAID = "The people of this country deserve a leader who tells them the truth about jobs"


def test_what_the_registry_keeps_is_what_is_matched(tmp_path: Path) -> None:
    kept = [
        indicator("domain", "evil.example", source="list", marking="TLP:RED", confidence=0.4),
        indicator("phrase", "red door", expires=NOW.timestamp() + 60),
    ]
    near = signature_of(SAID)
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as registry:
        IndicatorTable(registry).save(map(to_stored, kept), now=NOW)
        bad = StoredIndicator(id="b", kind="domain", value="no domain", source="", marking="",
                              confidence=1.0)  # fmt: skip
        IndicatorTable(registry).save([bad], now=NOW)
        FingerprintTable(registry).save(
            [
                StoredFingerprint(id="n", kind="near_text", key=near, source="h", confidence=0.9),
                StoredFingerprint(id="d", kind="device", key="x", source="h", confidence=0.9),
            ],
            now=NOW,
        )
        found = {i.id: i for i in stored_indicators(registry, now=NOW.timestamp())}
        later = stored_indicators(registry, now=NOW.timestamp() + 60)
    assert found.keys() == {kept[0].id, kept[1].id, "n"}
    assert [found[i.id] for i in kept] == kept
    assert found["n"].value == near
    assert len(later) == 2
