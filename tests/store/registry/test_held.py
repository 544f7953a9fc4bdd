import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossfix.errors import StoreError
from crossfix.store.registry import (
    HeldRegistry,
    IndicatorTable,
    Registry,
    StoredIndicator,
    open_registry,
)
from crossfix.store.registry.opening import connected

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def save(registry: Registry, id: str) -> None:
    one = StoredIndicator(
        id=id, kind="domain", value=f"{id}.example", source="s", marking="", confidence=1.0
    )
    IndicatorTable(registry).save([one], now=NOW)


def ids(held: HeldRegistry) -> set[str]:
    with held() as registry:
        return {i.id for i in IndicatorTable(registry).holding(NOW)}


def test_a_held_registry_sees_what_others_write_and_they_see_what_is_written_by_it(
    url: str,
) -> None:
    held = HeldRegistry(url)
    assert ids(held) == set()
    with open_registry(url) as other:
        save(other, "a")
        assert ids(held) == {"a"}
        with held() as registry:
            save(registry, "b")
        assert {i.id for i in IndicatorTable(other).holding(NOW)} == {"a", "b"}
    held.close()


def test_it_is_the_same_registry_at_every_look_until_it_is_closed(url: str) -> None:
    held = HeldRegistry(url)
    with held() as first, held() as second:
        assert first is second
    held.close()
    with held() as third:
        assert third is not first
    held.close()


def test_a_file_that_takes_the_place_of_the_registry_is_opened(tmp_path: Path) -> None:
    url, other = f"sqlite:///{tmp_path}/registry.sqlite", f"sqlite:///{tmp_path}/other.sqlite"
    held = HeldRegistry(url)
    assert ids(held) == set()
    with open_registry(other) as registry:
        save(registry, "restored")
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"registry.sqlite{ending}").unlink(missing_ok=True)
    os.replace(tmp_path / "other.sqlite", tmp_path / "registry.sqlite")
    assert ids(held) == {"restored"}
    held.close()


def test_a_registry_that_a_newer_crossfix_changed_is_refused_until_it_is_changed_back(
    url: str,
) -> None:
    held = HeldRegistry(url)
    with held() as registry:
        known = version(registry, "9999")
    with pytest.raises(StoreError, match="9999"), held():
        pass
    with open_registry_as_it_is(url) as registry:
        version(registry, known)
    assert ids(held) == set()
    held.close()


def test_after_an_error_the_next_look_opens_it_anew(url: str) -> None:
    held = HeldRegistry(url)
    with pytest.raises(StoreError), held() as first, first.reading() as connection:
        connection.execute(sa.text("SELECT * FROM there_is_no_such_table"))
    with held() as second:
        assert second is not first
    held.close()


def test_threads_may_look_at_once(url: str) -> None:
    held = HeldRegistry(url)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: ids(held), range(32))) == [set()] * 32
    held.close()


def open_registry_as_it_is(url: str) -> Registry:
    return Registry(connected(url))


def version(registry: Registry, to: str) -> str:
    """Write another version over a registry's; return the one that it had."""
    with registry.writing() as connection:
        before = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :to"), {"to": to})
    return str(before)
