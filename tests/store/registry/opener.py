"""A process that opens a registry and says which schema it found."""

import sys

import sqlalchemy as sa

from crossfix.store.registry import open_registry

with open_registry(sys.argv[1]) as registry, registry.reading() as connection:
    print(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())
