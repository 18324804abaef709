"""Taking in what SES tells: read, applied, and only then deleted; what cannot be read is set aside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import pytest

from newsletter.core.acts import Confirm, SignUp
from newsletter.core.delivery import Mailing, State, letter_id
from newsletter.core.feedback import Kind
from newsletter.core.ports.feedback import Received
from newsletter.core.ports.readers import Whom
from newsletter.core.reputation import Tally
from newsletter.core.subscriber import Consent, Standing
from newsletter.errors import EdgeError, StoreError
from newsletter.flows.feedback import Post, drain
from tests.core.test_ses_events import GREETING, by_event_bridge, by_sns, recorded
from tests.fakes import LOST, FakeTransport
from tests.flows.desk import Desk, reader


@dataclass
class FakeInbox:
    """A queue that gives messages out again until they are deleted, a few at a time."""

    waiting: list[Received] = field(default_factory=list)
    at_once: int = 3
    fails: Exception | None = None
    given: int = 0
    lock: Lock = field(default_factory=Lock)

    def put(self, *bodies: Any) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            with self.lock:
                self.given += 1
                self.waiting.append(Received(f"n-{self.given}", f"r-{self.given}", text))

    def receive(self, wait: float) -> Sequence[Received]:
        del wait
        if self.fails:
            raise self.fails
        with self.lock:
            return self.waiting[: self.at_once]

    def delete(self, received: Sequence[Received]) -> None:
        gone = {each.receipt for each in received}
        with self.lock:
            self.waiting = [each for each in self.waiting if each.receipt not in gone]

    def close(self) -> None:
        pass


@dataclass
class FakeShelf:
    kept: list[tuple[str, str]] = field(default_factory=list)
    fails: Exception | None = None

    def set_aside(self, received: Received, why: str, at: datetime) -> None:
        del at
        if self.fails:
            raise self.fails
        self.kept.append((received.name, why))


@dataclass
class Office:
    desk: Desk
    inbox: FakeInbox = field(default_factory=FakeInbox)
    shelf: FakeShelf = field(default_factory=FakeShelf)

    @property
    def post(self) -> Post:
        return Post(self.inbox, self.desk.store.events, self.shelf, self.desk.clock)


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


@pytest.fixture
def doubtful(desk: Desk) -> Mailing:
    """A finished mailing of five, of which the first three are in doubt."""
    desk.add(5)
    return desk.send(FakeTransport([LOST] * 3)).mailing


def event(name: str, delivery: str) -> dict[str, Any]:
    data = recorded(name)
    data["mail"]["tags"]["delivery"] = [delivery]
    return data


def deliveries(desk: Desk, mailing: Mailing) -> list[str]:
    named = {each.address: each.delivery_id for state in State for each in desk.store.ledger.named(mailing, state)}
    return [named[reader(number)] for number in range(len(named))]


def test_everything_is_taken_in_and_the_queue_is_empty_then(office: Office, doubtful: Mailing) -> None:
    ids = deliveries(office.desk, doubtful)
    office.inbox.put(
        by_sns(GREETING),
        by_sns(event("send", ids[0])),
        event("bounce-permanent-general", ids[1]),
        by_event_bridge(event("complaint-abuse", ids[3])),
        by_sns(event("delivery", ids[4])),
        event("delivery", "another-1"),
        event("open", ids[4]),
    )

    haul = drain(office.post, wait=0)

    assert haul.messages == 7
    assert haul.kinds == {Kind.SEND: 1, Kind.BOUNCE: 1, Kind.COMPLAINT: 1, Kind.DELIVERY: 2, Kind.OPEN: 1}
    assert (haul.notices, haul.ignored, haul.set_aside) == (1, 1, ())
    assert (haul.applied.settled, haul.applied.unknown) == (2, 1)
    assert haul.applied.suppressed == {Standing.BOUNCED: 1, Standing.COMPLAINED: 1}
    assert office.inbox.waiting == []
    assert office.desk.store.ledger.account(doubtful).counts == {State.ACCEPTED: 4, State.IN_DOUBT: 1}


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("bounce-permanent-general", Standing.BOUNCED),
        ("complaint-abuse", Standing.COMPLAINED),
        ("bounce-transient-mailboxfull", Standing.UNCONFIRMED),
        ("complaint-not-spam", Standing.UNCONFIRMED),
        ("delivery", Standing.UNCONFIRMED),
        ("open", Standing.UNCONFIRMED),
    ],
)
def test_mail_of_no_mailing_suppresses_whom_it_names_and_nobody_by_their_address(
    office: Office, name: str, standing: Standing
) -> None:
    readers, now = office.desk.store.readers, office.desk.clock.now()
    readers.change(Whom(address="ann@example.org"), SignUp(consent=Consent("form", now), uid="Uid-of_ann-1"), now)
    readers.change(Whom(address="ada@example.net"), SignUp(consent=Consent("form", now), uid="ada"), now)
    told = event(name, letter_id("confirm", "Uid-of_ann-1", now))
    assert told["mail"]["destination"] == ["ada@example.net"]  # not ours to believe
    office.inbox.put(told, told, event(name, letter_id("welcome", "nobody", now)))

    haul = drain(office.post, wait=0)

    ann, ada = (readers.find(Whom(uid=uid)) for uid in ("Uid-of_ann-1", "ada"))
    assert ann
    assert ada
    assert (ann.standing, ada.standing) == (standing, Standing.UNCONFIRMED)
    assert (haul.applied.unknown, haul.applied.news, haul.applied.repeated, office.inbox.waiting) == (1, 0, 0, [])
    assert dict(haul.applied.suppressed) == ({standing: 1} if standing is not Standing.UNCONFIRMED else {})


def test_a_bounce_from_before_somebody_confirmed_is_past(office: Office) -> None:
    readers, now = office.desk.store.readers, office.desk.clock.now()
    readers.change(Whom(address="ann@example.org"), SignUp(consent=Consent("form", now), uid="ann"), now)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    readers.change(Whom(uid="ann"), Confirm(), later)
    office.inbox.put(event("bounce-permanent-general", letter_id("confirm", "ann", now)))
    assert not drain(office.post, wait=0).applied.suppressed


def test_an_empty_queue_is_no_haul(office: Office) -> None:
    assert drain(office.post, wait=0).messages == 0


def test_poison_is_set_aside_by_its_name_and_does_not_stand_in_the_way(office: Office, doubtful: Mailing) -> None:
    ids = deliveries(office.desk, doubtful)
    office.inbox.put("{", event("send", ids[0]), '{"Records": []}', "not JSON", event("send", ids[1]))

    haul = drain(office.post, wait=0)

    assert haul.set_aside == ("n-1", "n-3", "n-4")
    assert [name for name, _ in office.shelf.kept] == ["n-1", "n-3", "n-4"]
    assert haul.applied.settled == 2
    assert office.inbox.waiting == []


def test_poison_that_cannot_be_set_aside_stays_in_the_queue(office: Office) -> None:
    office.inbox.put("poison")
    office.shelf.fails = EdgeError("the disk is full")
    with pytest.raises(EdgeError, match="disk"):
        drain(office.post, wait=0)
    assert len(office.inbox.waiting) == 1


def test_what_was_not_applied_is_not_deleted(office: Office, doubtful: Mailing) -> None:
    @dataclass
    class Broken:
        def apply(self, *_: object, **__: object) -> Any:
            raise StoreError("the database is locked")

        tally = returns = attention = apply

    office.inbox.put(event("send", deliveries(office.desk, doubtful)[0]))
    post = Post(office.inbox, Broken(), office.shelf, office.desk.clock)

    with pytest.raises(StoreError):
        drain(post, wait=0)

    assert len(office.inbox.waiting) == 1
    assert drain(office.post, wait=0).applied.settled == 1


def test_what_was_applied_and_not_deleted_changes_nothing_the_second_time(office: Office, doubtful: Mailing) -> None:
    office.inbox.put(event("bounce-permanent-general", deliveries(office.desk, doubtful)[4]))
    (message,) = office.inbox.waiting
    drain(office.post, wait=0)
    office.inbox.waiting.append(message)

    again = drain(office.post, wait=0)

    assert (again.applied.repeated, again.applied.suppressed) == (1, {})
    assert office.desk.store.events.tally(doubtful) == Tally(bounced=1)


def test_those_who_bounced_are_not_mailed_by_the_next_send(office: Office, doubtful: Mailing) -> None:
    ids = deliveries(office.desk, doubtful)
    office.inbox.put(event("bounce-permanent-noemail", ids[3]), event("complaint-abuse", ids[4]))
    drain(office.post, wait=0)

    sent = office.desk.changed("Another issue").plan(FakeTransport(name="elsewhere"))

    assert sent.forecast.suppressed == {"bounced": 1, "complained": 1}
    assert sent.to_send == 3
