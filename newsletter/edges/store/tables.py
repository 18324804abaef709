"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    and_,
    column,
    or_,
)

from newsletter.core.delivery import State
from newsletter.core.orders import Wish
from newsletter.core.subscriber import Standing
from newsletter.edges.store.columns import BigId, Moment, WordMap, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _one_of(name: str, words: type[StrEnum]) -> CheckConstraint:
    # In turn, the most frequent first: with each row written, SQLite would look for one of a list as if in a table.
    return CheckConstraint(or_(*(column(name) == word.value for word in words)), name=name)


subscribers = Table(
    "subscribers",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("uid", Words, nullable=False, unique=True),
    Column("address", Words, nullable=False),
    Column("address_key", Words, nullable=False, unique=True),
    Column("first_name", Words, nullable=False),
    Column("last_name", Words, nullable=False),
    Column("fields", WordMap, nullable=False),
    Column("standing", Words, nullable=False),
    Column("standing_reason", Words, nullable=False),
    Column("standing_since", Moment),
    Column("paused_until", Moment),
    Column("consent_source", Words, nullable=False),
    Column("consent_at", Moment),
    Column("consent_ip", Words, nullable=False),
    Column("confirmed_at", Moment),
    Column("confirmed_ip", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    _one_of("standing", Standing),
)

subscriber_tags = Table(
    "subscriber_tags",
    metadata,
    Column("subscriber_id", BigId, ForeignKey(subscribers.c.id), primary_key=True),
    Column("tag", Words, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# What happened to somebody's right to be mailed, and who did it: signing up, confirming, leaving, coming back.
history = Table(
    "history",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("subscriber_id", BigId, ForeignKey(subscribers.c.id), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("what", Words, nullable=False),
    Column("detail", Words, nullable=False),
)

# Who was erased: a salted hash of the address, by which an import knows whom not to bring back.
erasures = Table(
    "erasures",
    metadata,
    Column("hash", Words, primary_key=True),
    Column("at", Moment, nullable=False),
)

# What a store knows about itself: the salt of those hashes.
facts = Table(
    "facts",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

mailings = Table(
    "mailings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", Words, nullable=False, unique=True),
    Column("issue", Words, nullable=False, index=True),
    Column("digest", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("audience", Words, nullable=False),
    Column("transport", Words, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("wish", Words, nullable=False),
    Column("orders", Words, nullable=False),
    _one_of("wish", Wish),
)

# Indexes under a condition have it in both databases. It is written for SQLite alone: to take it for PostgreSQL too,
# SQLAlchemy would load all that it knows of PostgreSQL at each start.

# Of two processes that begin the same issue at once, one must fail instead of finding nobody left to mail.
Index(
    "uq_mailings_unfinished",
    mailings.c.issue,
    mailings.c.transport,
    unique=True,
    sqlite_where=mailings.c.finished_at.is_(None),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("mailing_id", Integer, ForeignKey(mailings.c.id), nullable=False),
    Column("issue", Words, nullable=False),
    Column("transport", Words, nullable=False),
    Column("subscriber_id", BigId, ForeignKey(subscribers.c.id), nullable=False),
    Column("state", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_by", Integer, ForeignKey("senders.id")),
    Column("claimed_at", Moment),
    Column("settled_at", Moment),
    # Suppressed: another mailing of the issue may reach this subscriber. By itself, so that the unique index
    # below is left alone by every other change of the state.
    Column("released", Boolean, nullable=False),
    Index(None, "mailing_id", "state", "id"),
    _one_of("state", State),
)

# Nobody gets an issue twice through the same transport.
Index(
    "uq_deliveries_once",
    deliveries.c.issue,
    deliveries.c.transport,
    deliveries.c.subscriber_id,
    unique=True,
    sqlite_where=~deliveries.c.released,
)

senders = Table(
    "senders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mailing_id", Integer, ForeignKey(mailings.c.id), nullable=False, index=True),
    Column("place", Words, nullable=False),
    Column("process", Integer, nullable=False),
    Column("joined_at", Moment, nullable=False),
    Column("lease_until", Moment, nullable=False),
    Column("throttles", Integer, nullable=False),
)

# Where the schedule of a transport stands that all its senders share: seconds since 1970 at which the next may start.
schedules = Table(
    "schedules",
    metadata,
    Column("transport", Words, primary_key=True),
    Column("next_at", Double, nullable=False),
)

# What came back of deliveries, each event once. Events are asked for by mailing and kind, and are many: the rows lie in
# that order, without an index beside them.
events = Table(
    "events",
    metadata,
    Column("mailing_id", Integer, ForeignKey(mailings.c.id), primary_key=True),
    Column("kind", Words, primary_key=True),
    Column("delivery_id", BigId, ForeignKey(deliveries.c.id), primary_key=True),
    Column("key", Words, primary_key=True),
    Column("subscriber_id", BigId, ForeignKey(subscribers.c.id), nullable=False),
    Column("at", Moment, nullable=False),
    Column("type", Words, nullable=False),
    Column("subtype", Words, nullable=False),
    Column("detail", Words, nullable=False),
    # Opened or clicked by a program, as far as can be told.
    Column("machine", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# For the rule of soft bounces.
Index(
    "ix_events_bounces",
    events.c.subscriber_id,
    sqlite_where=events.c.kind == "bounce",
)

# For audiences: what readers did themselves, whatever the mailing. The second condition is written as it is so that
# SQLite sees that a query for one of the two kinds may use it.
_by_people = and_(or_(events.c.kind == "open", events.c.kind == "click"), ~events.c.machine)
Index(
    "ix_events_attention",
    events.c.subscriber_id,
    events.c.kind,
    events.c.at,
    events.c.mailing_id,
    sqlite_where=_by_people,
)

test_sends = Table(
    "test_sends",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue", Words, nullable=False),
    Column("digest", Words, nullable=False, index=True),
    Column("recipients", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
