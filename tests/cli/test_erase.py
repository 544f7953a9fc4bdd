"""What is forgotten, and what remains."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossfix.cli import cli
from crossfix.config import load_settings, secret_key
from crossfix.errors import InputError
from crossfix.events import Event
from crossfix.store.journal import open_journal
from crossfix.store.kept import kept_log
from crossfix.store.log import open_log
from crossfix.store.registry import open_registry
from crossfix.store.vault import Vault, VaultLog

NOW = datetime.now(UTC)


def fill(folder: Path) -> None:
    settings = load_settings(environment={}, arguments={"data_directory": folder})
    rows = [(1, "app:ann", 0), (2, "app:ann", 40), (3, "app:ben", 0), (4, "app:ben", 40)]
    events = [
        Event(id=f"{n:032x}", time=NOW - timedelta(days=days), received=NOW, service="app",
              surface="ai", account=account, action="prompt", text=f"text {n}")
        for n, account, days in rows
    ]  # fmt: skip
    with (
        open_log(settings.url("events")) as log,
        open_registry(settings.url("registry")) as registry,
    ):
        sealing = VaultLog(log, Vault(registry, secret_key(settings.key_file)))
        sealing.append_events(events[:2])
        log.seal()
        sealing.append_events(events[2:])


def texts(folder: Path) -> dict[int, str | None]:
    settings = load_settings(environment={}, arguments={"data_directory": folder})
    with kept_log(settings) as log:
        rows = [row for batch in log.read() for row in batch.to_pylist()]
    return {int(row["id"], 16): row["text"] for row in sorted(rows, key=lambda r: r["id"])}


def run(*arguments: str) -> str:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False).output


def test_what_is_old_enough_is_forgotten(tmp_path: Path) -> None:
    fill(tmp_path)
    assert run("retain", "--data", str(tmp_path)) == "2 texts older than 30 days removed.\n"
    assert texts(tmp_path) == {1: "text 1", 2: None, 3: "text 3", 4: None}
    said = run("retain", "--days", "0", "--data", str(tmp_path))
    assert said == "2 texts older than 0 days removed.\n"


def test_an_account_is_erased_and_what_remains_is_said(tmp_path: Path) -> None:
    fill(tmp_path)
    said = json.loads(
        run("erase", "app:ann", "--why", "asked for it", "--json", "--data", str(tmp_path))
    )
    assert {k: said[k] for k in ("keys", "texts", "factors")} == {
        "keys": 1, "texts": 2, "factors": 0
    }  # fmt: skip
    assert any("journal" in line for line in said["remains"])
    assert texts(tmp_path) == {1: None, 2: None, 3: "text 3", 4: "text 4"}
    with open_journal(f"sqlite:///{tmp_path}/journal.sqlite") as journal:
        (entry,) = journal.read()
    assert (entry.what, entry.why) == ("account erased", "asked for it")


def test_a_copy_of_the_log_that_was_made_before_says_nothing_of_an_erased_account(
    tmp_path: Path,
) -> None:
    import shutil

    fill(tmp_path)
    shutil.copytree(tmp_path / "events.sqlite.segments", tmp_path / "copied")
    shutil.copy(tmp_path / "events.sqlite", tmp_path / "copy.sqlite")
    run("erase", "app:ann", "--why", "x", "--data", str(tmp_path))
    shutil.copy(tmp_path / "copy.sqlite", tmp_path / "events.sqlite")
    shutil.rmtree(tmp_path / "events.sqlite.segments")
    shutil.move(tmp_path / "copied", tmp_path / "events.sqlite.segments")
    assert texts(tmp_path) == {1: None, 2: None, 3: "text 3", 4: "text 4"}


def test_who_was_never_seen_is_said_to_be_unknown(tmp_path: Path) -> None:
    fill(tmp_path)
    said = run("erase", "app:anne", "--why", "asked for it", "--data", str(tmp_path))
    assert said == "Nothing was kept of app:anne: is it spelled as it should be?\n"
    assert texts(tmp_path)[1] == "text 1"


def test_what_is_no_account_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run("erase", "ann", "--why", "x", "--data", str(tmp_path))
