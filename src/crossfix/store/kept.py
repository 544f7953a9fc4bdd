"""The event log of the settings as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crossfix.config import Settings, secret_key

if TYPE_CHECKING:
    from crossfix.store.log import EventLog
    from crossfix.store.registry import Registry
    from crossfix.store.vault import Vault


def vault_of(registry: Registry, settings: Settings) -> Vault:
    """Return what seals and opens with the keys of a registry."""
    from crossfix.store.vault import Vault

    return Vault(registry, secret_key(settings.key_file))


def sealing_log(settings: Settings) -> EventLog:
    """Open the event log so that texts are sealed on their way in; closing it closes all."""
    from crossfix.store.log import open_log
    from crossfix.store.registry import open_registry
    from crossfix.store.vault import VaultLog

    registry = open_registry(settings.url("registry"))
    try:
        log = open_log(settings.url("events"), seal_rows=settings.store.seal_rows)
    except BaseException:
        registry.close()
        raise
    vault = vault_of(registry, settings)
    sealed: EventLog = VaultLog(log, vault, settings.privacy.content, also_close=registry)
    return sealed


@contextmanager
def kept_log(settings: Settings) -> Iterator[EventLog]:
    """Open the event log with its texts readable, as far as their keys are there."""
    from crossfix.store.log import open_log

    with open_log(settings.url("events"), seal_rows=settings.store.seal_rows) as log:
        if not settings.key_file.exists():  # then nothing was ever sealed
            yield log
            return
        from crossfix.store.registry import open_registry
        from crossfix.store.vault import VaultLog

        with open_registry(settings.url("registry")) as registry:
            sealed: EventLog = VaultLog(log, vault_of(registry, settings))
            yield sealed
