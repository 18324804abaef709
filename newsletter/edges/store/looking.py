"""Look at a store without changing it: whether it is there, and which migrations are still to come."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, func, select

from newsletter.core.diagnosis.facts import Cause, OpenMailing, StoreState, Unseen
from newsletter.core.subscriber import Standing
from newsletter.edges.store.errors import translated
from newsletter.edges.store.migrating import config
from newsletter.edges.store.opening import HEAD, parsed, postgresql, version_of
from newsletter.edges.store.tables import mailings, subscribers
from newsletter.errors import NewsletterError

_PATIENCE: Final = 5  # seconds
_SECRET: Final = ("password", "sslpassword")  # libpq takes them as parameters too, and SQLAlchemy would show them


class Looking:
    """Implements `diagnosis.ports.StoreLook` for the store at a URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def look(self) -> StoreState | Unseen:
        """Return how it lies there, as far as it can be read."""
        try:
            return self._look()
        except NewsletterError as err:
            return Unseen(Cause.FAILED, err.message, err.hint)

    def _look(self) -> StoreState:
        location = parsed(self._url)
        shown = location.difference_update_query(_SECRET).render_as_string(hide_password=True)
        if location.drivername == "sqlite" and not Path(location.database or "").exists():
            return StoreState(shown, there=False)
        engine = _only_reading(location)
        try:
            with translated(), engine.connect() as connection:
                return _state(connection, shown)
        finally:
            engine.dispose()


def _only_reading(location: URL) -> Engine:
    if location.drivername != "sqlite":
        engine = postgresql(location.update_query_dict({"connect_timeout": str(_PATIENCE)}))
        return engine.execution_options(postgresql_readonly=True)
    # https://www.sqlite.org/uri.html: `mode=ro` neither makes nor changes a file.
    file = Path(location.database or "").absolute().as_uri()
    url = URL.create("sqlite", database=file, query={"mode": "ro", "uri": "true"})
    return create_engine(url, hide_parameters=True, connect_args={"timeout": _PATIENCE})


def _state(connection: Connection, shown: str) -> StoreState:
    version = version_of(connection)
    if version == HEAD:
        readers = select(func.count()).where(subscribers.c.standing == Standing.ACTIVE.value)
        unfinished = select(mailings.c.issue, mailings.c.digest, mailings.c.transport)
        rows = connection.execute(unfinished.where(mailings.c.finished_at.is_(None)).order_by(mailings.c.id))
        still_open = tuple(OpenMailing(row.issue, row.digest, row.transport) for row in rows)
        count = connection.scalar(readers)
        return StoreState(shown, there=True, version=version, readers=count, mailings=still_open)
    scripts = list(ScriptDirectory.from_config(config()).walk_revisions())  # newest first
    known = [script.revision for script in scripts]
    if version is not None and version not in known:
        return StoreState(shown, there=True, version=version, unknown=True)
    ahead = scripts[: known.index(version)] if version else scripts
    pending = tuple(f"{script.revision} ({script.doc})" for script in reversed(ahead))
    return StoreState(shown, there=True, version=version, pending=pending)
