"""Look after the subscribers one by one: show, change, tag, erase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.account import Mailed
from newsletter.core.acts import Amend, By
from newsletter.core.address import valid_address
from newsletter.core.audience import Audience, check_tags
from newsletter.core.ports.readers import Readers, Whom
from newsletter.core.roster import field_name
from newsletter.core.standing import Entry
from newsletter.core.subscriber import Subscriber
from newsletter.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of somebody; history is oldest first, mailings are newest first."""

    subscriber: Subscriber
    history: Sequence[Entry]
    mailings: Sequence[Mailed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the editor wants to be different; None and what is not named stays."""

    address: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    fields: Mapping[str, str]


def show(readers: Readers, address: str) -> Dossier:
    """Return all that is known of somebody.

    Raises:
        NotFound: nothing is.
    """
    whom = Whom(address)
    subscriber = readers.find(whom)
    if subscriber is None:
        raise _unknown(address)
    return Dossier(subscriber, readers.history(whom), readers.mailed(whom))


def edit(readers: Readers, address: str, changes: Changes, at: datetime) -> bool:
    """Change names, fields or the address of a subscriber; tell whether anything became different.

    Raises:
        NotFound: they are not known.
        BadInput: nothing is asked for, the new address is wrong, taken or erased, or a field cannot have its name.
    """
    try:
        act = Amend(
            by=By.EDITOR,
            address=valid_address(changes.address) if changes.address is not None else None,
            first_name=changes.first_name,
            last_name=changes.last_name,
            fields={field_name(name): value for name, value in changes.fields.items()},
        )
    except ValueError as err:
        raise BadInput.said(err) from err
    if act == Amend(by=By.EDITOR):
        raise BadInput("nothing to change", hint="see: newsletter subscribers edit --help")
    step = readers.change(Whom(address), act, at)
    if step is None:
        raise _unknown(address)
    return step.entry is not None


def tag(
    readers: Readers,
    addresses: Sequence[str],
    audience: Audience | None,
    *,
    add: Sequence[str],
    remove: Sequence[str],
    at: datetime,
) -> int:
    """Add tags to the addresses, or to an audience, and take tags away; count who changed.

    Raises:
        NotFound: an address is not known; nobody was changed.
        BadInput: a tag is wrong, or nobody or nothing is named.
    """
    try:
        act = Amend(by=By.EDITOR, add=check_tags(add), remove=check_tags(remove))
    except ValueError as err:
        raise BadInput.said(err) from err
    _check_order(act, addresses, audience)
    if audience is not None:
        return readers.change_all(audience, act, at)
    for address in addresses:
        if readers.find(Whom(address)) is None:
            raise _unknown(address)
    steps = [readers.change(Whom(address), act, at) for address in addresses]
    return sum(1 for step in steps if step and step.entry)


def erase(readers: Readers, address: str, at: datetime) -> None:
    """Erase a person.

    Raises:
        NotFound: they are not known.
    """
    if not readers.erase(Whom(address), at):
        raise _unknown(address)


def _check_order(act: Amend, addresses: Sequence[str], audience: Audience | None) -> None:
    if not act.add and not act.remove:
        raise BadInput("no tag to add or to remove", hint="name one with --add or --remove")
    if both := act.add & act.remove:
        raise BadInput(f"{', '.join(sorted(both))} cannot be both added and removed")
    if bool(addresses) == (audience is not None):
        hint = "--tag us is everybody with the tag us"
        raise BadInput("name either addresses, or an audience with --to or --tag", hint=hint)


def _unknown(address: str) -> NotFound:
    return NotFound(f"{address} is not known", hint="see: newsletter subscribers list")
