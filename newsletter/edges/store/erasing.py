"""Erase a person, and leave the account of every mailing as it is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, select, update

from newsletter.core.standing import Entry, former_addresses
from newsletter.core.subscriber import Standing, Subscriber, address_key
from newsletter.edges.store.dialects import among
from newsletter.edges.store.erasures import remember_erased
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.rows import columns_of
from newsletter.edges.store.tables import deliveries, events, history, subscriber_tags, subscribers

ERASED: Final = "(erased)"  # what stands in place of the address: deliveries keep a row to point to


def erase(connection: Connection, whom: ColumnElement[bool], at: datetime) -> bool:
    """Erase the one person for whom a condition is true; tell whether there is one.

    Their former addresses are remembered too, but for any that is somebody else's by now. A new uid makes the links in
    their old mail lead to nobody.
    """
    if connection.dialect.name == "sqlite":  # what is deleted is overwritten, not only forgotten
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    take_turn(connection, Turn.PUT)  # no import brings them back meanwhile
    query = select(subscribers.c.id, subscribers.c.address).where(whom, subscribers.c.address != ERASED)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        return False
    former = _former_addresses(connection, row.id)
    for address in (row.address, *_free(connection, former)):
        remember_erased(connection, address, at)
    for table in (subscriber_tags, history):
        connection.execute(delete(table).where(table.c.subscriber_id == row.id))
    # What they opened and clicked still counts, for nobody; a link can say who somebody is.
    connection.execute(update(events).where(events.c.subscriber_id == row.id).values(detail=""))
    _clean_reasons(connection, row.id, (row.address, *former))
    uid = secrets.token_urlsafe(16)
    nobody = Subscriber(address=ERASED, standing=Standing.REMOVED, since=at, uid=uid)
    values = columns_of(nobody) | {"address_key": f"{ERASED} {uid}", "updated_at": at}
    connection.execute(update(subscribers).where(subscribers.c.id == row.id).values(values))
    return True


def _former_addresses(connection: Connection, number: int) -> list[str]:
    lines = select(history.c.at, history.c.what, history.c.detail).where(history.c.subscriber_id == number)
    return former_addresses(Entry(*line) for line in connection.execute(lines))


def _free(connection: Connection, addresses: Iterable[str]) -> list[str]:
    by_key = {address_key(address): address for address in addresses}
    taken = {*connection.scalars(select(subscribers.c.address_key).where(among(subscribers.c.address_key, by_key)))}
    return [address for key, address in by_key.items() if key not in taken]


def _clean_reasons(connection: Connection, number: int, addresses: Iterable[str]) -> None:
    """Take the addresses out of what was said about deliveries: mail servers like to repeat it."""
    query = select(deliveries.c.id, deliveries.c.reason).where(
        deliveries.c.subscriber_id == number, deliveries.c.reason != ""
    )
    longest_first = sorted(addresses, key=len, reverse=True)  # one may be the end of another
    spelled = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
    for row in connection.execute(query).all():
        if spelled.search(row.reason):
            clean = spelled.sub(ERASED, row.reason)
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(reason=clean))
