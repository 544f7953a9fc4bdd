"""What Alembic runs for every command: migrations on the connection that it was handed."""

from alembic import context

from crossfix.store.registry.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
