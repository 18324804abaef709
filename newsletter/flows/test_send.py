"""Test-send: the bytes a subscriber would get, to reviewers, with [TEST] before the subject and inert links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from newsletter.core.address import valid_address
from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused
from newsletter.core.links import inert_link
from newsletter.core.message import Composer, Recipient
from newsletter.core.pace import Pace
from newsletter.core.ports.readers import Subscribers
from newsletter.core.ports.sending import Clock, TestSends
from newsletter.core.publication import Publication
from newsletter.core.subscriber import Subscriber, address_key
from newsletter.core.typed import did_you_mean
from newsletter.core.ways import Parcel, Transport
from newsletter.errors import BadInput, NotFound
from newsletter.flows.build import Edition

TRIES = 5  # a throttle is a certain non-send


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of each test copy, and of which build."""

    digest: str
    outcomes: Sequence[tuple[str, Outcome]]

    @property
    def accepted(self) -> int:
        """Return how many copies the transport took."""
        return sum(isinstance(outcome, Accepted) for _, outcome in self.outcomes)


def reviewers(publication: Publication, to: Sequence[str], groups: Sequence[str]) -> Sequence[str]:
    """Return the addresses of --to and --group together, each once, in the order given.

    Raises:
        BadInput: an address is wrong, a group unknown, or nobody is named.
    """
    addresses: dict[str, str] = {}
    for group in groups:
        if group not in publication.reviewers:
            raise BadInput(f"there is no reviewer group {group!r}", hint=did_you_mean(group, publication.reviewers))
        addresses.update({address_key(each): each for each in publication.reviewers[group]})
    for given in to:
        try:
            address = valid_address(given)
        except ValueError as err:
            raise BadInput(str(err), hint="give addresses like editor@example.org") from err
        addresses[address_key(address)] = address
    if not addresses:
        hint = f"give --to ADDRESS or --group NAME; groups: {', '.join(sorted(publication.reviewers)) or 'none'}"
        raise BadInput("nobody to send the test to", hint=hint)
    return list(addresses.values())


def reader(subscribers: Subscribers | None, address: str | None) -> Subscriber | None:
    """Return the subscriber whose copy is to be shown (--as), or None for one without a name.

    Raises:
        NotFound: nobody on the list has this address.
    """
    if address is None or subscribers is None:
        return None
    found = subscribers.get(address)
    if found is None:
        raise NotFound(f"{address} is not on the list", hint="see: newsletter subscribers list")
    return found


def send_test(
    made: Edition,
    addresses: Sequence[str],
    *,
    transport: Transport,
    tests: TestSends,
    clock: Clock,
    seen_as: Subscriber | None = None,
) -> Tested:
    """Send the copies one after the other; remember the digest if at least one was accepted.

    Without `seen_as` everybody gets every variant, with its readers before the subject.

    Raises:
        MailingStopped: the account may not send at all.
    """
    digest = made.build.digest
    allowance = transport.allowance()
    allowance.check()
    pace = Pace.of(allowance.per_second) if allowance.per_second else None
    outcomes = []
    copies = [(address, each) for address in addresses for each in _copies(made, seen_as)]
    for number, (address, (composer, reader)) in enumerate(copies, 1):
        subscriber = replace(reader, address=address)
        delivery_id = f"test-{digest[:12]}-{clock.now():%Y%m%d%H%M%S}-{number}"
        recipient = Recipient(subscriber, delivery_id, lambda name: inert_link(made.publication.public, name))
        parcel = Parcel(delivery_id, mailing_name(made), address, composer.compose(recipient, clock.now()))
        for _ in range(TRIES):
            if pace:
                pace, wait = pace.take(clock.monotonic())
                clock.sleep(wait)
            outcome = transport.send(parcel)
            if not (isinstance(outcome, Deferred) and outcome.throttled):
                break
            pace = pace.throttled(clock.monotonic()) if pace else None
        outcomes.append((address, outcome))
    tested = Tested(digest, outcomes)
    if tested.accepted:
        tests.remember(made.build.issue, digest, tested.accepted, clock.now())
    return tested


def _copies(made: Edition, seen_as: Subscriber | None) -> Sequence[tuple[Composer, Subscriber]]:
    """Return a composer and a reader for each copy that one reviewer gets."""
    build, publication = made.build, made.publication
    if seen_as or not build.others:
        return [(Composer(build, publication, mark="[TEST] "), seen_as or Subscriber(address=""))]
    return [
        (
            Composer(build, publication, mark=f"[TEST {build.readers(variant)}] ", seen=variant),
            Subscriber(address=""),
        )
        for variant in build.variants
    ]


def mailing_name(made: Edition) -> str:
    """Return what stands in for the mailing's id in a test-send."""
    return f"test-{made.build.issue}"


def said(outcome: Outcome) -> str:
    """Return an outcome in words."""
    match outcome:
        case Accepted(message_id):
            return f"accepted ({message_id})"
        case Refused(reason):
            return f"refused: {reason}"
        case Deferred(reason):
            return f"not sent: {reason}"
        case InDoubt(reason):
            return f"in doubt: {reason}"
    assert_never(outcome)
