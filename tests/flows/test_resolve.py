"""Settling doubts: by what events prove, whatever is wrapped around them, and by what the editor decides."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import SEEK_END, BytesIO
from typing import Any

import pytest

from newsletter.core.delivery import Mailing, State
from newsletter.core.feedback import Event, Kind
from newsletter.core.orders import Wish
from newsletter.core.ports.feedback import Applied
from newsletter.core.ways import Allowance
from newsletter.errors import BadInput, InvalidSource, MailingBusy, NotFound
from newsletter.flows import resolve
from tests.fakes import LOST, NOON, FakeTransport
from tests.flows.desk import Desk, reader

ISSUE = "vol-1-issue-6"
GREETING = "Successfully validated SNS topic for Amazon SES event publishing."


@pytest.fixture
def doubtful(desk: Desk) -> Mailing:
    """A finished mailing of five, of which the first three are in doubt."""
    desk.add(5)
    return desk.send(FakeTransport([LOST] * 3)).mailing


def in_doubt(desk: Desk, mailing: Mailing) -> dict[str, str]:
    return {each.address: each.delivery_id for each in desk.store.ledger.named(mailing, State.IN_DOUBT)}


def event(delivery: str, kind: str = "Delivery") -> dict[str, Any]:
    tags = {"ses:operation": ["SendEmail"], "delivery": [delivery]}
    return {"eventType": kind, "mail": {"messageId": f"m-{delivery}", "tags": tags}, kind.lower(): {}}


def by_sns(inside: Any) -> dict[str, Any]:
    message = inside if isinstance(inside, str) else json.dumps(inside)
    return {"Type": "Notification", "MessageId": "1", "Subject": "Amazon SES", "Message": message}


def by_sqs(inside: Any) -> dict[str, Any]:
    return {"MessageId": "2", "ReceiptHandle": "x", "Body": inside if isinstance(inside, str) else json.dumps(inside)}


def prove(desk: Desk, *lines: Any) -> int:
    return resolve.prove(desk.store.events, file_of(*lines), "events.jsonl", desk.clock.now())


def file_of(*lines: Any) -> BytesIO:
    written = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return BytesIO(b"".join(line + b"\n" for line in written))


@pytest.mark.parametrize("wrap", [dict, by_sns, by_sqs, lambda inside: by_sqs(by_sns(inside))])
@pytest.mark.parametrize("kind", ["Send", "Delivery", "Bounce", "Complaint", "DeliveryDelay", "Open"])
def test_an_event_proves_that_its_delivery_was_accepted(desk: Desk, doubtful: Mailing, wrap: Any, kind: str) -> None:
    delivery = in_doubt(desk, doubtful)[reader(1)]

    assert prove(desk, wrap(event(delivery, kind))) == 1
    assert desk.where(doubtful)[reader(1)] is State.ACCEPTED
    assert in_doubt(desk, doubtful).keys() == {reader(0), reader(2)}


def test_what_comes_twice_is_news_once(desk: Desk, doubtful: Mailing) -> None:
    delivery = in_doubt(desk, doubtful)[reader(0)]

    assert prove(desk, event(delivery, "Send"), b"", event(delivery, "Delivery")) == 1
    assert prove(desk, event(delivery, "Delivery")) == 0


@pytest.mark.parametrize(
    "line",
    [
        by_sns(GREETING),
        by_sqs(GREETING),
        by_sqs(by_sns(GREETING)),
        {"eventType": "Delivery", "mail": {"messageId": "m", "tags": {"ses:operation": ["SendEmail"]}}},
        {"eventType": "Delivery", "mail": {"messageId": "m"}},
        {"notificationType": "Delivery", "mail": {"messageId": "m"}},
        event("of-other-software"),
        event("anothermail1-1"),
        event("-1"),
    ],
)
def test_what_concerns_no_delivery_of_ours_proves_nothing(desk: Desk, doubtful: Mailing, line: Any) -> None:
    assert prove(desk, line) == 0
    assert len(in_doubt(desk, doubtful)) == 3


@pytest.mark.parametrize("kind", ["Rendering Failure", "Reject"])
def test_a_message_that_could_not_be_rendered_or_held_a_virus_was_never_sent(
    desk: Desk, doubtful: Mailing, kind: str
) -> None:
    delivery = in_doubt(desk, doubtful)[reader(0)]
    assert prove(desk, event(delivery, kind)) == 1
    assert desk.where(doubtful)[reader(0)] is State.REFUSED
    assert desk.store.ledger.account(doubtful).counts == {
        State.ACCEPTED: 2,
        State.REFUSED: 1,
        State.IN_DOUBT: 2,
    }


def test_a_delivery_with_the_number_of_another_mailing_is_not_settled(desk: Desk, doubtful: Mailing) -> None:
    number = in_doubt(desk, doubtful)[reader(0)].rpartition("-")[2]
    assert prove(desk, event(f"{'x' * 12}-{number}")) == 0


def test_lines_that_are_no_events_are_all_named_and_nothing_is_settled(desk: Desk, doubtful: Mailing) -> None:
    good = event(in_doubt(desk, doubtful)[reader(0)])
    lines = [good, b"{", b"\xff\xfe", b"[1, 2]", b'"text"', b"7", {"eventType": "Send"}, {"email": "a@b.c"}, good]

    with pytest.raises(InvalidSource) as raised:
        prove(desk, *lines, {"eventType": "Send", "mail": {"tags": {"delivery": ["x"]}}}, b"[" * 100_000)

    assert [each.mark.line for each in raised.value.problems] == [2, 3, 4, 5, 6, 7, 8, 10, 11]
    assert str(raised.value.problems[0]) == "events.jsonl:2:1: is no event of SES; give one JSON event a line"
    assert len(in_doubt(desk, doubtful)) == 3


def test_many_events_are_settled_in_portions(desk: Desk) -> None:
    desk.add(5)
    mailing = desk.send(FakeTransport([LOST] * 3)).mailing
    others = (event(f"{'x' * 12}-{number}") for number in range(1_300))

    assert prove(desk, *others, *map(event, in_doubt(desk, mailing).values())) == 3


@dataclass
class Reading:
    """Events that remember how far the file was read when each portion came, and how many were in it."""

    file: BytesIO
    portions: list[tuple[int, int]] = field(default_factory=list)

    def apply(self, events: Sequence[Event], at: datetime, *, track: Collection[Kind]) -> Applied:
        del at, track
        self.portions.append((self.file.tell(), len(events)))
        return Applied(settled=len(events))


def test_no_more_of_a_file_is_in_memory_than_a_portion() -> None:
    line = event("x-1000")
    file = file_of(*[line] * 1_200)
    reading: Any = Reading(file)

    assert resolve.prove(reading, file, "events.jsonl", NOON) == 1_200
    each = len(file_of(line).getvalue())
    assert reading.portions == [(500 * each, 500), (1_000 * each, 500), (1_200 * each, 200)]


def test_what_is_written_to_the_file_meanwhile_is_left_for_another_time() -> None:
    file = file_of(*[event("x-1000")] * 600)

    class Growing(Reading):
        def apply(self, events: Sequence[Event], at: datetime, *, track: Collection[Kind]) -> Applied:
            here = file.tell()
            file.seek(0, SEEK_END)
            file.write(b"half an ev")
            file.seek(here)
            return super().apply(events, at, track=track)

    growing: Any = Growing(file)
    assert resolve.prove(growing, file, "events.jsonl", NOON) == 600


def decide(desk: Desk, deliveries: Iterable[str] | None, state: State) -> int:
    which = None if deliveries is None else list(deliveries)
    return resolve.decide(desk.store.mailings, desk.store.ledger, ISSUE, which, state, desk.clock.now())


def test_the_editor_may_take_them_for_accepted_one_by_one_or_all(desk: Desk, doubtful: Mailing) -> None:
    assert decide(desk, [in_doubt(desk, doubtful)[reader(1)]], State.ACCEPTED) == 1
    assert in_doubt(desk, doubtful).keys() == {reader(0), reader(2)}
    assert decide(desk, None, State.ACCEPTED) == 2
    assert decide(desk, None, State.ACCEPTED) == 0
    assert desk.store.ledger.account(doubtful).counts == {State.ACCEPTED: 5}
    assert desk.plan(FakeTransport()).to_send == 0


def test_those_to_be_sent_again_are_mailed_once_more_and_nobody_else(desk: Desk, doubtful: Mailing) -> None:
    again = FakeTransport()

    assert decide(desk, [in_doubt(desk, doubtful)[reader(number)] for number in (0, 2)], State.PENDING) == 2
    assert desk.store.mailings.unfinished(ISSUE, "outbox")
    sent = desk.send(again)

    assert again.arrived == {reader(0): 1, reader(2): 1}
    assert sent.mailing.uid == doubtful.uid
    assert sent.account.counts == {State.ACCEPTED: 4, State.IN_DOUBT: 1}
    assert not desk.store.mailings.unfinished(ISSUE, "outbox")


def test_an_event_that_comes_after_the_decision_to_send_again_keeps_it_from_being_sent(
    desk: Desk, doubtful: Mailing
) -> None:
    delivery = in_doubt(desk, doubtful)[reader(0)]
    decide(desk, None, State.PENDING)
    again = FakeTransport()

    assert prove(desk, event(delivery)) == 1
    desk.send(again)

    assert again.arrived == {reader(1): 1, reader(2): 1}


def test_of_a_cancelled_mailing_those_that_were_chosen_are_sent_again(desk: Desk) -> None:
    desk.add(8)
    mailing = desk.send(FakeTransport([LOST, LOST], permits=Allowance(left_today=3))).mailing
    desk.tell(Wish.CANCEL)
    doubts = in_doubt(desk, mailing)
    again = FakeTransport()

    decide(desk, None, State.PENDING)
    desk.send(again)

    assert again.arrived == dict.fromkeys(doubts, 1)
    assert desk.store.ledger.account(mailing).open == 0


def test_a_cancelled_mailing_stays_so_while_another_is_open(desk: Desk) -> None:
    desk.add(8)
    cancelled = desk.send(FakeTransport([LOST, LOST], permits=Allowance(left_today=3))).mailing
    desk.tell(Wish.CANCEL)
    desk.send(FakeTransport(permits=Allowance(left_today=0)))

    with pytest.raises(MailingBusy, match="another mailing of vol-1-issue-6 is not finished"):
        decide(desk, None, State.PENDING)
    assert next(each.wish for each in desk.store.mailings.of() if each.id == cancelled.id) is Wish.CANCEL
    assert len(in_doubt(desk, cancelled)) == 2


def test_of_two_mailings_only_those_of_one_are_sent_again_at_a_time(desk: Desk, doubtful: Mailing) -> None:
    desk.add(8)
    desk.send(FakeTransport([LOST]))

    with pytest.raises(BadInput, match="2 mailings of vol-1-issue-6 have doubts"):
        decide(desk, None, State.PENDING)
    assert len(in_doubt(desk, doubtful)) == 3
    assert decide(desk, in_doubt(desk, doubtful).values(), State.PENDING) == 3
    desk.send(FakeTransport())
    assert decide(desk, None, State.PENDING) == 1


def test_what_is_not_in_doubt_cannot_be_decided(desk: Desk, doubtful: Mailing) -> None:
    good = in_doubt(desk, doubtful)[reader(0)]
    with pytest.raises(BadInput, match="not in doubt: abc-1, all"):
        decide(desk, [good, "abc-1", "all"], State.ACCEPTED)
    assert len(in_doubt(desk, doubtful)) == 3


def test_an_issue_that_was_never_sent_has_no_doubts(desk: Desk) -> None:
    with pytest.raises(NotFound, match="was never sent"):
        decide(desk, None, State.ACCEPTED)
