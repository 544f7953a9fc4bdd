"""Events on their way into the log: written in groups, acknowledged when they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from crossfix.config.sealing import Seal
from crossfix.errors import StoreError
from crossfix.events import Event
from crossfix.store.log.spool import ROTATE_SECONDS, Spool

FailMode = Literal["open", "closed"]

MOST_WAITING = 20_000
"""Events that are kept in memory while the disk refuses; beyond it they are given up."""

GROUP_SECONDS = 0.02
"""How long an event waits at most for others to be written with."""

RETRY_SECONDS = 0.5


class UnrecordedError(Exception):
    """Events could not be kept, and the setting is not to go on without."""


class Recorder:
    """Writes events to a spool, from the event loop that it was started in.

    ``put`` takes events in; `kept` writes all that wait, as one group, and returns when they would
    survive the end of the process (with ``power_safe``, a loss of power). A write goes to memory
    that the kernel holds and takes microseconds, less than to wake another thread would; only the
    wait for a disk is left to one.

    Where the disk refuses, what waits is held up to ``most_waiting`` and tried again. Meanwhile
    `kept` returns at once with ``fail`` open, and raises with ``fail`` closed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fail: FailMode = "open",
        power_safe: bool = False,
        most_waiting: int = MOST_WAITING,
        seal: Seal | None = None,
    ) -> None:
        self._folder = folder
        self._seal = seal
        self._fail = fail
        self._power_safe = power_safe
        self._most = most_waiting
        self._spool: Spool | None = None
        self._waiting: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None
        self._rotation: asyncio.TimerHandle | None = None
        self._put = 0
        self._written = 0
        self._synced = 0
        self._syncing: asyncio.Task[None] | None = None
        self.taps: list[Callable[[Sequence[Event]], None]] = []
        self.lost = 0
        self.degraded: str | None = None

    async def start(self) -> None:
        """Make ready to write.

        Raises:
            StoreError: the folder cannot be made.
        """
        self._loop = asyncio.get_running_loop()
        self._spool = Spool(self._folder, self._seal)
        self._rotation = self._loop.call_later(ROTATE_SECONDS, self._rotate)

    async def stop(self) -> None:
        """Write what waits; what cannot be written now is lost."""
        self._flush()
        for timer in (self._timer, self._rotation):
            if timer is not None:
                timer.cancel()
        self.lost += len(self._waiting)
        self._waiting.clear()
        if self._spool is not None:
            self._spool.sync()
            self._spool.rotate()

    @property
    def waiting(self) -> int:
        """How many events are not written yet."""
        return len(self._waiting)

    @property
    def written(self) -> int:
        """How many events were written."""
        return self._written

    def put(self, *events: Event) -> int:
        """Take events in; return the ticket to await them by."""
        if len(self._waiting) + len(events) > self._most:
            self._flush()
            if self.degraded is not None:
                self.lost += len(events)
                return self._put
        self._waiting += events
        for tap in self.taps:
            tap(events)
        self._put += len(events)
        if self._timer is None:
            self._timer = self._loop.call_later(GROUP_SECONDS, self._on_time)
        return self._put

    async def kept(self, ticket: int) -> None:
        """Return when the events of a ticket are kept.

        Raises:
            UnrecordedError: they are not, and the fail mode is closed.
        """
        if ticket > self._written and self.degraded is None:
            self._flush()
        if ticket > self._written:
            if self._fail == "closed":
                raise UnrecordedError(self.degraded)
        elif self._power_safe:
            while ticket > self._synced and self.degraded is None:
                await self._sync()

    def check(self) -> None:
        """Refuse to begin what could not be recorded.

        Raises:
            UnrecordedError: the disk refuses, and the fail mode is closed.
        """
        if self._fail == "closed" and self.degraded is not None:
            raise UnrecordedError(self.degraded)

    def _flush(self) -> None:
        if not self._waiting or self._spool is None:
            return
        try:
            self._spool.write(self._waiting)
        except StoreError as e:
            self.degraded = e.message
            return
        self._written += len(self._waiting)
        self._waiting.clear()
        self.degraded = None

    def _on_time(self) -> None:
        self._flush()
        self._timer = None
        if self._waiting:
            self._timer = self._loop.call_later(RETRY_SECONDS, self._on_time)

    def _rotate(self) -> None:
        if self._spool is not None and self._spool.due() and self._syncing is None:
            self._spool.rotate()
        self._rotation = self._loop.call_later(ROTATE_SECONDS / 2, self._rotate)

    async def _sync(self) -> None:
        """Wait for the disk, together with all others that do."""
        if self._syncing is None:
            self._syncing = self._loop.create_task(self._synchronise(self._written))
        await asyncio.shield(self._syncing)

    async def _synchronise(self, written: int) -> None:
        assert self._spool is not None
        try:
            await asyncio.to_thread(self._spool.sync)
            self._synced = written
        except StoreError as e:
            self.degraded = e.message
        finally:
            self._syncing = None
