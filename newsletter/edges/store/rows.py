"""Rows of the subscribers table as values, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, select

from newsletter.core.subscriber import Consent, Standing, Subscriber, address_key
from newsletter.edges.store.columns import storable, storable_map
from newsletter.edges.store.dialects import among
from newsletter.edges.store.tables import subscriber_tags, subscribers

AnyRow: TypeAlias = Row[Any, *tuple[Any, ...]]

PERSON = (  # what subscriber_of reads
    subscribers.c.id,
    subscribers.c.uid,
    subscribers.c.address,
    subscribers.c.first_name,
    subscribers.c.last_name,
    subscribers.c.fields,
    subscribers.c.standing,
    subscribers.c.consent_source,
    subscribers.c.consent_at,
)


def with_tags(connection: Connection, people: Sequence[AnyRow]) -> list[Subscriber]:
    """Return the subscribers of these rows in their order; one more query loads the tags of them all."""
    of_these = among(subscriber_tags.c.subscriber_id, [person.id for person in people])
    rows = connection.execute(select(subscriber_tags).where(of_these).order_by(subscriber_tags.c.subscriber_id))
    tags = {id_: frozenset(row.tag for row in group) for id_, group in groupby(rows, attrgetter("subscriber_id"))}
    return [_subscriber(person, tags.get(person.id, frozenset())) for person in people]


def _subscriber(person: AnyRow, tags: frozenset[str]) -> Subscriber:
    return Subscriber(
        address=person.address,
        first_name=person.first_name,
        last_name=person.last_name,
        tags=tags,
        fields=person.fields,
        standing=Standing(person.standing),
        consent=Consent(person.consent_source, person.consent_at),
        uid=person.uid,
    )


def columns_of(subscriber: Subscriber) -> dict[str, Any]:
    """Return what the subscribers table says of somebody, but for the times and the number."""
    return {
        "uid": subscriber.uid,
        "address": subscriber.address,
        "address_key": address_key(subscriber.address),
        "first_name": subscriber.first_name,
        "last_name": subscriber.last_name,
        "fields": subscriber.fields,
        "standing": subscriber.standing.value,
        "consent_source": subscriber.consent.source,
        "consent_at": subscriber.consent.at,
    }


def storable_subscriber(subscriber: Subscriber) -> Subscriber:
    """Return the subscriber as the database will give them back, so that the two can be compared."""
    return replace(
        subscriber,
        address=storable(subscriber.address),
        first_name=storable(subscriber.first_name),
        last_name=storable(subscriber.last_name),
        tags=frozenset(map(storable, subscriber.tags)),
        fields=storable_map(subscriber.fields),
        consent=Consent(storable(subscriber.consent.source), subscriber.consent.at),
    )
