"""The metrics of all workers as one: each writes its own down, whoever is asked adds them up."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import msgspec

from crossfix.guard.metrics import Metrics, Snapshot
from crossfix.guard.workers.place import Place

EVERY_SECONDS = 0.5
"""How often they are written: how old at most the numbers of the others are."""

_decode = msgspec.msgpack.Decoder(Snapshot).decode


class Numbers:
    """One worker's numbers, and those of the others.

    A worker that is started again goes on from the numbers that its predecessor wrote, so that no
    counter ever falls.
    """

    def __init__(self, place: Place, metrics: Metrics) -> None:
        self._place = place
        self._metrics = metrics
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take over what the worker before this one counted, and begin to write."""
        before = _read(self._place.numbers(self._place.slot))
        if before is not None:
            self._metrics.take_over(before)
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Write for the last time."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._write()

    def text(self) -> str:
        """Return the numbers of all workers in Prometheus' text format."""
        together = Metrics()
        together.add(self._metrics.snapshot())
        for slot in self._place.others():
            found = _read(self._place.numbers(slot))
            if found is not None:
                together.add(found)
        return together.text()

    async def _keep(self) -> None:
        while True:
            self._write()
            await asyncio.sleep(EVERY_SECONDS)

    def _write(self) -> None:
        path = self._place.numbers(self._place.slot)
        aside = path.with_suffix(".new")
        with suppress(OSError):  # the next time, perhaps
            aside.write_bytes(msgspec.msgpack.encode(self._metrics.snapshot()))
            aside.replace(path)


def _read(path: Path) -> Snapshot | None:
    try:
        return _decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return None
