"""``crossfix retro`` over a real log."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossfix.cli import cli
from crossfix.content import fold_one
from crossfix.errors import InputError
from crossfix.events import Event
from crossfix.store.log import open_log
from crossfix.store.registry import FingerprintTable, StoredFingerprint, open_registry
from crossfix.traces.fingerprint import digest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAID = "they will close our little hospital in spring and nobody has asked a single one of us"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("ada", SAID.upper(), {}),
        ("bob", "what a fine morning it is in the harbour today", {"device": "D-1"}),
        ("eve", "look at https://news.lure.example/a and tell everybody you know", {}),
    )
    with open_log(f"sqlite:///{tmp_path}/events.sqlite") as log:
        log.append_events([
            Event(id=name, time=NOON, received=NOON, service="x", surface="social",
                  account=f"x:{name}", action="post", text=text, attributes=attributes)
            for name, text, attributes in rows
        ])  # fmt: skip
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as registry:
        FingerprintTable(registry).save(
            [
                StoredFingerprint(id="f-text", kind="text", key=digest(fold_one(SAID)),
                                  source="live:s", confidence=0.5, expires=NOON),
                StoredFingerprint(id="f-device", kind="device", key="d-1", source="live:s",
                                  confidence=0.5),
            ],
            now=NOON,
        )  # fmt: skip
    return tmp_path


def found(data: Path, *arguments: str) -> set[tuple[str, str]]:
    ran = CliRunner().invoke(
        cli, ["retro", *arguments, "--json", "--data", str(data)], catch_exceptions=False
    )
    hits = [json.loads(line) for line in ran.stdout.splitlines()]
    return {(hit["account"], hit["name"]) for hit in hits}


def test_fingerprints_of_texts_and_devices_are_found_even_when_they_have_run_out(
    data: Path,
) -> None:
    wanted = ("--fingerprint", "f-text", "--fingerprint", "f-device")
    assert found(data, *wanted) == {("x:ada", "f-text"), ("x:bob", "f-device")}


def test_an_indicator_is_found_where_the_guard_would_find_it(data: Path) -> None:
    assert {a for a, _ in found(data, "--indicator", "domain=lure[.]example")} == {"x:eve"}
    assert found(data, "--indicator", "domain=other.example") == set()


def test_what_cannot_be_looked_for_is_refused(data: Path) -> None:
    for wrong in ([], ["--indicator", "domain"], ["--fingerprint", "f-none"]):
        with pytest.raises(InputError):
            found(data, *wrong)
