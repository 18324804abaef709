"""A mailing remembers its audience as an expression, no longer as tags alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Write the tags of each mailing as the expression that means the same."""
    with op.batch_alter_table("mailings") as mailings:
        mailings.add_column(sa.Column("audience", sa.Text, nullable=False, server_default="everybody"))
    table = sa.table(
        "mailings", sa.column("id", sa.Integer), sa.column("tags", sa.JSON), sa.column("audience", sa.Text)
    )
    connection = op.get_bind()
    for number, tags in connection.execute(sa.select(table.c.id, table.c.tags)).all():
        if tags:
            text = " or ".join(f"tag:{_quoted(tag)}" for tag in tags)
            connection.execute(sa.update(table).where(table.c.id == number).values(audience=text))
    with op.batch_alter_table("mailings") as mailings:
        mailings.alter_column("audience", server_default=None)
        mailings.drop_column("tags")


def _quoted(tag: str) -> str:
    return '"' + tag.replace('"', '""') + '"'
