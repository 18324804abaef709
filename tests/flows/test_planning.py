"""Planning a send: who would get an issue, and which mailing may be continued."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.core.account import Forecast
from newsletter.core.audience import tagged
from newsletter.core.audience.parsing import MAX_DEPTH, parse
from newsletter.core.audience.terms import Expression, all_of, any_of
from newsletter.core.delivery import Deferred, State
from newsletter.core.subscriber import Subscriber
from newsletter.core.ways import Allowance
from newsletter.edges.files import Project
from newsletter.errors import BadInput
from newsletter.flows.build import edition
from tests.fakes import REFUSED, FakeTransport
from tests.flows.desk import Desk, reader

US = tagged("us")


def test_a_plan_tells_what_would_be_done_and_writes_nothing(desk: Desk) -> None:
    desk.add(4, "us")
    desk.leave(reader(0))
    transport = FakeTransport(permits=Allowance(per_second=14, left_today=200, notice="sandbox"))

    planned = desk.plan(transport, US)

    assert (planned.to_send, planned.forecast.already, planned.forecast.suppressed) == (3, 0, {"unsubscribed": 1})
    assert (planned.digest, planned.tested_at) == (desk.made.build.digest, None)
    assert planned.allowance == transport.permits
    assert not desk.store.mailings.of()


def test_a_welcome_is_not_sent_to_the_list(desk: Desk, publication: Path) -> None:
    desk.add(2)
    welcome = "subject: Welcome\npreheader: Hello\nlinks: []\nblocks:\n  - {kind: letter, text: Dear reader}\n"
    (publication / "issues/welcome.yaml").write_text(welcome, encoding="utf-8")
    desk = replace(desk, made=edition(Project(publication), "welcome", {}))

    with pytest.raises(BadInput, match="welcome is no issue"):
        desk.send(FakeTransport())
    assert not desk.store.mailings.of()


def test_a_plan_knows_when_this_very_build_was_test_sent(desk: Desk) -> None:
    desk.store.test_sends.remember("vol-1-issue-6", desk.made.build.digest, 1, desk.clock.now())

    assert desk.plan(FakeTransport()).tested_at == desk.clock.now()
    assert desk.changed("Other").plan(FakeTransport()).tested_at is None


def test_a_continued_mailing_keeps_the_audience_it_was_frozen_with(desk: Desk) -> None:
    desk.add(4, "us")
    desk.freeze(US)
    desk.put(Subscriber(address="late@example.net", tags=frozenset({"us"})), Subscriber(address="other@example.net"))
    transport = FakeTransport()

    planned = desk.plan(transport)
    desk.send(transport)

    assert (planned.audience.expression, planned.to_send) == (US, 4)
    assert transport.arrived.keys() == {reader(number) for number in range(4)}


def test_the_plan_of_a_continued_mailing_is_its_account_whoever_came_and_left_since(desk: Desk) -> None:
    desk.add(5)
    desk.leave(reader(0))
    sent = desk.send(FakeTransport([None, REFUSED, Deferred("spent", stop=True)]))
    desk.put(Subscriber(address="late@example.net"))
    desk.leave(reader(3))

    planned = desk.plan(FakeTransport())

    assert sent.stopped
    assert planned.forecast == Forecast(to_send=sent.account.open, already=sent.account.settled)
    assert 0 < planned.to_send == 5 - planned.forecast.already


@pytest.mark.parametrize("tags", [("us", "eu"), ("eu", "us")])
def test_a_continued_mailing_may_be_named_by_its_tags_in_any_order(desk: Desk, tags: tuple[str, ...]) -> None:
    desk.add(4, "us")
    desk.freeze(tagged("eu", "us"))

    assert desk.send(FakeTransport(), tagged(*tags)).account.counts == {State.ACCEPTED: 4}


def test_a_mailing_goes_on_to_an_audience_as_deep_as_may_be_beside_tags(desk: Desk) -> None:
    deep = parse("not (" * (MAX_DEPTH // 2 - 1) + "tag:eu or tag:us" + ")" * (MAX_DEPTH // 2 - 1))
    desk.add(4, "us")
    desk.freeze(all_of([any_of([deep, US]), US]))

    assert desk.send(FakeTransport(), all_of([US, any_of([US, deep])])).account.counts == {State.ACCEPTED: 4}


def test_the_same_words_mean_on_a_later_day_what_they_meant_when_the_mailing_began(desk: Desk) -> None:
    desk.add(4)
    lately = parse("joined in last 2 days")
    assert desk.freeze(lately).audience == "joined since 2026-02-28"
    desk.clock.sleep(3 * 24 * 3600)

    assert desk.plan(FakeTransport(), lately).to_send == 4
    with pytest.raises(BadInput, match="for joined since 2026-02-28"):
        desk.plan(FakeTransport(), parse("joined in last 3 days"))
    with pytest.raises(BadInput, match="for joined since 2026-02-28"):
        desk.plan(FakeTransport(), parse("everybody"))


def test_who_got_an_issue_from_the_same_way_out_can_be_left_alone(desk: Desk) -> None:
    desk.add(4)
    desk.send(FakeTransport([REFUSED]))
    build = replace(desk.made.build, issue="vol-2-issue-9")
    may = replace(desk, made=replace(desk.made, build=build))

    assert may.plan(FakeTransport(), parse("got vol-1-issue-6")).to_send == 3
    assert may.plan(FakeTransport(), parse("not got vol-1-issue-6")).to_send == 1
    assert may.plan(FakeTransport(name="ses"), parse("got vol-1-issue-6")).to_send == 0


def test_a_mailing_goes_on_with_the_same_contents_only(desk: Desk) -> None:
    desk.add(4)
    desk.freeze()

    with pytest.raises(BadInput, match="with other contents"):
        desk.changed("Another subject").send(FakeTransport())

    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 4}


@pytest.mark.parametrize("frozen", [None, US])
def test_a_mailing_goes_on_to_the_same_audience_only(desk: Desk, frozen: Expression | None) -> None:
    desk.add(4, "us", "eu")
    desk.freeze(frozen)

    with pytest.raises(BadInput, match="for tag:us" if frozen else "for everybody on the list"):
        desk.send(FakeTransport(), tagged("eu"))


def test_only_missing_needs_an_earlier_mailing_and_joining_an_open_one(desk: Desk) -> None:
    desk.add(2)
    with pytest.raises(BadInput, match="was never sent"):
        desk.plan(FakeTransport(), only_missing=True)
    with pytest.raises(BadInput, match="open to join"):
        desk.plan(FakeTransport(), join=True)
    desk.send(FakeTransport())
    desk.add(3)

    assert desk.send(FakeTransport(), only_missing=True).account.counts == {State.ACCEPTED: 1}
