"""The processes that answer at one port: started with it, started again, stopped together."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from crossfix.errors import OutsideError
from crossfix.guard.supervise import Supervised
from crossfix.guard.workers.place import Place

START_SECONDS = 60.0
_LOOK_SECONDS = 0.05


class Pool:
    """Workers that share a listening socket: whichever is free takes the next connection.

    A worker that ends is started again; connections that wait meanwhile are taken by the others.

    Args:
        places: one for each worker.
        command: makes the command of a worker; it finds what is ``given`` on its standard input,
            and ends when that does.
        given: what a worker is told.
        listening: the socket, which all of them inherit.
        stop_seconds: how long each may take to end.
    """

    def __init__(
        self,
        places: Sequence[Place],
        command: Sequence[str],
        given: Callable[[Place], bytes],
        listening: socket.socket,
        stop_seconds: float,
    ) -> None:
        self._places = places
        self._workers = [
            Supervised(
                command,
                given=given(place),
                inherited=(listening.fileno(),),
                stop_seconds=stop_seconds,
            )
            for place in places
        ]

    def wait_ready(self) -> None:
        """Wait until every worker answers.

        Raises:
            OutsideError: one of them ended, or takes too long.
        """
        end = time.monotonic() + START_SECONDS
        missing = [place.ready(place.slot) for place in self._places]
        while missing := [path for path in missing if not path.exists()]:
            late = time.monotonic() > end
            if late or any(worker.ended for worker in self._workers):
                raise OutsideError(
                    "The gateway could not start.", hint="What is wrong stands above."
                )
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Have all of them end, and wait until they have."""
        for worker in self._workers:
            worker.ask_to_end()
        for worker in self._workers:
            worker.stop()


def wait_for_signal() -> int:
    """Return the signal that asks this process to end, once it comes."""
    asked: list[int] = []
    wake = threading.Event()

    def end(number: int, frame: object) -> None:
        asked.append(number)
        wake.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not asked:
            wake.wait(1.0)  # a signal's handler runs between two turns
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return asked[0]


def places(folder: Path, count: int) -> list[Place]:
    """Return the places of workers that have a folder in common."""
    return [Place(slot=slot, count=count, folder=str(folder)) for slot in range(count)]


__all__ = ["Pool", "places", "wait_for_signal"]
