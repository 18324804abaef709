"""Rows of the subscribers table as values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, Text, cast, select

from newsletter.core.subscriber import Addressee, Consent, Standing, Subscriber, address_key
from newsletter.edges.store.columns import is_storable, storable, storable_map
from newsletter.edges.store.dialects import Gathered, from_json
from newsletter.edges.store.tables import subscriber_tags, subscribers

_STANDINGS: Final = {standing.value: standing for standing in Standing}  # asking the enum takes ten times as long

_NO_TAGS: Final = frozenset[str]()
_NO_FIELDS: Final[Mapping[str, str]] = {}

AnyRow: TypeAlias = Row[Any, *tuple[Any, ...]]

# Inside the row, as one text: many people carry the same tags, so that each text is read once.
_TAGS: Final = (
    select(Gathered(subscriber_tags.c.tag))
    .where(subscriber_tags.c.subscriber_id == subscribers.c.id)
    .scalar_subquery()
    .label("tags")
)

ADDRESSEE: Final = (  # what addressee reads, in this order
    subscribers.c.uid,
    subscribers.c.address,
    subscribers.c.first_name,
    subscribers.c.last_name,
    cast(subscribers.c.fields, Text),
    _TAGS,
)
NAMED: Final = ADDRESSEE[:-2]  # what named reads

PERSON: Final = (  # what subscriber_of reads, in this order
    *ADDRESSEE,
    subscribers.c.standing,
    subscribers.c.standing_reason,
    subscribers.c.standing_since,
    subscribers.c.paused_until,
    subscribers.c.consent_source,
    subscribers.c.consent_at,
    subscribers.c.consent_ip,
    subscribers.c.confirmed_at,
    subscribers.c.confirmed_ip,
    subscribers.c.id,
)


def addressee(uid: str, address: str, first_name: str, last_name: str, fields: str, tags: str) -> Addressee:
    """Return a subscriber with what a message can say to them."""
    return Addressee(uid, address, first_name, last_name, _tags(tags), {} if fields == "{}" else from_json(fields))


def named(uid: str, address: str, first_name: str, last_name: str) -> Addressee:
    """Return a subscriber for a message that asks for no fields and tags."""
    return Addressee(uid, address, first_name, last_name, _NO_TAGS, _NO_FIELDS)


def subscriber_of(person: AnyRow) -> Subscriber:
    """Return a subscriber with all that is known of them."""
    uid, address, first_name, last_name, fields, tags, standing, reason, since, paused_until, *rest = person
    source, at, ip, confirmed_at, confirmed_ip, *_ = rest
    return Subscriber(
        address=address,
        first_name=first_name,
        last_name=last_name,
        tags=_tags(tags),
        fields=from_json(fields),
        standing=_STANDINGS[standing],
        reason=reason,
        since=since,
        paused_until=paused_until,
        consent=Consent(source, at, ip, confirmed_at, confirmed_ip),
        uid=uid,
    )


@lru_cache(maxsize=10_000)
def _tags(text: str) -> frozenset[str]:
    return frozenset(from_json(text))


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
        "standing_reason": subscriber.reason,
        "standing_since": subscriber.since,
        "paused_until": subscriber.paused_until,
        "consent_source": subscriber.consent.source,
        "consent_at": subscriber.consent.at,
        "consent_ip": subscriber.consent.ip,
        "confirmed_at": subscriber.consent.confirmed_at,
        "confirmed_ip": subscriber.consent.confirmed_ip,
    }


def storable_subscriber(subscriber: Subscriber) -> Subscriber:
    """Return the subscriber as the database will give them back, so that the two can be compared."""
    consent = subscriber.consent
    texts = (
        subscriber.address,
        subscriber.first_name,
        subscriber.last_name,
        *subscriber.tags,
        *subscriber.fields,
        *subscriber.fields.values(),
        subscriber.reason,
        consent.source,
        consent.ip,
        consent.confirmed_ip,
    )
    if is_storable("".join(texts)):
        return subscriber
    return replace(
        subscriber,
        address=storable(subscriber.address),
        first_name=storable(subscriber.first_name),
        last_name=storable(subscriber.last_name),
        tags=frozenset(map(storable, subscriber.tags)),
        fields=storable_map(subscriber.fields),
        reason=storable(subscriber.reason),
        consent=replace(
            subscriber.consent,
            source=storable(subscriber.consent.source),
            ip=storable(subscriber.consent.ip),
            confirmed_ip=storable(subscriber.consent.confirmed_ip),
        ),
    )
