"""Which log a URL stands for."""

from __future__ import annotations

from crossfix.errors import SettingError
from crossfix.store.log.event_log import EventLog

SEAL_ROWS = 50_000


def open_log(url: str, *, seal_rows: int = SEAL_ROWS, power_safe: bool = True) -> EventLog:
    """Open the event log that a URL names, making it on first use.

    ``sqlite:///PATH`` is a SQLite file with a folder of Parquet segments beside it,
    ``postgresql://…`` the schema ``events`` of a PostgreSQL database. ``seal_rows`` is how many
    events wait in the SQLite file before they are sealed; a batch as large is sealed at once.
    With ``power_safe`` off a SQLite commit does not wait for the disk: what was kept survives the
    end of the process at any moment, and a loss of power may take the last moments of it.
    """
    if url.startswith("sqlite:///"):
        from crossfix.store.log.sqlite import SqliteLog, path_of

        return SqliteLog(path_of(url), seal_rows=seal_rows, power_safe=power_safe)
    if url.startswith(("postgresql://", "postgres://")):
        from crossfix.store.log.postgres import PostgresLog

        return PostgresLog(url)
    raise SettingError("The URL of an event log is sqlite:///PATH or postgresql://….")
