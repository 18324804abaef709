"""The commands of `newsletter subscribers` for one person at a time: show, edit, tag, remove, erase."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import asking, talk
from newsletter.cli.opened import opened
from newsletter.cli.words import AsJson
from newsletter.errors import BadInput, Declined

if TYPE_CHECKING:
    from newsletter.core.account import Mailed
    from newsletter.core.subscriber import Subscriber
    from newsletter.flows.keeping import Dossier

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address, in any case.")]
Fields = Annotated[
    list[str] | None, typer.Option("--field", "-f", metavar="NAME=VALUE", help="A field of the list's own.")
]

COPIES = "copies of their mail may be in .newsletter/outbox and build/, and their address on the list of Amazon SES"


def show(context: typer.Context, address: Address, as_json: AsJson = False) -> None:
    """Show all that is known of somebody: standing, consent, history, and what became of each mailing."""
    from newsletter.flows import keeping as flow

    with opened(context) as store:
        dossier = flow.show(store.readers, address)
    if as_json:
        talk.document(_dossier(dossier))
        return
    talk.data(f"{dossier.subscriber.address}  {dossier.subscriber.display_name}".rstrip())
    talk.table(_known(dossier.subscriber))
    if dossier.history:
        talk.data("history")
        talk.table((_time(each.at), f"{each.what} {each.detail}") for each in dossier.history)
    if dossier.mailings:
        talk.data("mailings")
        talk.table(line for each in dossier.mailings for line in _course(each))


def edit(
    context: typer.Context,
    address: Address,
    first_name: Annotated[
        str | None, typer.Option("--first-name", metavar="NAME", help="First name; empty takes it away.")
    ] = None,
    last_name: Annotated[
        str | None, typer.Option("--last-name", metavar="NAME", help="Last name; empty takes it away.")
    ] = None,
    new: Annotated[str | None, typer.Option("--address", metavar="NEW", help="Another address.")] = None,
    field: Fields = None,
) -> None:
    """Change names, fields or the address of a subscriber; a field with an empty value is taken away."""
    from newsletter import wiring
    from newsletter.flows import keeping as flow

    fields = dict(pair(each) for each in field or ())
    changes = flow.Changes(address=new, first_name=first_name, last_name=last_name, fields=fields)
    with opened(context) as store:
        changed = flow.edit(store.readers, address, changes, wiring.clock().now())
    talk.data(f"{'changed' if changed else 'unchanged'}: {new or address}")


def tag(
    context: typer.Context,
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="ADDRESS", help="Email addresses, in any case.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="EXPRESSION", help="Everybody of an audience.")] = None,
    having: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="Everybody with this tag; may be repeated.")
    ] = None,
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="TAG", help="A tag to add; may be repeated.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TAG", help="A tag to take away; may be repeated.")
    ] = None,
) -> None:
    """Add tags to subscribers and take tags away."""
    from newsletter import wiring
    from newsletter.core.audience import Audience
    from newsletter.flows import keeping as flow

    here, now = wiring.here(context.obj), wiring.clock().now()
    publication = here.publication()
    asked = asking.audience(publication, to, having)
    audience = Audience.at(asked, now, publication.transport) if asked else None
    with wiring.store(here, publication) as store:
        count = flow.tag(store.readers, addresses or (), audience, add=add or (), remove=remove or (), at=now)
    talk.data(f"{count:,} changed")


def remove(context: typer.Context, address: Address) -> None:
    """Take somebody off the list for good; no import brings them back."""
    from newsletter import wiring
    from newsletter.flows import subscribers as flow

    with opened(context) as store:
        flow.remove(store.readers, address, wiring.clock().now())
    talk.data(f"removed: {address}")


def erase(
    context: typer.Context,
    address: Address,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person: address, names, fields, tags, consent and history go, and cannot be had back.

    The account of every mailing stays as it was. A salted hash of the address stays too, so that no import brings them
    back; they themselves may sign up again.
    """
    from newsletter import wiring
    from newsletter.flows import keeping as flow

    if not yes and talk.ask(f"Type {address} to erase them: ") != address:
        raise Declined("not erased: that is not the address", hint="--yes erases without asking")
    with opened(context) as store:
        flow.erase(store.readers, address, wiring.clock().now())
    talk.data(f"erased: {address}")
    talk.say(f"not erased: {COPIES}")


def pair(text: str) -> tuple[str, str]:
    """Return the name and the value of NAME=VALUE.

    Raises:
        BadInput: it is none.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadInput(f"{text!r} is not a field", hint="write it like --field city=Bath")
    return name.strip(), value.strip()


def as_json(each: Subscriber) -> dict[str, Any]:
    """Return all that is known of a subscriber themselves, by the names of the columns of an export."""
    return {
        "email": each.address,
        "first_name": each.first_name,
        "last_name": each.last_name,
        "tags": sorted(each.tags),
        "standing": each.standing,
        "standing_reason": each.reason,
        "standing_since": each.since,
        "paused_until": each.paused_until,
        "consent_source": each.consent.source,
        "consent_at": each.consent.at,
        "consent_ip": each.consent.ip,
        "confirmed_at": each.consent.confirmed_at,
        "confirmed_ip": each.consent.confirmed_ip,
        "fields": dict(each.fields),
    }


def _known(each: Subscriber) -> list[tuple[str, str]]:
    consent = each.consent
    rows = [
        ("standing", _joined(each.standing, f"since {_time(each.since)}" if each.since else "", each.reason)),
        ("paused until", _time(each.paused_until)),
        ("tags", ", ".join(sorted(each.tags))),
        ("consent", _joined(_time(consent.at), consent.source, consent.ip) or "none is known"),
        ("confirmed", _joined(_time(consent.confirmed_at), consent.confirmed_ip)),
        *sorted(each.fields.items()),
    ]
    return [(name, value) for name, value in rows if value]


def _course(each: Mailed) -> Iterator[tuple[str, str]]:
    yield _time(each.at), _outcome(each)
    for told in each.told:
        yield _time(told.at), f"  {told.what} {told.detail}".rstrip()


def _outcome(each: Mailed) -> str:
    reason = f" ({each.reason})" if each.reason else ""
    return f"{each.issue} through {each.transport}: {each.state}{reason}"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def _dossier(dossier: Dossier) -> dict[str, Any]:
    return {
        **as_json(dossier.subscriber),
        "history": [{"at": each.at, "what": each.what, "detail": each.detail} for each in dossier.history],
        "mailings": [
            {
                "issue": each.issue,
                "subject": each.subject,
                "transport": each.transport,
                "state": each.state,
                "reason": each.reason,
                "at": each.at,
                "events": [{"at": told.at, "what": told.what, "detail": told.detail} for told in each.told],
            }
            for each in dossier.mailings
        ],
    }
