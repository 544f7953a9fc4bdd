"""Which journal a URL stands for."""

from __future__ import annotations

from pathlib import Path

from crossfix.errors import SettingError
from crossfix.store.journal.journal import Journal


def open_journal(url: str) -> Journal:
    """Open the journal that a URL names, making it on first use.

    ``sqlite:///PATH`` is a file of its own, ``postgresql://…`` the schema ``journal``.
    """
    if url.startswith("sqlite:///"):
        from crossfix.store.journal.sqlite import SqliteJournal

        return SqliteJournal(Path(url.removeprefix("sqlite:///")))
    if url.startswith(("postgresql://", "postgres://")):
        from crossfix.store.journal.postgres import PostgresJournal

        return PostgresJournal(url)
    raise SettingError("The URL of a journal is sqlite:///PATH or postgresql://….")
