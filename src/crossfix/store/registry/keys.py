"""The one writer of the API keys of the registry and of their hashed secrets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from crossfix.errors import InputError
from crossfix.store.registry.registry import Registry
from crossfix.store.registry.tables import KEY_SECRETS, KEYS


class StoredSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A secret of a key: its SHA-256, the first characters that are shown, and its end."""

    sha256: str
    prefix: str
    made: datetime
    expires: datetime | None = None


class StoredKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key: what it may do, for whom, and how it says which account is behind a request.

    ``id`` stays through rotations. ``identity`` lists what is trusted to name the account, the
    first that is there holds. ``secrets`` are in order of making.
    """

    id: str
    name: str
    role: str
    scopes: tuple[str, ...]
    organisation: str | None
    identity: tuple[str, ...]
    made: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    secrets: tuple[StoredSecret, ...] = ()


class KeyTable:
    """API keys. A secret itself is never kept."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def create(self, key: StoredKey) -> None:
        """Keep a new key with its secrets.

        Raises:
            InputError: there is a key of that name.
        """
        row = {c.name: getattr(key, c.name) for c in KEYS.c}
        row |= {"scopes": list(key.scopes), "identity": list(key.identity)}
        with self._registry.writing() as connection:
            taken = connection.execute(sa.select(KEYS.c.id).where(KEYS.c.name == key.name)).first()
            if taken is not None:
                raise InputError(f"There is a key with the name {key.name} already.")
            connection.execute(KEYS.insert(), row)
            connection.execute(KEY_SECRETS.insert(), _secrets(key.id, key.secrets))

    def rotate(self, id: str, secret: StoredSecret, *, old_until: datetime) -> None:
        """Add a secret to a key; those that it had end at ``old_until``, unless they do earlier."""
        ends = KEY_SECRETS.c.expires
        with self._registry.writing() as connection:
            connection.execute(
                KEY_SECRETS.update()
                .where(KEY_SECRETS.c.key == id, sa.or_(ends.is_(None), ends > old_until))
                .values(expires=old_until)
            )
            connection.execute(KEY_SECRETS.insert(), _secrets(id, [secret]))

    def revoke(self, id: str, *, now: datetime) -> None:
        """End a key with all its secrets; one that has ended stays as it was."""
        with self._registry.writing() as connection:
            connection.execute(
                KEYS.update().where(KEYS.c.id == id, KEYS.c.revoked.is_(None)).values(revoked=now)
            )

    def find(self, name_or_id: str) -> StoredKey | None:
        """Return the key of a name or an id."""
        found = self._found(sa.or_(KEYS.c.id == name_or_id, KEYS.c.name == name_or_id))
        return found[0] if found else None

    def all(self) -> list[StoredKey]:
        """Return every key, by name."""
        return self._found(sa.true())

    def _found(self, condition: sa.ColumnElement[bool]) -> list[StoredKey]:
        with self._registry.reading() as connection:
            rows = connection.execute(sa.select(KEYS).where(condition).order_by(KEYS.c.name))
            keys = rows.mappings().all()
            secrets: dict[str, list[StoredSecret]] = {row["id"]: [] for row in keys}
            query = sa.select(KEY_SECRETS).join(KEYS).where(condition)
            for row in connection.execute(query.order_by(KEY_SECRETS.c.made)).mappings():
                secret = {f: row[f] for f in StoredSecret.__struct_fields__}
                secrets[row["key"]].append(StoredSecret(**secret))
        return [
            StoredKey(**{**row, "scopes": tuple(row["scopes"]), "identity": tuple(row["identity"]),
                         "secrets": tuple(secrets[row["id"]])})
            for row in keys
        ]  # fmt: skip


def _secrets(key: str, secrets: Iterable[StoredSecret]) -> list[dict[str, Any]]:
    return [msgspec.structs.asdict(s) | {"key": key} for s in secrets]
