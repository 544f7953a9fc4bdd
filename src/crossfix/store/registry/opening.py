"""Opening a registry: the database behind a URL, brought to the schema of this crossfix."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from crossfix.errors import SettingError, StoreError
from crossfix.extras import need
from crossfix.store.registry.registry import Registry, refusals
from crossfix.store.write_ahead import WAIT_SECONDS, write_ahead

if TYPE_CHECKING:
    from alembic.config import Config

SCHEMA = "registry"
_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x63726F74  # PostgreSQL's advisory lock of whoever changes the schema


def open_registry(url: str) -> Registry:
    """Open the registry that a URL names, making it on first use and migrating it where needed.

    ``sqlite:///PATH`` is a file, ``postgresql://…`` the schema ``registry`` of a database. Two
    processes may open it at once: one migrates, the other waits.

    Raises:
        StoreError: the database refuses, or a newer crossfix has made it.
    """
    database = connected(url)
    try:
        with Registry(database).writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            _migrate(connection)
    except BaseException:
        database.dispose()
        raise
    return Registry(database)


def schema_of(url: str) -> tuple[str | None, str | None]:
    """Return the schema that a registry has and the one that this crossfix brings; changes nothing.

    Raises:
        StoreError: the database refuses.
    """
    database = connected(url)
    try:
        with refusals(), database.connect() as connection:
            return revision(connection), newest()
    finally:
        database.dispose()


def configuration(connection: sa.Connection) -> Config:
    """Return Alembic's configuration for the migrations, on a connection in a transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def connected(url: str) -> sa.Engine:
    """Return the database behind a URL, as it is."""
    if url.startswith("sqlite:///"):
        return _sqlite(url)
    if url.startswith(("postgresql://", "postgres://")):
        need("postgres")
        address = sa.make_url("postgresql+psycopg://" + url.split("://", 1)[1])
        return sa.create_engine(address, connect_args={"options": f"-csearch_path={SCHEMA}"})
    raise SettingError("The URL of a registry is sqlite:///PATH or postgresql://….")


def revision(connection: sa.Connection) -> str | None:
    """Return the schema that a database has, if any."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


@cache
def newest() -> str:
    """Return the schema that this crossfix brings: the migrations bear their numbers as names."""
    return max(path.name[1:5] for path in (_MIGRATIONS / "versions").glob("v[0-9]*.py"))


def _migrate(connection: sa.Connection) -> None:
    here = revision(connection)
    if here == newest():
        return
    from alembic import command  # which takes long to import, and is of use only here
    from alembic.script import ScriptDirectory

    config = configuration(connection)
    scripts = ScriptDirectory.from_config(config)
    if here is not None and here not in {s.revision for s in scripts.walk_revisions()}:
        raise StoreError(
            f"The registry has the schema {here}, which this crossfix does not know.",
            hint="Use the newer crossfix that made it.",
        )
    command.upgrade(config, "head")


def _sqlite(url: str) -> sa.Engine:
    with refusals():
        path = Path(url.removeprefix("sqlite:///"))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise StoreError(f"The registry refused: {e}", path=str(path)) from e
        database = sa.create_engine(url, connect_args={"timeout": WAIT_SECONDS})

    @sa.event.listens_for(database, "connect")
    def opened(connection: Any, record: object) -> None:
        # SQLite's driver would begin by itself, too late: transactions begin where we say.
        connection.isolation_level = None
        write_ahead(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten: a key that is destroyed must be nowhere.
        connection.execute("PRAGMA secure_delete = ON")

    @sa.event.listens_for(database, "begin")
    def began(connection: sa.Connection) -> None:
        connection.exec_driver_sql(
            connection.get_execution_options().get("crossfix_begin", "BEGIN")
        )

    return database
