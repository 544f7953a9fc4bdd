"""Events on their way into a log: appended to a file at the cost of one write, drained later.

They are sealed with a key of the installation, where there is one, and no disk sees them plain.
What `Spool.write` took survives the end of the process at any moment, for the kernel has it. A
process beside the writer drains files that are done into the log (`drain`); events are known by
their ids, so that draining a file twice changes nothing.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from crossfix.config.sealing import NONCE_BYTES, Seal, derived
from crossfix.errors import IntegrityError, StoreError
from crossfix.events import Event, to_batch
from crossfix.store.log.event_log import EventLog

ROTATE_SECONDS = 1.0
ROTATE_BYTES = 32 * 1024 * 1024
BATCH_EVENTS = 20_000

_HEAD = struct.Struct("<II")  # length and CRC-32 of what follows
_SUFFIX = ".spool"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Event]).decode


def folder_of(url: str, data_directory: Path) -> Path:
    """Return the folder in which a log's events wait."""
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///") + ".spool")
    return data_directory.absolute() / "events.spool"


def seal_of(secret: bytes) -> Seal:
    """Return what seals waiting events with the secret key of an installation."""
    return Seal(derived(secret, "spool"))


class Spool:
    """Appends events to a file in a folder; one writer has each file locked while it is open.

    After `ROTATE_SECONDS` or `ROTATE_BYTES` the next write begins another file, and the one before
    can be drained.
    """

    def __init__(self, folder: Path, seal: Seal | None = None) -> None:
        self._folder = folder
        self._seal = seal
        self._file = -1
        self._size = 0
        self._since = 0.0
        self._number = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise _refused(e, folder) from e

    def write(self, events: Sequence[Event]) -> None:
        """Append events: all of them, or none and `StoreError`."""
        payload = _encode(events)
        if self._seal is not None:
            payload = self._seal.close(payload, os.urandom(NONCE_BYTES))
        frame = _HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        try:
            if self._file < 0:
                self._open()
            written = os.write(self._file, frame)
            while written < len(frame):
                written += os.write(self._file, frame[written:])
        except OSError as e:
            self._take_back()
            raise _refused(e, self._folder) from e
        self._size += len(frame)
        if self._size >= ROTATE_BYTES:
            self.rotate()

    def sync(self) -> None:
        """Wait until what was written is on the disk."""
        if self._file >= 0:
            try:
                os.fdatasync(self._file)
            except OSError as e:
                raise _refused(e, self._folder) from e

    def rotate(self) -> None:
        """Be done with the file that is open, if any."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def due(self) -> bool:
        """Say whether there is a file that has been open for long enough."""
        return self._file >= 0 and time.monotonic() - self._since >= ROTATE_SECONDS

    def _open(self) -> None:
        self._number += 1
        name = f"{time.time_ns():020d}-{os.getpid()}-{self._number}{_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        # Who drains must not take it before it is locked: it gets its name afterwards.
        aside = self._folder / f".{name}"
        self._file = os.open(aside, flags, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.rename(aside, self._folder / name)
        self._size, self._since = 0, time.monotonic()

    def _take_back(self) -> None:
        """Cut off what was written of a frame that did not fit."""
        if self._file >= 0:
            try:
                os.ftruncate(self._file, self._size)
            except OSError:
                self.rotate()  # a torn end is passed over; the next frame goes to another file


def drain(folder: Path, log: EventLog, seal: Seal | None = None) -> int:
    """Put the events of files that nobody writes any more into a log; return how many they were.

    Raises:
        StoreError: the log refuses; what is not in it stays in its file.
        IntegrityError: ``seal`` is not the one that sealed them.
    """
    drained = 0
    waiting: list[Event] = []
    done: list[Path] = []
    for path in _done(folder):
        for events in read(path, seal):
            waiting.extend(events)
        done.append(path)
        if len(waiting) >= BATCH_EVENTS:
            drained += _kept(log, waiting, done)
    return drained + _kept(log, waiting, done)


def read(path: Path, seal: Seal | None = None) -> Iterator[list[Event]]:
    """Yield the groups of events of a file, up to where a writer that died left it.

    Raises:
        IntegrityError: ``seal`` is not the one that sealed them.
    """
    data = path.read_bytes()
    at = 0
    while at + _HEAD.size <= len(data):
        length, check = _HEAD.unpack_from(data, at)
        payload = data[at + _HEAD.size : at + _HEAD.size + length]
        if len(payload) < length or zlib.crc32(payload) != check:
            return
        plain = payload if seal is None else seal.open(payload)
        if plain is None:
            raise IntegrityError(
                "Events that wait to be put into the log do not open with the secret key.",
                path=str(path), hint="Is privacy.key_file the file with which they were written?",
            )  # fmt: skip
        yield _decode(plain)
        at += _HEAD.size + length


def _done(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob(f"[0-9]*{_SUFFIX}")):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (BlockingIOError, FileNotFoundError):
            continue
        yield path


def _kept(log: EventLog, waiting: list[Event], done: list[Path]) -> int:
    if waiting:
        log.append(to_batch(waiting))
    for path in done:
        path.unlink(missing_ok=True)
    count = len(waiting)
    waiting.clear()
    done.clear()
    return count


def _refused(error: OSError, folder: Path) -> StoreError:
    return StoreError(f"Events cannot be written: {error.strerror}", path=str(folder))
