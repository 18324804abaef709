"""The receipt of a finished mailing."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from newsletter.core.delivery import State
from newsletter.core.ways import Allowance
from newsletter.edges.files import Project
from newsletter.flows import receipt
from newsletter.flows.build import sample_message
from tests.fakes import LOST, REFUSED, THROTTLE, FakeTransport
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


def test_the_text_begins_with_the_sum(paper: receipt.Receipt) -> None:
    text = paper.as_text()
    assert text.startswith("102 intended = 99 accepted + 1 refused + 1 suppressed + 1 in doubt\n\n")
    assert "\nthrottles    1\n" in text
    assert "\ncost in USD  0.0100\n" in text


def test_the_text_is_for_reading_and_has_no_line_without_a_figure(desk: Desk) -> None:
    desk.add(1)
    desk.send(FakeTransport())
    (mailing,) = desk.store.mailings.of()
    text = receipt.of(mailing, desk.store.ledger).as_text()

    assert f"\nbegun        {mailing.created_at:%Y-%m-%d %H:%M:%S} UTC\n" in text
    assert "cost" not in text
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
