import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from crossfix.errors import IntegrityError, StoreError
from crossfix.events import from_batch, to_batch
from crossfix.store.log import open_log
from crossfix.store.log.sqlite import SqliteLog

from .writer import SIZES, event, events

WRITER = Path(__file__).with_name("writer.py")


def opened(path: Path) -> SqliteLog:
    return SqliteLog(path / "events.sqlite", seal_rows=50)


def killed_writer(url: str, first: int, chance: random.Random) -> int:
    """Let a writer work, kill it at some moment, and return its last acknowledged batch."""
    writer = subprocess.Popen(
        [sys.executable, str(WRITER), url, str(first)],
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None
    acknowledged = first - 1
    for _ in range(chance.randint(3, 40)):
        acknowledged = int(writer.stdout.readline())
    time.sleep(chance.random() * 0.02)
    writer.kill()
    rest = writer.stdout.read().split(b"\n")
    writer.stdout.close()
    assert writer.wait() == -9
    return max([acknowledged, *(int(line) for line in rest[:-1])])


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_killed_writer_loses_nothing_that_was_acknowledged(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/events.sqlite"
    if kind == "postgres":
        url = request.getfixturevalue("postgres_url")
    chance, first = random.Random(7), 0
    for _ in range(6 if kind == "sqlite" else 2):
        last = killed_writer(url, first, chance)
        with open_log(url, seal_rows=50) as log:
            got = [e for b in log.read() for e in from_batch(b)]
        rows = Counter(int(e.id[:24], 16) for e in got)
        assert len({e.id for e in got}) == len(got)
        # Every batch is whole; the one that was under way may be there, no other.
        assert set(range(last + 1)) <= set(rows) <= set(range(last + 2))
        assert all(n == SIZES[batch % len(SIZES)] for batch, n in rows.items())
        assert [(e.time, e.id) for e in got] == sorted((e.time, e.id) for e in got)
        first = last + 1  # the unacknowledged batch comes again, as a reader would send it
    if kind == "sqlite":
        with opened(tmp_path) as log:
            here = {p.name for p in (tmp_path / "events.sqlite.segments").iterdir()}
            assert here == {p.name for p in log.segments()}


def test_writers_at_once_keep_every_event_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/events.sqlite"
    writers = [
        subprocess.Popen(
            [sys.executable, str(WRITER), url, str(first), str(last)], stdout=subprocess.DEVNULL
        )
        for first, last in ((0, 29), (29, 0), (15, 44))
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with opened(tmp_path) as log:
        ids = [i for b in log.read(columns=["id"]) for i in b["id"].to_pylist()]
    wanted = {e.id for batch in range(45) for e in events(batch)}
    assert len(ids) == len(wanted)
    assert set(ids) == wanted


def test_small_batches_wait_and_large_ones_are_sealed_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append(to_batch([event(1, n) for n in range(30)]))
        assert log.segments() == []
        log.append(to_batch([event(2, n) for n in range(50)]))
        assert len(log.segments()) == 1
        log.append(to_batch([event(3, n) for n in range(20)]))
        assert len(log.segments()) == 2
        log.append(to_batch([event(4, 0)]))
        assert (log.seal(), log.seal(), len(log.segments())) == (1, 0, 3)
        assert log.append(to_batch([event(b, 0) for b in (1, 2, 3, 4)])) == 0


def test_sealed_segments_are_read_by_duckdb(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append(to_batch([event(1, n) for n in range(60)]))
        log.append(to_batch([event(2, n) for n in range(60)]))
        files = [str(p) for p in log.segments()]
    with duckdb.connect() as database:
        found = database.execute(
            "SELECT count(*), count(DISTINCT id) FROM read_parquet($files)",
            {"files": files},
        ).fetchall()
    assert found == [(120, 120)]


def test_what_a_dead_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append(to_batch([event(1, n) for n in range(60)]))
        kept = log.segments()[0]
    (kept.parent / "00000002.parquet").write_bytes(b"half")
    (kept.parent / ".00000003.parquet.tmp").write_bytes(b"half")
    (kept.parent / "notes.txt").write_text("mine")
    with opened(tmp_path) as log:
        assert log.count() == 60
    assert {p.name for p in kept.parent.iterdir()} == {kept.name, "notes.txt"}


def test_a_damaged_segment_is_said_so(tmp_path: Path) -> None:
    with opened(tmp_path) as log:
        log.append(to_batch([event(1, n) for n in range(60)]))
        path = log.segments()[0]
        path.write_bytes(path.read_bytes()[:100])
        with pytest.raises(IntegrityError) as caught:
            list(log.read())
        assert caught.value.path == str(path)
        path.unlink()
        with pytest.raises(IntegrityError):
            list(log.read())


def test_a_log_of_a_newer_crossfix_is_refused(tmp_path: Path) -> None:
    opened(tmp_path).close()
    database = sqlite3.connect(tmp_path / "events.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="format 99; this crossfix knows 1"):
        opened(tmp_path)


def test_reading_many_overlapping_segments_holds_little_at_once(tmp_path: Path) -> None:
    with SqliteLog(tmp_path / "events.sqlite", seal_rows=1) as log:
        for batch in range(40):
            log.append(to_batch([event(batch, row) for row in range(25)]))
        sizes = [b.num_rows for b in log.read(batch_rows=64)]
    assert sizes == [64] * 15 + [40]
