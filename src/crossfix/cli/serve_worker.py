"""One of several processes of ``crossfix serve``: started by it, told on its standard input."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

import msgspec

from crossfix.config import Settings
from crossfix.guard.workers import Place


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is told: the settings, which worker it is, and where it listens.

    ``listening`` is the socket that it inherits, ``address`` what people know it by.
    """

    settings: Settings
    place: Place
    listening: int
    address: str
    open: bool


def main() -> int:
    """Serve until the process that started this one is gone, or says so."""
    from crossfix.app import serve_worker
    from crossfix.config.loading import of_path
    from crossfix.errors import CrossfixError

    told = msgspec.json.decode(sys.stdin.buffer.readline(), type=Told, dec_hook=of_path)
    threading.Thread(target=_watch, name="parent", daemon=True).start()
    # The keyboard's interrupt is for who started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    listening = socket.socket(fileno=told.listening)
    try:
        serve_worker(told.settings, told.place, listening, told.address, open=told.open)
    except CrossfixError as e:
        print(f"crossfix: {e}", file=sys.stderr)
        return 1
    return 0


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 4_096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
