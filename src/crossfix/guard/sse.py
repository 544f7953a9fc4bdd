"""Server-sent events, cut out of bytes as they arrive."""

from __future__ import annotations

from crossfix.guard.wire.ask import MalformedError

MOST_BYTES_OF_EVENT = 4 * 1024 * 1024


class Splitter:
    """Cuts a stream of bytes into events, each as it came, with its end.

    Lines may end in any of the three ways that the standard knows. An event longer than
    ``most_bytes`` is malformed: what is not yet an event is held in memory.
    """

    def __init__(self, most_bytes: int = MOST_BYTES_OF_EVENT) -> None:
        self._rest = b""
        self._most = most_bytes
        self._after_return = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the events that are whole now, with one kind of line end.

        Raises:
            MalformedError: an event is longer than any should be.
        """
        if b"\r" in data or self._after_return:
            data = self._unified(data)
        if self._rest:
            data = self._rest + data
        events = data.split(b"\n\n")
        self._rest = events.pop()
        if len(self._rest) > self._most:
            raise MalformedError("The upstream sent an event that is too long.")
        return [event + b"\n\n" for event in events if event.strip(b"\n")]

    def rest(self) -> bytes:
        """Return what came and is no whole event."""
        return self._rest.strip(b"\n")

    def _unified(self, data: bytes) -> bytes:
        # A line end of two characters may be cut between them.
        if self._after_return and data[:1] == b"\n":
            data = data[1:]
        self._after_return = data[-1:] == b"\r"
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def fields(event: bytes) -> tuple[bytes, bytes]:
    """Return the name and the data of an event; a comment alone has neither."""
    if event.startswith(b"data: ") and event.find(b"\n") == len(event) - 2:
        return b"", event[6:-2]
    name, data = b"", []
    for line in event.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
    return name, b"\n".join(data)
