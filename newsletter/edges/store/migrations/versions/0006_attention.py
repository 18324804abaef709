"""Who opened and clicked lately is found reader by reader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the index of what readers did themselves."""
    op.create_index(
        "ix_events_attention",
        "events",
        ["subscriber_id", "kind", "at", "mailing_id"],
        sqlite_where=sa.text("(kind = 'open' OR kind = 'click') AND machine = 0"),
        postgresql_where=sa.text("(kind = 'open' OR kind = 'click') AND NOT machine"),
    )
