"""The words that a column can hold are asked for in turn: SQLite looks for one of a list as if it were a table."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision = "0007"
down_revision = "0006"

_WORDS = {
    ("deliveries", "state"): ("pending", "claimed", "accepted", "refused", "suppressed", "in doubt"),
    ("subscribers", "standing"): (
        "active", "unconfirmed", "unsubscribed", "bounced", "complained", "disabled", "removed",
    ),
    ("mailings", "wish"): ("go", "pause", "cancel"),
}  # fmt: skip


def upgrade() -> None:
    """Say the same as before in words that take a quarter of the time.

    PostgreSQL gains next to nothing, and would lock the tables of senders at work to go through all rows.
    """
    if op.get_context().dialect.name != "sqlite":
        return
    for (table, column), words in _WORDS.items():
        name = op.f(f"ck_{table}_{column}")
        with op.batch_alter_table(table) as changed:
            changed.drop_constraint(name, type_="check")
            changed.create_check_constraint(name, _one_of(column, words))


def _one_of(column: str, words: Sequence[str]) -> str:
    return " OR ".join(f"{column} = '{word}'" for word in words)
