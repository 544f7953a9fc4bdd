import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from crossfix.errors import InputError
from crossfix.guard.keys import ROLES, Key, Keyring, new_key, new_secret
from crossfix.store.registry import KeyTable, Registry, open_registry

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
T = NOW.timestamp()
RANDOM = bytes(range(32))


@pytest.fixture(params=["sqlite", "postgres"])
def registry(request: pytest.FixtureRequest, tmp_path: object) -> object:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/registry.sqlite"
    else:
        url = request.getfixturevalue("postgres_url")
    with open_registry(url) as opened:
        yield opened


def test_a_secret_is_kept_by_its_hash_alone_and_finds_its_key(registry: Registry) -> None:
    secret, key = new_key(RANDOM, now=NOW, name="shop", organisation="o", identity=("jwt",))
    table = KeyTable(registry)
    table.create(key)
    assert table.find("shop") == table.find(key.id) == key
    assert secret not in repr(table.all())
    assert key.secrets[0].sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.startswith(key.secrets[0].prefix)
    found = Keyring(table.all()).find(secret, T)
    assert isinstance(found, Key)
    assert (found.id, found.organisation, found.identity) == (key.id, "o", ("jwt",))
    assert found.may("proxy")
    assert not found.may("operate")


def test_what_is_no_key_is_unknown(registry: Registry) -> None:
    secret, key = new_key(RANDOM, now=NOW, name="shop")
    ring = Keyring([key])
    for wrong in ("", secret[:-1], secret + "x", secret.upper(), "x" * 10_000, "\udcff", key.id,
                  key.secrets[0].sha256):  # fmt: skip
        assert ring.find(wrong, T) == "unknown"


def test_a_key_ends_when_it_expires_or_is_revoked(registry: Registry) -> None:
    table = KeyTable(registry)
    secret, key = new_key(RANDOM, now=NOW, name="shop", lasts=timedelta(days=1))
    table.create(key)
    ring = Keyring(table.all())
    assert isinstance(ring.find(secret, T + 86_399), Key)
    assert ring.find(secret, T + 86_400) == "expired"
    table.revoke(key.id, now=NOW + timedelta(hours=1))
    table.revoke(key.id, now=NOW + timedelta(hours=9))
    stored = table.find("shop")
    assert stored is not None
    assert stored.revoked == NOW + timedelta(hours=1)
    ring.renew(table.all())
    assert ring.find(secret, T) == "revoked"


def test_a_rotated_key_stays_itself_and_its_old_secret_holds_on_for_a_while(
    registry: Registry,
) -> None:
    table = KeyTable(registry)
    old, key = new_key(RANDOM, now=NOW, name="shop")
    table.create(key)
    new, stored = new_secret(RANDOM[::-1], now=NOW + timedelta(hours=1))
    table.rotate(key.id, stored, old_until=NOW + timedelta(hours=2))
    newest, stored = new_secret(bytes(32), now=NOW + timedelta(hours=1, minutes=1))
    table.rotate(key.id, stored, old_until=NOW + timedelta(hours=9))
    ring = Keyring(table.all())
    for secret in (old, new, newest):
        found = ring.find(secret, T + 3600)
        assert isinstance(found, Key)
        assert found.id == key.id
    assert ring.find(old, T + 7200) == "expired", "a later rotation does not prolong it"
    assert isinstance(ring.find(new, T + 7200), Key)
    assert ring.find(new, T + 9 * 3600) == "expired"
    assert isinstance(ring.find(newest, T + 9 * 3600), Key)


def test_a_name_is_given_once(registry: Registry) -> None:
    table = KeyTable(registry)
    table.create(new_key(RANDOM, now=NOW, name="shop")[1])
    with pytest.raises(InputError, match="name shop already"):
        table.create(new_key(bytes(32), now=NOW, name="shop")[1])
    assert len(table.all()) == 1


def test_only_operators_may_operate() -> None:
    assert [role for role, scopes in ROLES.items() if "operate" in scopes] == ["operator"]


def test_a_secret_needs_all_of_its_randomness() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        new_secret(b"short", now=NOW)
