"""How claims become calls, and each call's answer the outcomes of its readers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.core.build import Build, Variant
from newsletter.core.delivery import Accepted, Claim, Deferred, Mailing, Refused, State
from newsletter.core.subscriber import Subscriber
from newsletter.core.ways import Allowance
from newsletter.flows.carry import InBulk, Singly, carrier
from newsletter.flows.run import DOUBTS_IN_A_ROW
from tests.fakes import (
    LOST,
    NOON,
    PAUSED,
    REFUSED,
    THROTTLE,
    UNREACHED,
    AcceptedButLost,
    Act,
    FakeBulkTransport,
    FakeTransport,
)
from tests.flows.desk import Desk, reader

MAILING = Mailing(1, "abcdefghijkl", "vol-1-issue-6", "", "", "everybody", "outbox", NOON)


def with_us_variant(build: Build) -> Build:
    """Return the build as if it had a block for the readers with the tag `us`."""
    us = Variant(build.html.replace("<body", "<body data-us", 1), build.text, frozenset([frozenset({"us"})]))
    return replace(build, others=(us,))


def claims(*tags: str) -> list[Claim]:
    return [
        Claim(f"{MAILING.uid}-{number}", Subscriber(address=reader(number), tags=frozenset({tag} if tag else ())))
        for number, tag in enumerate(tags)
    ]


def bulk(desk: Desk, transport: FakeTransport, per_second: float | None = None) -> InBulk:
    varied = replace(desk.made, build=with_us_variant(desk.made.build))
    found = carrier(replace(desk, made=varied).in_bulk().made, MAILING, desk.office(transport), per_second)
    assert isinstance(found, InBulk)
    return found


@pytest.mark.parametrize(
    ("mode", "rate", "kind"),
    [("auto", 14, Singly), ("auto", 250, Singly), ("auto", 251, InBulk), ("auto", None, InBulk)],
)
def test_auto_takes_bulk_where_single_would_not_hold_the_rate(desk: Desk, mode: str, rate: float, kind: type) -> None:
    assert desk.made.publication.ses.mode == mode
    assert isinstance(carrier(desk.made, MAILING, desk.office(FakeBulkTransport()), rate), kind)


def test_a_way_out_that_knows_no_bulk_is_used_singly(desk: Desk) -> None:
    assert isinstance(carrier(desk.in_bulk().made, MAILING, desk.office(FakeTransport()), 1_000), Singly)


@pytest.mark.parametrize(("rate", "most"), [(None, 50), (1_000, 50), (14, 7), (0.5, 1)])
def test_a_call_never_holds_more_than_ses_takes_or_half_a_second_allows(
    desk: Desk, rate: float | None, most: int
) -> None:
    assert bulk(desk, FakeBulkTransport(), rate).most == most


def test_readers_of_one_variant_are_called_together_in_their_order(desk: Desk) -> None:
    carrying = replace(bulk(desk, FakeBulkTransport()), most=2)
    loads = carrying.loads(claims("", "us", "", "us", "", "eu"))

    assert [[claim.delivery_id.rpartition("-")[2] for claim in load] for load in loads] == [
        ["0", "2"], ["4", "5"], ["1", "3"],
    ]  # fmt: skip


def test_each_outcome_is_that_of_its_reader_and_the_unmailable_never_reach_a_call(desk: Desk) -> None:
    transport = FakeBulkTransport([None, REFUSED, THROTTLE])
    load = claims("", "", "", "")
    load[1] = load[1]._replace(subscriber=Subscriber(address="käse@example.net"))

    settled = {each.delivery_id[-1]: each.outcome for each in bulk(desk, transport).carry(load)}

    assert isinstance(settled["0"], Accepted)
    assert isinstance(settled["1"], Refused)
    assert (settled["2"], settled["3"]) == (REFUSED, THROTTLE)
    assert transport.calls == [[reader(0), reader(2), reader(3)]]


def test_a_call_of_nobody_is_not_made(desk: Desk) -> None:
    transport = FakeBulkTransport()
    (claim,) = claims("")
    load = [claim._replace(subscriber=Subscriber(address="a b@example.net"))]

    (settled,) = bulk(desk, transport).carry(load)

    assert isinstance(settled.outcome, Refused)
    assert transport.calls == []


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    desk.add(120)
    return desk.in_bulk()


def test_everybody_is_sent_to_in_full_calls(crowd: Desk) -> None:
    transport = FakeBulkTransport(lanes=2)

    assert crowd.send(transport).account.counts == {State.ACCEPTED: 120}
    assert transport.arrived == {reader(number): 1 for number in range(120)}
    assert sorted(map(len, transport.calls)) == [20, 50, 50]


def test_each_reader_of_a_call_has_an_outcome_of_their_own(crowd: Desk) -> None:
    acts: list[Act | None] = [None, REFUSED, LOST, AcceptedButLost(), THROTTLE, Deferred("try later", counts=True)]
    transport = FakeBulkTransport(acts, lanes=1)

    sent = crowd.send(transport)

    where = crowd.where(sent.mailing)
    assert [where[reader(number)].value for number in range(6)] == [
        "accepted", "refused", "in doubt", "in doubt", "accepted", "accepted",
    ]  # fmt: skip
    assert sent.account.counts == {State.ACCEPTED: 117, State.REFUSED: 1, State.IN_DOUBT: 2}
    assert max(transport.arrived.values()) == 1
    assert transport.calls_for(reader(4)) == transport.calls_for(reader(5)) == 2


def test_a_call_that_is_lost_puts_its_readers_in_doubt_and_then_one_goes_alone(crowd: Desk) -> None:
    transport = FakeBulkTransport([AcceptedButLost()] * 50, lanes=1)

    sent = crowd.send(transport)

    assert sent.account.counts == {State.IN_DOUBT: 50, State.ACCEPTED: 70}
    assert list(map(len, transport.calls[:2])) == [50, 1]
    assert max(transport.arrived.values()) == 1


def test_calls_that_are_lost_one_after_the_other_stop_the_mailing(crowd: Desk) -> None:
    sent = crowd.send(FakeBulkTransport([LOST] * 120, lanes=2))

    assert sent.stopped.startswith(f"{DOUBTS_IN_A_ROW} calls in a row in doubt")
    assert sent.account[State.IN_DOUBT] <= 2 * 50 + DOUBTS_IN_A_ROW


def test_one_entry_that_concerns_everybody_stops_the_mailing(crowd: Desk) -> None:
    sent = crowd.send(FakeBulkTransport([None, PAUSED, None], lanes=1))

    assert (sent.stopped, sent.hint) == (PAUSED.reason, PAUSED.hint)
    assert sent.account.counts == {State.ACCEPTED: 49, State.PENDING: 71}
    assert crowd.send(FakeBulkTransport()).account.counts == {State.ACCEPTED: 120}


def test_a_network_that_is_away_for_a_call_is_waited_for(crowd: Desk) -> None:
    transport = FakeBulkTransport([UNREACHED] * 50, lanes=1)

    assert crowd.send(transport).account.counts == {State.ACCEPTED: 120}


@pytest.mark.parametrize("left", [0, 1, 49, 50, 51, 119])
def test_the_quota_is_used_up_and_never_overshot(crowd: Desk, left: int) -> None:
    transport = FakeBulkTransport([REFUSED, THROTTLE], lanes=3, permits=Allowance(left_today=left))

    sent = crowd.send(transport)

    assert transport.arrived.total() == left
    assert sent.account[State.ACCEPTED] == left
    assert not sent.stopped if left == 119 else "quota" in sent.stopped


def test_the_rate_is_that_of_the_recipients_not_of_the_calls(crowd: Desk) -> None:
    crowd.send(FakeBulkTransport(lanes=3, permits=Allowance(per_second=30)))
    assert crowd.clock.monotonic() >= 120 / 30 - 1


def test_a_defect_puts_its_call_in_doubt_and_nobody_else(crowd: Desk) -> None:
    transport = FakeBulkTransport([None, None, RuntimeError("a defect")], lanes=1)

    with pytest.raises(RuntimeError):
        crowd.send(transport)
    again = FakeBulkTransport()
    sent = crowd.send(again)

    assert sent.account.counts == {State.IN_DOUBT: 50, State.ACCEPTED: 70}
    assert max((transport.arrived + again.arrived).values()) == 1
