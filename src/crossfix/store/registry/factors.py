"""The one writer of the factors by which accounts are verified."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert
from crossfix.store.registry.tables import FACTORS


class StoredFactor(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an account can show again: an address, a code generator, a passkey.

    ``kind`` is ``email``, ``totp``, ``passkey`` or ``recovery``. ``handle`` finds it: the keyed
    hash of an address or a recovery code, the id of a passkey. ``secret`` is as its kind keeps it
    (sealed for TOTP, a public key for passkeys). ``counter`` only grows: the last time step of a
    code that was used, the signatures of a passkey.
    """

    id: str
    account: str
    kind: str
    handle: str
    made: datetime
    secret: bytes | None = None
    counter: int = 0
    used: datetime | None = None


class FactorTable:
    """Factors of accounts."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def add(self, factors: Iterable[StoredFactor], *, instead: Iterable[str] = ()) -> None:
        """Keep factors, all of them or none, ``instead`` of those of the same account and kinds.

        A factor that is there is replaced.
        """
        rows = [msgspec.structs.asdict(factor) for factor in factors]
        kinds = list(instead)
        with self._registry.writing() as connection:
            for account in {row["account"] for row in rows}:
                connection.execute(
                    FACTORS.delete().where(FACTORS.c.account == account, FACTORS.c.kind.in_(kinds))
                )
            news = ("secret", "counter", "made", "used")
            upsert(connection, FACTORS, rows, dict.fromkeys(news, "new"))

    def of(self, account: str, *kinds: str) -> list[StoredFactor]:
        """Return the factors of an account, of these kinds if any are named, oldest first."""
        condition = FACTORS.c.account == account
        if kinds:
            condition &= FACTORS.c.kind.in_(kinds)
        query = sa.select(FACTORS).where(condition).order_by(FACTORS.c.made, FACTORS.c.id)
        with self._registry.reading() as connection:
            return [StoredFactor(**row) for row in connection.execute(query).mappings()]

    def holders(self, kind: str, handle: str) -> set[str]:
        """Return the accounts that have a factor of this handle."""
        query = sa.select(FACTORS.c.account).where(
            FACTORS.c.kind == kind, FACTORS.c.handle == handle
        )
        with self._registry.reading() as connection:
            return set(connection.execute(query).scalars())

    def advance(self, id: str, counter: int, now: datetime) -> bool:
        """Move a counter on; say whether it was behind, which of two at once it is for one."""
        with self._registry.writing() as connection:
            done = connection.execute(
                FACTORS.update()
                .where(FACTORS.c.id == id, FACTORS.c.counter < counter)
                .values(counter=counter, used=now)
            )
            return bool(done.rowcount)

    def touch(self, id: str, now: datetime) -> None:
        """Note that a factor was used that counts nothing."""
        with self._registry.writing() as connection:
            connection.execute(FACTORS.update().where(FACTORS.c.id == id).values(used=now))

    def take(self, id: str) -> bool:
        """Remove a factor; say whether it was there, which of two at once it is for one."""
        with self._registry.writing() as connection:
            return bool(connection.execute(FACTORS.delete().where(FACTORS.c.id == id)).rowcount)

    def forget(self, account: str) -> int:
        """Remove all factors of an account and return how many they were."""
        with self._registry.writing() as connection:
            done = connection.execute(FACTORS.delete().where(FACTORS.c.account == account))
            return int(done.rowcount)
