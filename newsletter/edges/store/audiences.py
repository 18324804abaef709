"""Audiences as conditions on the subscribers table."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists

from newsletter.core.audience import Audience
from newsletter.core.subscriber import Standing
from newsletter.edges.store.columns import storable
from newsletter.edges.store.dialects import among
from newsletter.edges.store.tables import subscriber_tags, subscribers

on_the_list = subscribers.c.standing != Standing.REMOVED.value


def belongs_to(audience: Audience) -> ColumnElement[bool]:
    """Return the condition that a subscriber is on the list and in an audience, whatever their standing."""
    if not audience.tags:
        return on_the_list
    carries_one = exists().where(
        subscriber_tags.c.subscriber_id == subscribers.c.id,
        # Not the bare column: SQLite would look each wanted tag up for each subscriber, minutes for thousands of tags.
        among(subscriber_tags.c.tag.concat(""), [storable(tag) for tag in audience.tags]),
    )
    return and_(on_the_list, carries_one)
