"""Bring the tables to the newest version with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from newsletter.errors import StoreError


def config() -> Config:
    """Return Alembic's configuration; `attributes["connection"]` is still to be set."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return made


def migrate(connection: Connection, version: str | None) -> None:
    """Run every migration after `version` (None: an empty database) in the connection's transaction.

    Raises:
        StoreError: this program does not know the version.
    """
    settings = config()
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if version is not None and version not in known:
        raise StoreError(
            f"the database was written by a newer newsletter: its tables have version {version}",
            hint="update this program; nothing was changed",
        )
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
