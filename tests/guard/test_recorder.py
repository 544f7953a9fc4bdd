import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossfix.config.sealing import Seal
from crossfix.errors import IntegrityError, StoreError
from crossfix.events import Event
from crossfix.guard.recorder import Recorder, UnrecordedError
from crossfix.store.log import open_log
from crossfix.store.log.spool import Spool, drain, read, seal_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(n: int, text: str = "hello") -> Event:
    return Event(
        id=f"{n:032x}", time=NOW, received=NOW, service="app", surface="ai", account="app:u",
        action="prompt", text=text, attributes={"model": "m\x00"},
    )  # fmt: skip


def spooled(folder: Path) -> list[Event]:
    return [e for path in sorted(folder.glob("*.spool")) for group in read(path) for e in group]


@pytest.mark.parametrize("power_safe", [False, True])
def test_what_is_kept_is_in_a_file(tmp_path: Path, power_safe: bool) -> None:
    async def run() -> None:
        recorder = Recorder(tmp_path / "spool", power_safe=power_safe)
        await recorder.start()
        await recorder.kept(recorder.put(event(1), event(2)))
        assert spooled(tmp_path / "spool") == [event(1), event(2)]
        tickets = [recorder.put(event(n)) for n in range(3, 30)]
        await asyncio.gather(*map(recorder.kept, tickets))
        assert len(spooled(tmp_path / "spool")) == 29
        recorder.put(event(30))
        await recorder.stop()
        assert len(spooled(tmp_path / "spool")) == 30

    asyncio.run(run())


def test_nobody_waits_longer_than_a_group_takes(tmp_path: Path) -> None:
    async def run() -> None:
        recorder = Recorder(tmp_path / "spool")
        await recorder.start()
        recorder.put(event(1))
        await asyncio.sleep(0.2)
        assert recorder.waiting == 0
        await recorder.stop()

    asyncio.run(run())


class Full:
    """A disk that is full until it is not."""

    full = True

    def __init__(self, folder: Path, seal: Seal | None) -> None:
        self.written: list[Event] = []

    def write(self, events: Sequence[Event]) -> None:
        if self.full:
            raise StoreError("Events cannot be written: no space left")
        self.written += events

    def sync(self) -> None: ...
    def rotate(self) -> None: ...
    def due(self) -> bool:
        return False


@pytest.mark.parametrize("fail", ["open", "closed"])
def test_a_full_disk_is_waited_out_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: str
) -> None:
    monkeypatch.setattr("crossfix.guard.recorder.Spool", Full)
    monkeypatch.setattr("crossfix.guard.recorder.RETRY_SECONDS", 0.01)

    async def run() -> None:
        recorder = Recorder(tmp_path, fail=fail, most_waiting=5)  # type: ignore[arg-type]
        await recorder.start()
        ticket = recorder.put(event(1))
        if fail == "closed":
            with pytest.raises(UnrecordedError):
                await recorder.kept(ticket)
            with pytest.raises(UnrecordedError):
                recorder.check()
        else:
            await recorder.kept(ticket)
            recorder.check()
        assert recorder.degraded is not None
        for n in range(2, 12):
            recorder.put(event(n))
        assert (recorder.waiting, recorder.lost) == (5, 6)
        Full.full = False
        await asyncio.sleep(0.2)
        Full.full = True
        assert recorder.degraded is None
        assert (recorder.waiting, recorder.written) == (0, 5)

    asyncio.run(run())


def test_a_file_that_a_writer_left_torn_is_read_up_to_there(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write([event(1)])
    spool.write([event(2), event(3)])
    spool.rotate()
    (path,) = tmp_path.glob("*.spool")
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        found = [e for group in read(path) for e in group]
        assert found == [event(1), event(2), event(3)][: len(found)]
        assert len(found) in (0, 1)


def test_draining_takes_what_is_done_once_and_leaves_what_is_being_written(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "spool"
    done, writing = Spool(folder), Spool(folder)
    done.write([event(1), event(2)])
    done.rotate()
    writing.write([event(3)])
    with open_log(f"sqlite:///{tmp_path}/events.sqlite") as log:
        assert drain(folder, log) == 2
        assert log.count() == 2
        assert drain(folder, log) == 0
        writing.rotate()
        assert drain(folder, log) == 1
        assert log.count() == 3
    assert list(folder.iterdir()) == []


def test_only_the_owner_reads_what_waits(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write([event(1)])
    (path,) = tmp_path.glob("*.spool")
    assert os.stat(path).st_mode & 0o077 == 0


def test_what_waits_opens_with_the_key_that_sealed_it_alone_and_else_goes_on_waiting(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "spool"
    spool = Spool(folder, seal_of(bytes(32)))
    spool.write([event(1)])
    spool.rotate()
    (path,) = folder.glob("*.spool")
    assert event(1).account.encode() not in path.read_bytes()
    with open_log(f"sqlite:///{tmp_path}/events.sqlite") as log:
        with pytest.raises(IntegrityError):
            drain(folder, log, seal_of(bytes(31) + b"x"))
        assert path.exists()
        assert drain(folder, log, seal_of(bytes(32))) == 1
