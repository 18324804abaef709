"""Events: what came back of deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table; of mailings that went out before, nothing is known."""
    op.create_table(
        "events",
        sa.Column("mailing_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("delivery_id", _BIG_ID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("subscriber_id", _BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subtype", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("machine", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("mailing_id", "kind", "delivery_id", "key", name=op.f("pk_events")),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_events_mailing_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_events_delivery_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_events_subscriber_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_events_bounces",
        "events",
        ["subscriber_id"],
        sqlite_where=sa.text("kind = 'bounce'"),
        postgresql_where=sa.text("kind = 'bounce'"),
    )
