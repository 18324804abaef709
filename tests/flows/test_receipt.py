"""The receipt of a finished mailing."""

from __future__ import annotations

import json
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from newsletter.core.delivery import State
from newsletter.core.orders import Canary, Orders, Wish
from newsletter.core.ways import Allowance
from newsletter.edges.files import Project
from newsletter.flows import receipt
from newsletter.flows.build import sample_message
from tests.fakes import LOST, REFUSED, THROTTLE, FakeFeedback, FakeTransport
from tests.flows.desk import Desk, reader


@pytest.fixture
def paper(desk: Desk) -> receipt.Receipt:
    desk.add(102)
    desk.leave(reader(101))
    transport = FakeTransport([REFUSED, LOST, THROTTLE], name="ses", permits=Allowance(per_second=10))
    desk.send(transport)
    (mailing,) = desk.store.mailings.of()
    return receipt.of(mailing, desk.store.ledger)


def test_the_parts_add_up_and_the_figures_are_those_of_the_mailing(paper: receipt.Receipt, desk: Desk) -> None:
    said = paper.as_json()

    assert said["intended"] == 102
    assert (said["accepted"], said["refused"], said["suppressed"], said["in doubt"]) == (99, 1, 1, 1)
    assert (said["digest"], said["transport"], said["throttles"]) == (desk.made.build.digest, "ses", 1)
    assert said["cost in USD"] == 0.01
    assert isinstance(said["rate held"], float)
    assert 5 < said["rate held"] < 10
    assert str(said["begun"]) < str(said["finished"])


def held(desk: Desk) -> float:
    """Return the rate that the receipt says was held."""
    (mailing,) = desk.store.mailings.of()
    rate = receipt.of(mailing, desk.store.ledger).rate
    assert rate
    return rate


def test_a_pause_of_seconds_does_not_make_the_rate_lower(desk: Desk) -> None:
    desk.add(100)
    desk.clock.at(5, lambda: desk.tell(Wish.PAUSE))
    desk.clock.at(45, lambda: desk.tell(Wish.GO))

    desk.send(FakeTransport(lanes=4, permits=Allowance(per_second=2)))

    assert desk.clock.monotonic() > 85
    assert held(desk) == pytest.approx(2, rel=0.1)


def test_a_canary_that_is_waited_for_does_not_make_the_rate_lower(desk: Desk) -> None:
    desk = replace(desk, feedback=FakeFeedback())
    desk.add(100)

    desk.send(FakeTransport(permits=Allowance(per_second=2)), orders=Orders(canary=Canary(20, minutes=0.5)))

    assert held(desk) == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("rate", [0.5, 0.05, 0.01])
def test_slow_sending_is_no_break(desk: Desk, rate: float) -> None:
    desk.add(40)

    desk.send(FakeTransport(lanes=4), orders=Orders(rate=rate))

    assert held(desk) == pytest.approx(rate, rel=0.05)


def test_throttles_are_no_break(desk: Desk) -> None:
    desk.add(60)
    transport = FakeTransport([THROTTLE, None, THROTTLE, THROTTLE, None] * 12, permits=Allowance(per_second=10))

    desk.send(transport)

    assert held(desk) == pytest.approx(60 / desk.clock.monotonic(), rel=0.1)


def test_the_cost_has_the_second_copies_that_were_asked_for(desk: Desk) -> None:
    desk.add(4)
    transport = FakeTransport([LOST, LOST, REFUSED], name="ses", permits=Allowance(per_second=10))
    mailing = desk.send(transport).mailing
    desk.store.ledger.decide(mailing, None, State.PENDING, desk.clock.now())
    desk.send(transport)

    (mailing,) = desk.store.mailings.of()
    paper = receipt.of(mailing, desk.store.ledger)
    assert paper.account.counts == {State.ACCEPTED: 3, State.REFUSED: 1}
    assert paper.copies == paper.as_json()["copies"] == 5
    assert paper.cost == pytest.approx(0.0005)


def test_the_text_begins_with_the_sum(paper: receipt.Receipt) -> None:
    text = paper.as_text()
    assert text.startswith("102 intended = 99 accepted + 1 refused + 1 suppressed + 1 in doubt\n\n")
    assert "\nthrottles    1\n" in text
    assert "\ncopies       100 that SES took or may have taken, second ones too\n" in text
    assert "\ncost in USD  0.0100 for these copies, at SES's list price\n" in text


def test_the_text_is_for_reading_and_has_no_line_without_a_figure(desk: Desk) -> None:
    desk.add(1)
    desk.send(FakeTransport())
    (mailing,) = desk.store.mailings.of()
    text = receipt.of(mailing, desk.store.ledger).as_text()

    assert f"\nbegun        {mailing.created_at:%Y-%m-%d %H:%M:%S} UTC\n" in text
    assert "cost" not in text
    assert "copies" not in text
    assert "rate held" not in text


def test_what_went_to_the_outbox_has_no_price_and_one_message_no_rate(desk: Desk) -> None:
    desk.add(1)
    desk.send(FakeTransport())
    (mailing,) = desk.store.mailings.of()
    said = receipt.of(mailing, desk.store.ledger).as_json()

    assert (said["cost in USD"], said["rate held"], said[State.ACCEPTED]) == (None, None, 1)


def test_it_is_written_beside_the_build_with_a_sample_and_leaves_the_build_alone(
    paper: receipt.Receipt, desk: Desk, publication: Path
) -> None:
    folder = publication / "build" / "vol-1-issue-6"
    folder.mkdir(parents=True)
    (folder / "email.html").write_text("kept")

    sample = sample_message(desk.made, desk.made.build.variants[0])
    text = receipt.write(Project(publication), paper, sample)
    again = receipt.write(Project(publication), paper)

    name = f"receipt-{paper.mailing.uid}"
    assert text == again == folder / f"{name}.txt"
    assert {each.name for each in folder.iterdir()} == {"email.html", f"{name}.txt", f"{name}.json", f"{name}.eml"}
    assert json.loads((folder / f"{name}.json").read_bytes()) == paper.as_json()
    message = message_from_bytes((folder / f"{name}.eml").read_bytes(), policy=policy.SMTP)
    assert message["Subject"] == paper.mailing.subject
