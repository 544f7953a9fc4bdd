"""Lots of events on their way into the log, kept in groups; each event is found new or known."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, Protocol

import msgspec

from crossfix.errors import StoreError
from crossfix.events import Event
from crossfix.events.readers.entities import complete_event

MOST_WAITING = 100_000
"""Events that may wait to be kept; more are refused, to be sent again later."""

MOST_IN_GROUP = 10_000


class Full(Exception):  # noqa: N818 - it is a state, and it passes
    """So much waits to be kept that no more is taken in."""


class Keeps(Protocol):
    """The part of an event log that an intake needs."""

    def known(self, ids: Sequence[str]) -> Collection[str]:
        """Return the ids that are known already."""

    def append_events(self, events: Sequence[Event]) -> int:
        """Keep events."""

    def close(self) -> None:
        """Let go of the log."""


class Kept(msgspec.Struct, frozen=True):
    """What became of a lot: the events that are new, and how many were known before."""

    new: tuple[Event, ...]
    known: int


class _Lot:
    __slots__ = ("events", "future")

    def __init__(self, events: Sequence[Event], future: asyncio.Future[Kept]) -> None:
        self.events = events
        self.future = future


class Intake:
    """Keeps lots of events by a thread of its own; a commit is shared by all lots that wait.

    Args:
        open_log: opens the log; called in the thread, to which it belongs.
        most_waiting: events that may wait.
        timed: told the seconds and the number of events of each commit.
    """

    def __init__(
        self,
        open_log: Callable[[], Keeps],
        *,
        most_waiting: int = MOST_WAITING,
        timed: Callable[[float, int], None] | None = None,
    ) -> None:
        self._open_log = open_log
        self._most = most_waiting
        self._timed = timed
        self._lots: list[_Lot] = []
        self._waiting = 0
        self._wake = threading.Event()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opened: asyncio.Future[None] | None = None
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    @property
    def waiting(self) -> int:
        """How many events wait to be kept."""
        return self._waiting

    async def start(self) -> None:
        """Open the log and begin.

        Raises:
            StoreError: the log cannot be opened.
        """
        self._loop = asyncio.get_running_loop()
        self._opened = self._loop.create_future()
        self._thread.start()
        await self._opened

    async def stop(self) -> None:
        """Keep what waits, then let go of the log."""
        self._stopping = True
        self._wake.set()
        await asyncio.to_thread(self._thread.join, 30.0)

    def room(self) -> bool:
        """Say whether more is taken in."""
        return self._waiting < self._most and not self._stopping

    async def keep(self, events: Sequence[Event]) -> Kept:
        """Return when the events are in the log.

        Raises:
            Full: too much waits.
            StoreError: the log refuses; nothing of the lot is acknowledged.
        """
        if not events:
            return Kept((), 0)
        if not self.room():
            raise Full
        assert self._loop is not None
        lot = _Lot(events, self._loop.create_future())
        self._waiting += len(events)
        self._lots.append(lot)
        self._wake.set()
        try:
            return await lot.future
        finally:
            self._waiting -= len(events)

    def _run(self) -> None:
        assert self._opened is not None
        try:
            log = self._open_log()
        except StoreError as e:
            self._tell(self._opened, e)
            return
        self._tell(self._opened, None)
        try:
            while not self._stopping or self._lots:
                self._wake.wait()
                self._wake.clear()
                while self._lots:
                    self._keep(log, self._group())
        finally:
            log.close()

    def _group(self) -> list[_Lot]:
        # Only this thread takes out and only at the front; the other only adds at the end.
        size, count = 0, 0
        for lot in self._lots:
            size += len(lot.events)
            if count and size > MOST_IN_GROUP:
                break
            count += 1
        group = self._lots[:count]
        del self._lots[:count]
        return group

    def _keep(self, log: Keeps, lots: list[_Lot]) -> None:
        began = time.perf_counter()
        try:
            known = set(log.known([event.id for lot in lots for event in lot.events]))
            answers: list[Kept] = []
            for lot in lots:
                fresh = []
                for event in lot.events:
                    if event.id not in known:
                        known.add(event.id)
                        fresh.append(event)
                new_here = tuple(complete_event(event) for event in fresh)
                answers.append(Kept(new_here, len(lot.events) - len(fresh)))
            new = [event for answer in answers for event in answer.new]
            if new:
                log.append_events(new)
        except StoreError as e:
            for lot in lots:
                self._tell(lot.future, e)
            return
        for lot, answer in zip(lots, answers, strict=True):
            self._tell(lot.future, answer)
        if self._timed is not None:
            self._timed(time.perf_counter() - began, len(new))

    def _tell(self, future: asyncio.Future[Any], what: object) -> None:
        def tell() -> None:
            if future.done():  # who asked has left
                return
            if isinstance(what, BaseException):
                future.set_exception(what)
            else:
                future.set_result(what)

        assert self._loop is not None
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(tell)
