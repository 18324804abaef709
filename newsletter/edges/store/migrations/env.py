"""Run migrations on the connection that `migrating` passes in, inside its transaction."""

from __future__ import annotations

from alembic import context

from newsletter.edges.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can hardly alter a table; a batch copies it
)
with context.begin_transaction():
    context.run_migrations()
