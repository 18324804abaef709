"""Pictures are put in their place once, and nothing is sent before all are there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.core.assets import Asset
from newsletter.core.publication import AssetSettings, TransportName
from newsletter.errors import BadInput, EdgeError, NotConfigured
from newsletter.flows.assets import in_place, push
from newsletter.flows.build import Edition
from newsletter.flows.planning import Request, plan
from tests.fakes import FakeStore, FakeTransport
from tests.flows.desk import Desk

PICTURES = tuple(Asset("image/png", 2, 1, bytes([number])) for number in range(3))
SETTINGS = AssetSettings(url="https://pictures.example.com")


def with_pictures(
    made: Edition, *, assets: AssetSettings | None = SETTINGS, transport: TransportName = TransportName.SES
) -> Edition:
    publication = made.publication.model_copy(update={"assets": assets, "transport": transport})
    return replace(made, publication=publication, build=replace(made.build, assets=PICTURES))


def test_a_picture_is_put_in_its_place_once(made: Edition) -> None:
    store = FakeStore({PICTURES[1].name: PICTURES[1]})

    first, second = (push(with_pictures(made), store) for _ in range(2))

    assert (first.pushed, first.there) == ([PICTURES[0], PICTURES[2]], [PICTURES[1]])
    assert (second.pushed, second.there) == ([], list(PICTURES))
    assert store.puts == 2
    assert store.kept.keys() == {each.name for each in PICTURES}


def test_a_push_that_failed_half_way_goes_on_where_it_stopped(made: Edition) -> None:
    store = FakeStore(fails=(2, EdgeError("full")))

    with pytest.raises(EdgeError):
        push(with_pictures(made), store)

    assert push(with_pictures(made), store).there == [PICTURES[0]]


def test_an_issue_goes_out_when_all_of_its_pictures_are_there(made: Edition) -> None:
    found = in_place(with_pictures(made), FakeStore({each.name: each for each in PICTURES}))

    assert found is not None
    assert (found.count, found.base) == (3, "https://pictures.example.com/")


def test_pictures_without_an_address_are_refused(made: Edition) -> None:
    with pytest.raises(NotConfigured, match="no address") as raised:
        in_place(with_pictures(made, assets=None), None)
    assert "assets.url" in raised.value.hint


def test_a_picture_that_is_not_there_is_refused_with_the_command_that_puts_it_there(made: Edition) -> None:
    store = FakeStore({PICTURES[0].name: PICTURES[0]})
    with pytest.raises(BadInput, match="2 of 3 pictures are not at https://pictures") as raised:
        in_place(with_pictures(made), store)
    assert "newsletter assets push vol-1-issue-6" in raised.value.hint


def test_messages_in_the_outbox_need_no_place_for_their_pictures(made: Edition) -> None:
    assert in_place(with_pictures(made, assets=None, transport=TransportName.OUTBOX), None) is None


def test_an_issue_without_pictures_needs_no_place_for_any(made: Edition) -> None:
    publication = made.publication.model_copy(update={"transport": TransportName.SES})
    assert in_place(replace(made, publication=publication), None) is None


def test_nothing_is_planned_while_pictures_are_missing(desk: Desk) -> None:
    desk.add(2)
    made, store = with_pictures(desk.made), FakeStore()
    office = replace(desk.office(FakeTransport(name="ses")), pictures=store)

    with pytest.raises(BadInput):
        plan(made, Request(), office)
    push(made, store)

    planned = plan(made, Request(), office)
    assert planned.pictures is not None
    assert planned.pictures.count == 3
