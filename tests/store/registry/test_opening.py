import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from crossfix.errors import SettingError, StoreError
from crossfix.store.registry import Registry, open_registry
from crossfix.store.registry.migrations import versions
from crossfix.store.registry.opening import configuration, connected, newest, revision
from crossfix.store.registry.tables import METADATA

OPENER = Path(__file__).with_name("opener.py")
NEWEST = max(path.name[1:5] for path in Path(versions.__file__).parent.glob("v*.py"))


def tables(connection: sa.Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def test_the_migrations_lead_to_the_tables_that_the_code_knows(registry: Registry) -> None:
    with registry.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        assert tables(connection) == {*METADATA.tables, "alembic_version"}
        if connection.dialect.name == "postgresql":
            found = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
            assert found == "registry"


def test_the_comparison_would_see_a_difference(registry: Registry) -> None:
    with registry.writing() as connection:
        connection.execute(sa.text("DROP TABLE releases"))
        connection.execute(sa.text("ALTER TABLE peers ADD COLUMN extra TEXT"))
        found = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert {str(f[0]) for f in found} >= {"add_table", "remove_column"}


def test_the_way_back_and_forth_again_ends_at_the_same_tables(url: str) -> None:
    open_registry(url).close()
    with Registry(connected(url)) as registry:
        with registry.writing() as connection:
            command.downgrade(configuration(connection), "base")
            assert tables(connection) == {"alembic_version"}
        with registry.writing() as connection:
            command.upgrade(configuration(connection), "head")
            assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_failed_migration_leaves_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = command.upgrade

    def upgrade(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", upgrade)
    with pytest.raises(RuntimeError):
        open_registry(url)
    with Registry(connected(url)) as registry, registry.reading() as connection:
        assert tables(connection) == set()
    monkeypatch.undo()
    with open_registry(url) as registry, registry.reading() as connection:
        assert tables(connection) >= set(METADATA.tables)


def test_a_registry_of_a_newer_crossfix_is_refused_and_left_alone(url: str) -> None:
    with open_registry(url) as registry, registry.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="schema 9999, which this crossfix does not know") as e:
        open_registry(url)
    assert e.value.hint == "Use the newer crossfix that made it."
    with Registry(connected(url)) as registry, registry.reading() as connection:
        assert tables(connection) >= set(METADATA.tables)


def test_processes_that_open_it_at_once_all_find_it_whole(url: str) -> None:
    openers = [
        subprocess.Popen(
            [sys.executable, str(OPENER), url], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for opener in openers:
        said, complained = opener.communicate(timeout=60)
        assert (opener.returncode, said.strip(), complained) == (0, NEWEST, "")


def test_a_place_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database " * 99)
    with pytest.raises(StoreError):
        open_registry(f"sqlite:///{tmp_path}/file")
    with pytest.raises(StoreError):
        open_registry(f"sqlite:///{tmp_path}/file/registry.sqlite")
    with pytest.raises(StoreError, match="registry refused"):
        open_registry(f"postgresql:///none?host={tmp_path}")
    with pytest.raises(SettingError):
        open_registry("mysql://x")


def test_the_newest_schema_is_the_one_that_the_migrations_lead_to(url: str) -> None:
    with open_registry(url) as registry, registry.reading() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
        context = MigrationContext.configure(connection)
        assert newest() == scripts.get_current_head() == context.get_current_revision()
        assert revision(connection) == newest()


def test_a_registry_that_is_as_it_should_be_is_opened_without_what_migrates(
    tmp_path: Path,
) -> None:
    open_registry(f"sqlite:///{tmp_path}/registry.sqlite").close()
    script = (
        "import sys; from crossfix.store.registry import open_registry\n"
        "open_registry(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    url = f"sqlite:///{tmp_path}/registry.sqlite"
    ran = subprocess.run(
        [sys.executable, "-c", script, url], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False"]
