"""Events on their way into the log: written in groups, acknowledged when they are kept."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal, Protocol

from crossfix.errors import StoreError
from crossfix.events import Event

FailMode = Literal["open", "closed"]

MOST_WAITING = 20_000
"""Events that may wait to be written; beyond it the store is too slow for what comes."""

MOST_IN_GROUP = 2_000
RETRY_SECONDS = 0.5


class UnrecordedError(Exception):
    """Events could not be kept, and the setting is not to go on without."""


class Appends(Protocol):
    """The part of an event log that a recorder needs."""

    def append_events(self, events: Sequence[Event]) -> int:
        """Keep events."""

    def close(self) -> None:
        """Let go of the log."""


class Recorder:
    """Writes events by a thread of its own, in groups.

    A group is what has come while the one before was written, so that a commit is shared by all
    that wait for one. ``put`` gives a ticket; who awaits `kept` with it goes on when the event is
    in the log. The log is opened by the thread, for it belongs to one.

    Where the log refuses (a full disk), what waits is kept in memory up to ``most_waiting`` and
    tried again. Meanwhile `kept` returns at once with ``fail`` open, and raises with ``fail``
    closed; ``degraded`` says that it is so.
    """

    def __init__(
        self,
        open_log: Callable[[], Appends],
        *,
        fail: FailMode = "open",
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._open_log = open_log
        self._fail = fail
        self._most = most_waiting
        self._wake = threading.Event()
        self._waiting: list[Event] = []
        self._put = 0
        self._kept = 0
        self._lost = 0
        self._refused: str | None = None
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._futures: list[tuple[int, asyncio.Future[None]]] = []
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._opened: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Open the log and begin to write.

        Raises:
            StoreError: the log cannot be opened.
        """
        self._loop = asyncio.get_running_loop()
        self._opened = self._loop.create_future()
        self._thread.start()
        await self._opened

    async def stop(self) -> None:
        """Write what waits, then let go of the log."""
        self._stopping = True
        self._wake.set()
        await asyncio.to_thread(self._thread.join, 30.0)
        self._told()

    @property
    def degraded(self) -> str | None:
        """Why events are not kept at the moment, if they are not."""
        return self._refused

    @property
    def waiting(self) -> int:
        """How many events wait to be written."""
        return len(self._waiting)

    @property
    def lost(self) -> int:
        """How many events were given up for want of room."""
        return self._lost

    @property
    def written(self) -> int:
        """How many events are in the log."""
        return self._kept

    def full(self) -> bool:
        """Say whether more should be taken in only after some of what waits is written."""
        return len(self._waiting) >= self._most

    def put(self, *events: Event) -> int:
        """Take events in; return the ticket to await them by."""
        room = self._most - len(self._waiting)
        if self._refused is not None and room < len(events):
            self._lost += len(events)
            return self._put
        self._waiting.extend(events)
        self._put += len(events)
        if not self._wake.is_set():
            self._wake.set()
        return self._put

    async def kept(self, ticket: int) -> None:
        """Return when the events of a ticket are in the log.

        Raises:
            UnrecordedError: the log refuses, and the fail mode is closed.
        """
        if ticket <= self._kept:
            return
        if self._refused is None:
            assert self._loop is not None
            future = self._loop.create_future()
            self._futures.append((ticket, future))
            await future
        if self._refused is not None and ticket > self._kept and self._fail == "closed":
            raise UnrecordedError(self._refused)

    def check(self) -> None:
        """Refuse to begin what could not be recorded.

        Raises:
            UnrecordedError: the log refuses or is far behind, and the fail mode is closed.
        """
        if self._fail == "closed" and (self._refused is not None or self.full()):
            raise UnrecordedError(self._refused or "The event log is too far behind.")

    def _run(self) -> None:
        assert self._loop is not None
        assert self._opened is not None
        try:
            log = self._open_log()
        except StoreError as e:
            self._tell(self._opened.set_exception, e)
            return
        self._tell(self._opened.set_result, None)
        try:
            while not (self._stopping and not self._waiting):
                self._wake.wait()
                self._wake.clear()
                while self._waiting and self._write(log):
                    pass
                if self._waiting and not self._pause():
                    break
        finally:
            log.close()

    def _write(self, log: Appends) -> bool:
        group = self._waiting[:MOST_IN_GROUP]
        try:
            log.append_events(group)
        except StoreError as e:
            self._refused = e.message
            self._tell(self._told)
            return False
        # Only this thread takes out and only at the front; the other only adds at the end.
        del self._waiting[: len(group)]
        self._kept += len(group)
        self._refused = None
        self._tell(self._told)
        return True

    def _pause(self) -> bool:
        """Wait before the next try; say whether there is to be one."""
        if self._stopping:
            self._lost += len(self._waiting)
            return False
        time.sleep(RETRY_SECONDS)
        self._wake.set()
        return True

    def _tell(self, call: Callable[..., object], *arguments: object) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(call, *arguments)

    def _told(self) -> None:
        """Wake those whose events are kept; where the log refuses, all of them."""
        waiting, self._futures = self._futures, []
        for ticket, future in waiting:
            if ticket <= self._kept or self._refused is not None or not self._thread.is_alive():
                if not future.done():
                    future.set_result(None)
            else:
                self._futures.append((ticket, future))
