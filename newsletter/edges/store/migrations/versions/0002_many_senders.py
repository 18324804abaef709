"""Many senders: leases, a shared schedule, orders, and deliveries that a cancelled mailing releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what several senders need; what a sender of the first version had claimed is in doubt."""
    _make_senders()
    with op.batch_alter_table("mailings") as mailings:
        mailings.add_column(sa.Column("wish", sa.Text, nullable=False, server_default="go"))
        mailings.add_column(sa.Column("orders", sa.Text, nullable=False, server_default="{}"))
        mailings.create_check_constraint(op.f("ck_mailings_wish"), "wish IN ('go', 'pause', 'cancel')")
    _change_deliveries()
    for column in ("wish", "orders"):
        with op.batch_alter_table("mailings") as mailings:
            mailings.alter_column(column, server_default=None)


def _make_senders() -> None:
    op.create_table(
        "senders",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("mailing_id", sa.Integer, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("process", sa.Integer, nullable=False),
        sa.Column("joined_at", _MOMENT, nullable=False),
        sa.Column("lease_until", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_senders")),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailings.id"], name=op.f("fk_senders_mailing_id")),
    )
    op.create_index(op.f("ix_senders_mailing_id"), "senders", ["mailing_id"])
    op.create_table(
        "schedules",
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("next_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("transport", name=op.f("pk_schedules")),
    )


def _change_deliveries() -> None:
    op.execute(
        "UPDATE deliveries SET state = 'in doubt', reason = 'claimed before the program was updated',"
        " settled_at = claimed_at WHERE state = 'claimed'"
    )
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_constraint(op.f("uq_deliveries_uid"), type_="unique")
        deliveries.drop_constraint(op.f("uq_deliveries_issue_transport_subscriber_id"), type_="unique")
        deliveries.drop_column("uid")
        deliveries.add_column(sa.Column("claimed_by", sa.Integer))
        deliveries.add_column(sa.Column("released", sa.Boolean, nullable=False, server_default=sa.false()))
        deliveries.create_foreign_key(op.f("fk_deliveries_claimed_by"), "senders", ["claimed_by"], ["id"])
    op.execute(sa.text("UPDATE deliveries SET released = :yes WHERE state = 'suppressed'").bindparams(yes=True))
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.alter_column("released", server_default=None)
    op.create_index(
        "uq_deliveries_once",
        "deliveries",
        ["issue", "transport", "subscriber_id"],
        unique=True,
        sqlite_where=sa.text("released = 0"),
        postgresql_where=sa.text("NOT released"),
    )
