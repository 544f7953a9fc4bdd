"""Where alerts are raised: folded, held within a rate, delivered until it works or is given up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from crossfix.guard.alerts.alert import LEVELS, Alert, Level, shown

PAUSES_SECONDS = (1.0, 4.0, 15.0, 60.0, 240.0)
"""How long to wait after each attempt but the last."""

MOST_WAITING = 1_000
STOP_SECONDS = 5.0
_HOUR = 3_600.0
_MOST_KEYS = 10_000

log = logging.getLogger("crossfix.alerts")


class UndeliverableError(Exception):
    """A channel did not take an alert; ``final`` where another attempt is of no use."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


class Channel(Protocol):
    """A way to operators."""

    name: str

    async def send(self, alert: Alert) -> None:
        """Deliver an alert.

        Raises:
            UndeliverableError: it was not taken.
        """


class _Window:
    __slots__ = ("first", "latest", "more")

    def __init__(self, first: Alert) -> None:
        self.first = first
        self.latest = first
        self.more = 0


class Desk:
    """Takes alerts and sees to their delivery; belongs to one event loop.

    Args:
        channels: where alerts go, each all of them.
        clock: seconds since 1970.
        dead: told (channel, alert, why) of an alert that was given up.
        counted: told (channel, result) for the metrics.
        window_seconds: alerts with one key are folded for so long.
        most_per_hour: alerts that may be sent within an hour.
        least: the level from which alerts are sent.
        pauses: seconds between attempts.
    """

    def __init__(
        self,
        channels: Sequence[Channel],
        clock: Callable[[], float],
        *,
        dead: Callable[[str, Alert, str], None] | None = None,
        counted: Callable[[str, str], None] | None = None,
        window_seconds: float = 300.0,
        most_per_hour: int = 60,
        least: Level = "high",
        pauses: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self._channels = tuple(channels)
        self._clock = clock
        self._dead = dead
        self._counted = counted or (lambda channel, result: None)
        self._window = window_seconds
        self._most = most_per_hour
        self._least = LEVELS.index(least)
        self._pauses = tuple(pauses)
        self._windows: dict[tuple[str, str], _Window] = {}
        self._sent: list[float] = []
        self._held = 0
        self._queues: list[asyncio.Queue[Alert]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._closing: set[asyncio.TimerHandle] = set()
        self._in_hand: dict[int, Alert] = {}

    async def start(self) -> None:
        """Begin to deliver."""
        for number, channel in enumerate(self._channels):
            queue: asyncio.Queue[Alert] = asyncio.Queue(MOST_WAITING)
            self._queues.append(queue)
            self._tasks.append(asyncio.create_task(self._deliver(number, channel, queue)))

    async def stop(self) -> None:
        """Deliver what waits, as far as it goes in a few seconds; the rest is given up."""
        for timer in self._closing:
            timer.cancel()
        for key in list(self._windows):
            self._close(key)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                for queue in self._queues:
                    await queue.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for number, (channel, queue) in enumerate(zip(self._channels, self._queues, strict=True)):
            if number in self._in_hand:
                await self._give_up(channel, self._in_hand.pop(number), "crossfix was stopped")
            while not queue.empty():
                await self._give_up(channel, queue.get_nowait(), "crossfix was stopped")

    def tell(self, alert: Alert) -> None:
        """Take an alert; never waits, never fails."""
        if not self._queues or LEVELS.index(alert.level) < self._least:
            return
        window = self._windows.get(alert.key)
        if window is not None:
            window.more += alert.count
            window.latest = alert
            self._counted("all", "folded")
            return
        if len(self._windows) < _MOST_KEYS:
            self._windows[alert.key] = _Window(alert)
            self._later(lambda: self._close(alert.key))
        self._send(alert)

    def _later(self, call: Callable[[], None]) -> None:
        def run() -> None:
            self._closing.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(self._window, run)
        self._closing.add(timer)

    def _close(self, key: tuple[str, str]) -> None:
        """End a window; what was folded in it is one alert more."""
        window = self._windows.pop(key, None)
        if window is not None and window.more:
            count = window.more + window.first.count
            self._send(msgspec.structs.replace(window.latest, count=count))

    def _send(self, alert: Alert) -> None:
        now = self._clock()
        self._sent = [time for time in self._sent if time > now - _HOUR]
        if len(self._sent) >= self._most:
            self._held += 1
            self._counted("all", "held")
            return
        if self._held:
            held, self._held = self._held, 0
            self._put(_held_back(held, now))
        self._sent.append(now)
        self._put(alert)

    def _put(self, alert: Alert) -> None:
        for channel, queue in zip(self._channels, self._queues, strict=True):
            try:
                queue.put_nowait(alert)
            except asyncio.QueueFull:
                self._counted(channel.name, "dropped")

    async def _deliver(self, number: int, channel: Channel, queue: asyncio.Queue[Alert]) -> None:
        while True:
            alert = self._in_hand[number] = await queue.get()
            await self._try(channel, alert)
            self._in_hand.pop(number, None)
            queue.task_done()

    async def _try(self, channel: Channel, alert: Alert) -> None:
        why = ""
        for pause in (*self._pauses, None):
            try:
                await channel.send(alert)
            except UndeliverableError as e:
                why = str(e)
                self._counted(channel.name, "failed")
                if e.final or pause is None:
                    break
                await asyncio.sleep(pause)
            else:
                self._counted(channel.name, "sent")
                return
        await self._give_up(channel, alert, why)

    async def _give_up(self, channel: Channel, alert: Alert, why: str) -> None:
        self._counted(channel.name, "given_up")
        log.error("alert given up", extra={"facts": {"channel": channel.name, "kind": alert.kind,
                                                     "why": shown(why)}})  # fmt: skip
        if self._dead is not None:
            await asyncio.to_thread(self._dead, channel.name, alert, shown(why))


def _held_back(held: int, now: float) -> Alert:
    return Alert(
        kind="held_back", subject="rate", level="high", time=now, count=held,
        title="More alerts came than may be sent in an hour; they were held back",
    )  # fmt: skip
