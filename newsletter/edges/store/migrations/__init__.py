"""Alembic migrations of the store; `newsletter.edges.store.migrating` runs them."""
