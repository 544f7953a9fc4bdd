"""What workers tell each other goes over local sockets: each to each, in order."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from contextlib import suppress

from crossfix.guard.workers.place import Place

AGAIN_SECONDS = 0.1
"""How long to wait before somebody who is not there is called again."""

MOST_WAITING_BYTES = 16 * 1024 * 1024
"""What may wait for one of them; beyond that it is not told, and that is counted."""

MOST_FRAME_BYTES = 64 * 1024 * 1024
_LENGTH = struct.Struct("<I")


class Channel:
    """One worker's ends of all sockets; it belongs to the event loop.

    Args:
        place: which worker this is.
        hear: is given each message of the others.
    """

    def __init__(self, place: Place, hear: Callable[[bytes], None]) -> None:
        self._place = place
        self._hear = hear
        self._to: dict[int, asyncio.WriteTransport] = {}
        self._server: asyncio.Server | None = None
        self._ears = set[_Ear]()
        self._tasks: list[asyncio.Task[None]] = []
        self.lost = 0
        """Messages that somebody was not told."""

    @property
    def reached(self) -> list[int]:
        """Which workers can be told something now."""
        return sorted(self._to)

    async def start(self) -> None:
        """Listen, and call the others."""
        loop = asyncio.get_running_loop()
        own = self._place.address(self._place.slot)
        own.unlink(missing_ok=True)
        self._server = await loop.create_unix_server(lambda: _Ear(self._hear, self._ears), str(own))
        self._tasks = [loop.create_task(self._call(slot)) for slot in self._place.others()]

    async def stop(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        if self._server is not None:
            self._server.close()
        for ear in list(self._ears):
            ear.hang_up()

    def say(self, message: bytes, to: int | None = None) -> bool:
        """Tell the others, or one of them; say whether all could be told."""
        frame = _LENGTH.pack(len(message)) + message
        told = True
        for slot in self._place.others() if to is None else [to]:
            line = self._to.get(slot)
            if line is None or line.get_write_buffer_size() > MOST_WAITING_BYTES:
                self.lost += 1
                told = False
            else:
                line.write(frame)
        return told

    async def _call(self, slot: int) -> None:
        """Keep a connection to another worker, which may end and come again."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                line, mouth = await loop.create_unix_connection(
                    lambda: _Mouth(loop), str(self._place.address(slot))
                )
            except OSError:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            self._to[slot] = line
            try:
                await mouth.gone
            finally:
                self._to.pop(slot, None)
                line.close()


class _Mouth(asyncio.Protocol):
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.gone: asyncio.Future[None] = loop.create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.gone.done():
            self.gone.set_result(None)


class _Ear(asyncio.Protocol):
    def __init__(self, hear: Callable[[bytes], None], ears: set[_Ear]) -> None:
        self._hear = hear
        self._ears = ears
        self._held = bytearray()
        self._line: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = transport
        self._ears.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ears.discard(self)

    def hang_up(self) -> None:
        if self._line is not None:
            self._line.close()

    def data_received(self, data: bytes) -> None:
        held = self._held
        held += data
        at = 0
        while len(held) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(held, at)
            if length > MOST_FRAME_BYTES:
                self.hang_up()
                return
            end = at + _LENGTH.size + length
            if len(held) < end:
                break
            self._hear(bytes(held[at + _LENGTH.size : end]))
            at = end
        del held[:at]
