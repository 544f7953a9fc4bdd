"""What every journal must do, run on SQLite and on PostgreSQL."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossfix.errors import IntegrityError, SettingError, StoreError
from crossfix.store.journal import Broken, Head, Journal, open_journal

NOW = datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC)
APPENDER = """
import sys
from datetime import UTC, datetime
from crossfix.store.journal import open_journal
with open_journal(sys.argv[1]) as journal:
    for n in range(40):
        journal.append(who=sys.argv[2], what="w", why="y", now=datetime(2026, 5, 1, tzinfo=UTC),
                       details={"n": n})
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.sqlite"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def journal(url: str) -> Iterator[Journal]:
    with open_journal(url) as opened:
        yield opened


def filled(journal: Journal, entries: int = 5) -> None:
    for n in range(entries):
        journal.append(who="ana", what="limit", why=f"reason {n}", now=NOW, details={"n": n})


def tamper(url: str, statement: str) -> None:
    """Change a journal as somebody with the database's password would."""
    if url.startswith("sqlite"):
        import sqlite3

        database = sqlite3.connect(url.removeprefix("sqlite:///"))
        database.executescript(f"DROP TRIGGER no_update; DROP TRIGGER no_delete; {statement}")
        database.close()
    else:
        import psycopg

        with psycopg.connect(url) as server:
            server.execute("SET search_path = journal")
            server.execute("ALTER TABLE entries DISABLE TRIGGER append_only")
            server.execute(statement.encode())


def test_entries_are_read_back_as_they_were_written(journal: Journal) -> None:
    details = {"accounts": ["x:a", "имя\x00\u202e"], "nested": {"score": 0.1, "none": None}}
    made = journal.append(who="ana", what="suspend", why="", now=NOW, details=details)
    filled(journal, 2)
    first, *rest = journal.read()
    assert first == made
    assert (first.number, first.who, first.when, first.what) == (1, "ana", NOW, "suspend")
    assert first.details == details
    assert [e.number for e in rest] == [2, 3]
    assert [e.number for e in journal.read(after=2)] == [3]
    assert journal.verify() is None


def test_an_empty_journal_is_whole(journal: Journal) -> None:
    assert (journal.head(), journal.verify(), list(journal.read())) == (None, None, [])


def test_the_same_moment_in_another_zone_is_the_same_entry(journal: Journal, url: str) -> None:
    from datetime import timezone

    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    journal.append(who="a", what="b", why="c", now=elsewhere)
    assert next(journal.read()).when == NOW


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE entries SET body = replace(body, 'reason 2', 'reason X') WHERE number = 3", 3),
        (
            "UPDATE entries SET hash = replace(hash, substr(hash, 1, 1), 'g') WHERE number = 4",
            4,
        ),
        ("UPDATE entries SET body = 'no JSON' WHERE number = 2", 2),
        ("DELETE FROM entries WHERE number = 2", 2),
        ("DELETE FROM entries WHERE number = 1", 1),
        ("UPDATE entries SET number = 9 WHERE number = 5", 5),
        ("INSERT INTO entries SELECT 0, body, hash FROM entries WHERE number = 1", 1),
    ],
)
def test_whatever_is_changed_is_found_at_its_place(
    journal: Journal, url: str, statement: str, broken: int
) -> None:
    filled(journal)
    tamper(url, statement)
    found = journal.verify()
    assert isinstance(found, Broken)
    assert found.number == broken


def test_a_journal_cut_off_or_written_anew_is_found_by_a_head_kept_elsewhere(
    journal: Journal, url: str
) -> None:
    filled(journal)
    head = journal.head()
    assert head is not None
    assert journal.verify(head) is None
    filled(journal, 2)
    assert journal.verify(head) is None
    tamper(url, "DELETE FROM entries WHERE number >= 5")
    assert journal.verify() is None
    assert journal.verify(head) == Broken(5, "it is missing")
    filled(journal)
    assert journal.verify() is None
    found = journal.verify(head)
    assert found is not None
    assert found.number == 5
    assert journal.verify(Head(1, "0" * 64)) is not None


def test_the_database_itself_refuses_changes(journal: Journal, url: str) -> None:
    filled(journal, 1)
    for statement in ("UPDATE {}entries SET hash = ''", "DELETE FROM {}entries"):
        if url.startswith("sqlite"):
            import sqlite3

            database = sqlite3.connect(url.removeprefix("sqlite:///"))
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement.format(""))
            database.close()
        else:
            import psycopg

            with psycopg.connect(url) as server, pytest.raises(psycopg.Error, match="append-only"):
                server.execute(statement.format("journal.").encode())
    assert journal.verify() is None


def test_processes_that_append_at_once_make_one_chain(url: str) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", APPENDER, url, who]) for who in "abc"]
    assert [w.wait(60) for w in writers] == [0, 0, 0]
    with open_journal(url) as journal:
        entries = list(journal.read())
        assert journal.verify() is None
    assert [e.number for e in entries] == list(range(1, 121))
    for who in "abc":
        assert [e.details["n"] for e in entries if e.who == who] == list(range(40))


def test_what_cannot_be_written_down_is_refused_and_leaves_no_gap(journal: Journal) -> None:
    filled(journal, 1)
    for now, details in ((NOW, {"x": object()}), (NOW, {"x": float("nan")}),
                         (NOW.replace(tzinfo=None), {})):  # fmt: skip
        with pytest.raises(ValueError, match=r"JSON|time zone"):
            journal.append(who="a", what="b", why="c", now=now, details=details)
    filled(journal, 1)
    assert [e.number for e in journal.read()] == [1, 2]
    assert journal.verify() is None


def test_a_damaged_entry_cannot_be_read_as_if_it_were_whole(journal: Journal, url: str) -> None:
    filled(journal, 2)
    tamper(url, "UPDATE entries SET body = '{}' WHERE number = 2")
    with pytest.raises(IntegrityError, match="Entry 2"):
        list(journal.read())


def test_a_place_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database " * 99)
    for url in (
        f"sqlite:///{tmp_path}/file",
        f"sqlite:///{tmp_path}/file/journal.sqlite",
        f"postgresql:///none?host={tmp_path}",
    ):
        with pytest.raises(StoreError):
            open_journal(url)
    with pytest.raises(SettingError):
        open_journal("mysql://x")


def test_a_journal_of_a_newer_crossfix_is_refused(journal: Journal, url: str) -> None:
    newer = "UPDATE format SET version = 99"
    tamper(url, "PRAGMA user_version = 99" if url.startswith("sqlite") else newer)
    with pytest.raises(StoreError, match="format 99; this crossfix knows 1"):
        open_journal(url)
