"""Looks at this machine and what is kept on it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator

from crossfix.config import secret_key
from crossfix.errors import CrossfixError, StoreError
from crossfix.guard.doctor.line import Line, Patient, fail, ok, warn

LEAST_FREE_BYTES = 1 << 30
FAIL_FREE_BYTES = 64 << 20


def data_directory(patient: Patient) -> Iterator[Line]:
    """See whether the data directory can be written, by its owner alone."""
    folder = patient.settings.data_directory
    if not folder.exists():
        yield warn("data", f"{folder} is not there yet", "Nothing: the first start makes it.")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fail("data", f"{folder} cannot be written", f"Run: chown -R $(id -u) {folder}")
        return
    if folder.stat().st_mode & stat.S_IWOTH:
        yield warn("data", f"everybody may write to {folder}", f"Run: chmod o-w {folder}")
        return
    yield ok("data", f"{folder} can be written")


def disk(patient: Patient) -> Iterator[Line]:
    """See how much room there is for events."""
    folder = patient.settings.data_directory.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    said = f"{free / (1 << 30):.1f} GiB free at {folder}"
    if free < FAIL_FREE_BYTES:
        yield fail("disk", said, "Make room: events cannot be kept.", "outside")
    elif free < LEAST_FREE_BYTES:
        yield warn("disk", said, "Make room, or shorten privacy.retention_days.")
    else:
        yield ok("disk", said)


def key_file(patient: Patient) -> Iterator[Line]:
    """See whether the secret key is whole and its owner's alone."""
    path = patient.settings.key_file
    if not path.exists():
        yield warn("key file", f"{path} is not there yet", "Nothing: the first start makes it.")
        return
    try:
        secret_key(path)
    except CrossfixError as e:
        yield fail("key file", e.message, e.hint or "Bring it back from a backup.", "input")
        return
    except OSError as e:
        yield fail("key file", f"{path}: {e.strerror}", "Run crossfix as the file's owner.")
        return
    yield ok("key file", f"{path} is readable by its owner alone")


def store(patient: Patient) -> Iterator[Line]:
    """See whether events, registry and journal can be opened, and are of this version."""
    settings = patient.settings
    if not (patient.kept("registry") and patient.kept("events")):
        yield ok("store", "three SQLite files, made on the first start")
        return
    from crossfix.store.journal import open_journal
    from crossfix.store.log import open_log
    from crossfix.store.registry import schema_of

    try:
        here, newest = schema_of(settings.url("registry"))
        with open_log(settings.url("events")) as log:
            events = log.count()
        with open_journal(settings.url("journal")) as journal:
            broken = journal.verify()
    except StoreError as e:
        todo = e.hint or "See whether the database runs and the URL in store.url is right."
        yield fail("store", e.message, todo, "outside")
        return
    yield ok("store", f"{events:,} events")
    if here is None:
        yield ok("registry", "made on the first start")
    elif here == newest:
        yield ok("registry", f"its schema is {here}, the newest")
    else:
        yield warn(
            "registry",
            f"its schema is {here}, not {newest}",
            "Start crossfix once: it migrates. Make a backup before.",
        )
    if broken is None:
        yield ok("journal", "every entry is as it was written")
    else:
        yield fail(
            "journal",
            f"entry {broken.number} is not as it was written",
            "Find out who changed it; compare it with a backup.",
        )


def valkey(patient: Patient) -> Iterator[Line]:
    """See whether the server of shared limits answers."""
    url = patient.settings.store.valkey
    if url is None:
        yield ok("valkey", "not used: every process counts limits for itself")
        return
    from crossfix.store.counters import open_counters

    try:
        with open_counters(url) as counters:
            counters.get("doctor")
    except CrossfixError as e:
        yield fail(
            "valkey",
            e.message,
            "See whether it runs; meanwhile limits are counted in each process alone.",
            "outside",
        )
        return
    yield ok("valkey", "the server of shared limits answers")
