"""Putting a SQLite file into write-ahead mode while others may be doing the same."""

from __future__ import annotations

import sqlite3
import time

WAIT_SECONDS = 60.0
_PAUSE_SECONDS = 0.02


def write_ahead(connection: sqlite3.Connection, *, power_safe: bool = True) -> None:
    """Make commits durable, and let readers read while one writes.

    A commit survives a loss of power, or with ``power_safe`` off the end of the process alone,
    which costs no wait for the disk; the file stays whole either way.

    SQLite answers a switch of mode that meets another connection's with "locked" at once,
    whatever the timeout: so this tries again for as long.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as e:
            busy = e.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
    connection.execute(f"PRAGMA synchronous = {'FULL' if power_safe else 'NORMAL'}")
