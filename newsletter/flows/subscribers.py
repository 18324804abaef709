"""Keep the list: add, list, remove, export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from newsletter.core.acts import By, Remove
from newsletter.core.address import valid_address
from newsletter.core.audience import EVERYBODY, Audience, check_tags
from newsletter.core.ports.readers import Change, Readers, Subscribers, Whom
from newsletter.core.roster import csv_lines, field_name
from newsletter.core.standing import Entry
from newsletter.core.subscriber import Consent, Subscriber
from newsletter.errors import BadInput, NotFound


def add(
    subscribers: Subscribers,
    address: str,
    *,
    names: tuple[str, str],
    tags: Iterable[str],
    fields: Mapping[str, str],
    at: datetime,
) -> Change:
    """Add one subscriber, or add to what is known of them; `names` are first and last.

    Raises:
        BadInput: the address, a tag or the name of a field is wrong.
    """
    try:
        subscriber = Subscriber(
            address=valid_address(address),
            first_name=names[0],
            last_name=names[1],
            tags=check_tags(tags),
            fields={field_name(name): value for name, value in fields.items()},
            consent=Consent("added by the editor", at),
        )
    except ValueError as err:
        raise BadInput.said(err) from err
    changes = subscribers.put([subscriber], at, Entry(at, "added", f"by {By.EDITOR}"))
    return next(change for change, count in changes.items() if count)


def remove(readers: Readers, address: str, at: datetime) -> None:
    """Take somebody off the list for good.

    Raises:
        NotFound: they are not on it.
    """
    step = readers.change(Whom(address), Remove(), at)
    if step is None or step.entry is None:
        raise NotFound(f"{address} is not on the list", hint="see: newsletter subscribers list")


def people(subscribers: Subscribers, audience: Audience) -> Iterator[Subscriber]:
    """Yield whom to export: an audience, or really everybody, also those removed, who must not come back elsewhere."""
    return subscribers.everybody() if audience.expression == EVERYBODY.expression else subscribers.stream(audience)


def export(subscribers: Subscribers, audience: Audience) -> Iterator[str]:
    """Yield the list as CSV, line by line; what it holds can be imported again."""
    names = sorted({name for each in people(subscribers, audience) for name in each.fields})
    return csv_lines(people(subscribers, audience), names)
