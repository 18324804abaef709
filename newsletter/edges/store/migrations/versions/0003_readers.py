"""Readers: why and since when they stand as they do, pauses, proof of consent, their history, and who was erased.

Senders: how often each was throttled.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_STANDINGS = "'active', 'unconfirmed', 'unsubscribed', 'bounced', 'complained', 'disabled', 'removed'"
_WORDS = ("standing_reason", "consent_ip", "confirmed_ip")
_MOMENTS = ("standing_since", "paused_until", "confirmed_at")


def upgrade() -> None:
    """Add what readers tell and do; of those already here, it is not known."""
    with op.batch_alter_table("subscribers") as subscribers:
        for name in _WORDS:
            subscribers.add_column(sa.Column(name, sa.Text, nullable=False, server_default=""))
        for name in _MOMENTS:
            subscribers.add_column(sa.Column(name, _MOMENT))
        subscribers.drop_constraint(op.f("ck_subscribers_standing"), type_="check")
        subscribers.create_check_constraint(op.f("ck_subscribers_standing"), f"standing IN ({_STANDINGS})")
    with op.batch_alter_table("subscribers") as subscribers:
        for name in _WORDS:
            subscribers.alter_column(name, server_default=None)
    with op.batch_alter_table("senders") as senders:
        senders.add_column(sa.Column("throttles", sa.Integer, nullable=False, server_default="0"))
    with op.batch_alter_table("senders") as senders:
        senders.alter_column("throttles", server_default=None)
    op.create_table(
        "history",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("subscriber_id", _BIG_ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_history_subscriber_id")),
    )
    op.create_index(op.f("ix_history_subscriber_id"), "history", ["subscriber_id"])
    op.create_table(
        "erasures",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_erasures")),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
