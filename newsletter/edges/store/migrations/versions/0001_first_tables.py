"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table in an empty database."""
    _make_subscribers()
    _make_mailings()
    _make_deliveries()
    _make_test_sends()


def _make_subscribers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("address_key", sa.Text, nullable=False),
        sa.Column("first_name", sa.Text, nullable=False),
        sa.Column("last_name", sa.Text, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("consent_source", sa.Text, nullable=False),
        sa.Column("consent_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("uid", name=op.f("uq_subscribers_uid")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscribers_address_key")),
        sa.CheckConstraint(
            "standing IN ('active', 'unconfirmed', 'unsubscribed', 'bounced', 'complained', 'removed')",
            name=op.f("ck_subscribers_standing"),
        ),
    )
    op.create_table(
        "subscriber_tags",
        sa.Column("subscriber_id", _BIG_ID, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "tag", name=op.f("pk_subscriber_tags")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriber_tags_subscriber_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_subscriber_tags_tag"), "subscriber_tags", ["tag"])


def _make_mailings() -> None:
    op.create_table(
        "mailings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailings")),
        sa.UniqueConstraint("uid", name=op.f("uq_mailings_uid")),
    )
    op.create_index(op.f("ix_mailings_issue"), "mailings", ["issue"])
    op.create_index(
        "uq_mailings_unfinished",
        "mailings",
        ["issue", "transport"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("mailing_id", sa.Integer, nullable=False),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("subscriber_id", _BIG_ID, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_at", _MOMENT),
        sa.Column("settled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("uid", name=op.f("uq_deliveries_uid")),
        sa.UniqueConstraint(
            "issue", "transport", "subscriber_id", name=op.f("uq_deliveries_issue_transport_subscriber_id")
        ),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_deliveries_mailing_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_deliveries_subscriber_id")),
        sa.CheckConstraint(
            "state IN ('pending', 'claimed', 'accepted', 'refused', 'suppressed', 'in doubt')",
            name=op.f("ck_deliveries_state"),
        ),
    )
    op.create_index(op.f("ix_deliveries_mailing_id_state_id"), "deliveries", ["mailing_id", "state", "id"])


def _make_test_sends() -> None:
    op.create_table(
        "test_sends",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("recipients", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_sends")),
    )
    op.create_index(op.f("ix_test_sends_digest"), "test_sends", ["digest"])
