"""What makes the store forget: an account that asks for it, and what was kept for long enough."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from crossfix.config import Settings, secret_key
from crossfix.store.kept import sealing_log
from crossfix.store.log.spool import ROTATE_SECONDS, drain, folder_of, seal_of
from crossfix.store.registry import (
    AccountTable,
    CampaignTable,
    DataKeyTable,
    FactorTable,
    FingerprintTable,
    IndicatorTable,
    ProfileTable,
    Registry,
    SwarmTable,
    TicketTable,
)
from crossfix.store.registry.tables import FACTORS, PROFILES, TICKETS

if TYPE_CHECKING:
    from crossfix.store.log import EventLog

REFUSED = "refused.jsonl"
"""The file of the data directory with rows that no reader could use, whosesoever they are."""

_PATIENCE_SECONDS = 3 * ROTATE_SECONDS
_LOOK_SECONDS = 0.1


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How much was forgotten of an account."""

    keys: int
    texts: int
    factors: int


def erase(settings: Settings, registry: Registry, account: str, *, now: datetime) -> Erased:
    """Destroy the key of an account and forget what it wrote, showed and is verified by.

    Events that wait to be put into the log are put there first, so that none comes after.

    Raises:
        StoreError: log or registry refuse.
    """
    with sealing_log(settings) as log:
        _drained(settings, log)
        keys = DataKeyTable(registry).destroy(account, now=now)
        ProfileTable(registry).forget(account=account)
        TicketTable(registry).forget(account)
        AccountTable(registry).forget(account, now=now)
        factors = FactorTable(registry).forget(account)
        forgotten = Erased(keys=keys, factors=factors, texts=log.forget_texts(account=account))
    (settings.data_directory / REFUSED).unlink(missing_ok=True)
    registry.overwrite(FACTORS, PROFILES, TICKETS)
    return forgotten


def expire(registry: Registry, log: EventLog, *, now: datetime, days: int) -> int:
    """Forget the texts of events before so many days ago; return of how many.

    With them go the texts of campaigns that no hunt found since, swarms that old, profiles of who
    was not seen since, and fingerprints that ran out then.

    Raises:
        StoreError: log or registry refuse.
    """
    before = now - timedelta(days=days)
    TicketTable(registry).expire(now, received_before=now - timedelta(days=1))
    SwarmTable(registry).forget(before=before)
    CampaignTable(registry).forget_texts(before=before)
    for table in (FingerprintTable(registry), IndicatorTable(registry)):
        table.forget(before=before)
    ProfileTable(registry).forget(before=before)
    return log.forget_texts(before=before)


def _drained(settings: Settings, log: EventLog) -> None:
    """Wait until what was in the spool is in the log, or its writer has had its time."""
    folder = folder_of(settings.url("events"), settings.data_directory)
    seal = seal_of(secret_key(settings.key_file))
    end = time.monotonic() + _PATIENCE_SECONDS
    waiting = set(folder.glob("*.spool"))
    while waiting:
        drain(folder, log, seal)
        waiting = {path for path in waiting if path.exists()}
        if not waiting or time.monotonic() >= end:
            return
        time.sleep(_LOOK_SECONDS)
