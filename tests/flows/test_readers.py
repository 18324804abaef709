"""What readers do, over time and with a transport that has its own mind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from newsletter.core import acts as subscriber_acts
from newsletter.core.audience import EVERYBODY
from newsletter.core.delivery import Mailing, NewMailing, Refused, reader_of_letter
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.ports.readers import Readers, Whom
from newsletter.core.standing import Step
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.edges.files import Project
from newsletter.edges.kept import KeptBuilds
from newsletter.edges.store import Store
from newsletter.errors import StoreError
from newsletter.flows.build import Edition
from newsletter.flows.errands import Errand
from newsletter.flows.letters import Letters, Post, letters
from newsletter.flows.readers import Asked, Reception, Wishes, come_back, confirm, leave, may_pause, prefer, sign_up
from tests.fakes import LOST, NOON, REFUSED, THROTTLE, Act, FakeClock, FakeTransport
from tests.stores import on_the_list

ANN = "ann@example.org"
ANNS = Whom(address=ANN)


@dataclass
class House:
    """A reception with a fake clock and a scripted transport."""

    store: Store
    folder: Path
    made: Letters
    script: Iterable[Act | None] = ()
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[str] = field(default_factory=list)
    failed: bool = False

    def __post_init__(self) -> None:
        self.transport = FakeTransport(self.script)
        numbers = count(1)
        self.at = Reception(
            readers=self.store.readers,
            mailings=self.store.mailings,
            kept=KeptBuilds(self.folder / "mailings"),
            post=Post(
                self.transport, self.clock, LinkMaker("https://n.example.org", ["k" * 32]), self.made.publication
            ),
            letters=self.made,
            new_uid=lambda: f"uid{next(numbers)}",
            tell=self.told.append,
            later=self._at_once,
        )

    def _at_once(self, _: str, errand: Errand) -> None:
        self.failed = not errand()

    def sign_up(self, address: str = ANN) -> Asked:
        return sign_up(self.at, address, Wishes(), "203.0.113.7")

    def ann(self) -> Subscriber:
        found = self.store.readers.find(ANNS)
        assert found
        return found

    @property
    def bearer(self) -> Bearer:
        return Bearer(self.ann().uid, "may")

    def welcomes_with_latest(self) -> None:
        with_latest = self.made.publication.model_copy(update={"welcome_with_latest": True})
        changed = replace(self.made, confirmation=replace(self.made.confirmation, publication=with_latest))
        self.at = replace(self.at, letters=changed)

    def finished(self, build_of: Edition, transport: str = "outbox") -> Mailing:
        """Leave what a mailing leaves that went out whole."""
        build = build_of.build
        new = NewMailing(build.issue, build.digest, build.subject, transport)
        mailing = self.store.mailings.freeze(new, EVERYBODY, NOON)
        self.at.kept.put(mailing.uid, build)
        return mailing


@pytest.fixture(scope="module")
def rendered() -> Letters:
    return letters(Project(Path(__file__).parents[2]), {}, None)


@pytest.fixture
def house(store: Store, tmp_path: Path, rendered: Letters) -> House:
    return House(store, tmp_path, rendered)


def test_the_same_address_is_mailed_again_after_ten_minutes_whoever_remembers(house: House) -> None:
    house.sign_up()
    house.clock.sleep(599)
    again = House(house.store, house.folder, house.made, clock=house.clock)  # as after a restart
    assert again.sign_up() is Asked.YES
    assert again.transport.parcels == []
    house.clock.sleep(1)
    assert again.sign_up() is Asked.YES
    assert len(again.transport.parcels) == 1
    assert confirm(again.at, again.bearer, "")


def test_whose_consent_is_said_to_lie_ahead_is_asked_all_the_same_and_then_once(house: House) -> None:
    ahead = Consent("a list from elsewhere", NOON + timedelta(days=400))
    house.store.subscribers.put([Subscriber(address=ANN, standing=Standing.UNCONFIRMED, consent=ahead)], NOON)
    house.sign_up()
    house.clock.sleep(599)
    house.sign_up()
    assert len(house.transport.parcels) == 1
    assert confirm(house.at, house.bearer, "")


@pytest.mark.parametrize("outcome", [REFUSED, THROTTLE])
def test_a_mail_that_certainly_did_not_go_out_leaves_no_trace_and_is_one_call(
    store: Store, tmp_path: Path, rendered: Letters, outcome: Act
) -> None:
    house = House(store, tmp_path, rendered, [outcome])
    assert house.sign_up() is Asked.YES
    assert house.failed is (outcome is THROTTLE)  # what is refused is not tried again
    assert len(house.transport.parcels) == len(house.told) == 1
    assert store.readers.find(ANNS) is None
    assert house.sign_up() is Asked.YES
    assert house.ann().standing is Standing.UNCONFIRMED


def test_what_a_transport_says_is_told_without_the_address(store: Store, tmp_path: Path, rendered: Letters) -> None:
    house = House(store, tmp_path, rendered, [Refused(f"not verified: {ANN.upper()}")])
    house.sign_up()
    assert house.told == ["a mail that asks to confirm was not sent: not verified: (the reader)"]


def test_whoever_signed_up_elsewhere_meanwhile_gets_no_second_mail(house: House) -> None:
    kept: list[Errand] = []
    house.at = replace(house.at, later=lambda _, errand: kept.append(errand))
    house.sign_up()
    house.sign_up()
    assert [errand() for errand in kept] == [True, True]
    assert len(house.transport.parcels) == 1


def test_a_mail_that_may_have_gone_out_can_be_confirmed(store: Store, tmp_path: Path, rendered: Letters) -> None:
    house = House(store, tmp_path, rendered, [LOST])
    assert house.sign_up() is Asked.YES
    assert confirm(house.at, house.bearer, "")


def test_a_failure_leaves_whoever_left_as_they_were(store: Store, tmp_path: Path, rendered: Letters) -> None:
    house = House(store, tmp_path, rendered, [None, REFUSED])
    house.sign_up()
    confirm(house.at, house.bearer, "")
    leave(house.at, house.bearer)
    before = house.ann()
    assert house.sign_up() is Asked.YES
    assert house.ann() == before


def test_delivery_ids_of_letters_are_none_of_a_mailing(house: House) -> None:
    house.sign_up()
    (parcel,) = house.transport.parcels
    assert not parcel.delivery_id.rpartition("-")[2].isdecimal()
    assert reader_of_letter(parcel.delivery_id) == house.ann().uid
    assert reader_of_letter(f"confirm{'0' * 5}-{20_261_122}") == ""
    assert parcel.mailing_uid == "confirm"
    assert ANN not in parcel.delivery_id


def test_only_whoever_left_comes_back_by_the_page_after_leaving(house: House) -> None:
    house.sign_up()
    assert not come_back(house.at, house.bearer, "")
    assert house.ann().standing is Standing.UNCONFIRMED
    confirm(house.at, house.bearer, "")
    leave(house.at, house.bearer)
    assert come_back(house.at, house.bearer, "203.0.113.9")
    assert house.ann().consent.source == "the page after leaving"
    assert not come_back(house.at, Bearer("nobody", "may"), "")


class Failing:
    """Readers who are changed once; then the store fails."""

    def __init__(self, readers: Readers) -> None:
        self.find = readers.find
        self._readers, self._changed = readers, False

    def change(self, whom: Whom, act: subscriber_acts.Act, at: datetime) -> Step | None:
        if self._changed:
            raise StoreError("the database does not answer")
        self._changed = True
        return self._readers.change(whom, act, at)


def test_whoever_comes_back_is_never_left_halfway(house: House) -> None:
    house.sign_up()
    confirm(house.at, house.bearer, "")
    leave(house.at, house.bearer)
    readers: Any = Failing(house.store.readers)
    assert come_back(replace(house.at, readers=readers), house.bearer, "")
    assert house.ann().standing is Standing.ACTIVE


def test_the_latest_issue_goes_only_to_newcomers_and_only_if_it_went_out_whole(house: House, made: Edition) -> None:
    house.welcomes_with_latest()
    mailing = house.finished(made)
    house.sign_up("bob@example.org")
    bob = house.store.readers.find(Whom(address="bob@example.org"))
    assert bob
    confirm(house.at, Bearer(bob.uid, "confirm"), "")
    assert len(house.transport.parcels) == 1  # it is still going out
    house.store.mailings.finish(mailing, NOON)
    house.sign_up()
    for _ in range(2):
        confirm(house.at, house.bearer, "")
    *_, latest = house.transport.parcels
    assert len(house.transport.parcels) == 3
    assert latest.delivery_id.startswith("latest-")
    assert f"{house.ann().uid}.{mailing.uid}.".encode() in latest.message.replace(b"=\r\n", b"")


def test_whoever_confirms_is_on_the_list_though_the_latest_issue_cannot_be_read(house: House, made: Edition) -> None:
    house.welcomes_with_latest()
    mailing = house.finished(made)
    house.store.mailings.finish(mailing, NOON)
    (house.folder / "mailings" / f"{mailing.uid}.json").write_text("{")
    house.sign_up()

    assert confirm(house.at, house.bearer, "")
    (told,) = house.told
    assert told.startswith("a welcome may not have been sent: ")
    assert "does not hold a build" in told


def test_a_pause_lasts_a_year_at_most(house: House) -> None:
    assert not may_pause(NOON, NOON)
    assert may_pause(NOON + timedelta(seconds=1), NOON)
    assert may_pause(NOON + timedelta(days=366), NOON)
    assert not may_pause(NOON + timedelta(days=367), NOON)


def test_preferences_of_nobody_are_not_saved(house: House) -> None:
    assert prefer(house.at, Bearer("nobody", "may"), Wishes(first_name="Eve"), None) is None
    assert on_the_list(house.store) == 0
