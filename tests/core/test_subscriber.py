from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.acts import Release
from newsletter.core.standing import BLOCKED, after
from newsletter.core.subscriber import Consent, Standing, Subscriber, address_key, merged
from newsletter.errors import BadInput

NOW = datetime(2026, 3, 1, tzinfo=UTC)

CONSENTS = st.builds(Consent, st.sampled_from(["", "form", "import"]), st.none() | st.datetimes(timezones=st.just(UTC)))
SUBSCRIBERS = st.builds(
    Subscriber,
    address=st.just("ann@example.org"),
    first_name=st.sampled_from(["", "Ann", "Anne"]),
    last_name=st.sampled_from(["", "Lee"]),
    tags=st.frozensets(st.sampled_from("abcd")),
    fields=st.dictionaries(st.sampled_from(["city", "size"]), st.sampled_from(["", "Bern", "XL"])),
    standing=st.sampled_from(Standing),
    consent=CONSENTS,
    uid=st.sampled_from(["", "u1", "u2"]),
)


@given(SUBSCRIBERS, SUBSCRIBERS)
def test_an_import_never_makes_somebody_mailable_who_was_not(known: Subscriber, incoming: Subscriber) -> None:
    assert known.standing.mailable or not merged(known, incoming).standing.mailable


@given(SUBSCRIBERS, SUBSCRIBERS)
def test_an_import_that_says_not_to_mail_somebody_is_obeyed(known: Subscriber, incoming: Subscriber) -> None:
    assert incoming.standing.mailable or not merged(known, incoming).standing.mailable


@given(SUBSCRIBERS, SUBSCRIBERS)
def test_of_two_standings_the_stricter_one_holds_in_whatever_order_they_come(one: Subscriber, two: Subscriber) -> None:
    assert merged(one, two).standing is merged(two, one).standing
    assert merged(one, two).standing in {one.standing, two.standing}


def test_who_never_confirmed_and_then_left_has_left() -> None:
    ann = Subscriber(address="ann@example.org", standing=Standing.UNCONFIRMED)
    left = replace(ann, standing=Standing.UNSUBSCRIBED, reason="by form")
    assert merged(ann, left).reason == merged(left, ann).reason == "by form"


@pytest.mark.parametrize("block", sorted(BLOCKED))
def test_whoever_left_and_is_blocked_has_left_so_that_no_release_brings_them_back(block: Standing) -> None:
    blocked = Subscriber(address="ann@example.org", standing=block, consent=Consent("form"))
    left = replace(blocked, standing=Standing.UNSUBSCRIBED, reason="by form")
    for result in (merged(left, blocked), merged(blocked, left)):
        assert (result.standing, result.reason) == (Standing.UNSUBSCRIBED, "by form")
        with pytest.raises(BadInput, match="unsubscribed themselves"):
            after(Release("typed wrong"), result, NOW)


@given(SUBSCRIBERS, SUBSCRIBERS)
def test_importing_twice_is_importing_once(known: Subscriber, incoming: Subscriber) -> None:
    once = merged(known, incoming)
    assert merged(once, incoming) == once


@given(SUBSCRIBERS, SUBSCRIBERS)
def test_tags_add_up(known: Subscriber, incoming: Subscriber) -> None:
    assert merged(known, incoming).tags == known.tags | incoming.tags


@given(SUBSCRIBERS, SUBSCRIBERS)
def test_an_import_changes_neither_who_it_is_nor_consent_once_given(known: Subscriber, incoming: Subscriber) -> None:
    result = merged(known, incoming)
    assert (result.uid, result.address) == (known.uid, known.address)
    if result.standing is Standing.UNCONFIRMED or Standing.UNCONFIRMED not in {known.standing, incoming.standing}:
        assert result.consent == (known.consent if known.consent != Consent() else incoming.consent)


@pytest.mark.parametrize("block", sorted(BLOCKED))
def test_a_sign_up_that_nobody_confirmed_is_no_consent_once_somebody_is_released(block: Standing) -> None:
    signed_up = Subscriber(address="ann@example.org", standing=Standing.UNCONFIRMED, consent=Consent("form", NOW))
    blocked = Subscriber(address="ann@example.org", standing=block)
    for result in (merged(signed_up, blocked), merged(blocked, signed_up)):
        assert after(Release("typed wrong"), result, NOW).subscriber.standing is Standing.UNCONFIRMED


@given(SUBSCRIBERS, SUBSCRIBERS)
def test_what_an_import_leaves_empty_stays(known: Subscriber, incoming: Subscriber) -> None:
    result = merged(known, incoming)
    assert result.first_name == (incoming.first_name or known.first_name)
    assert all(result.fields[key] == (incoming.fields.get(key) or value) for key, value in known.fields.items())


@pytest.mark.parametrize("address", ["Ann@Example.org", "ANN@EXAMPLE.ORG", " ann@example.org\n"])
def test_case_and_surrounding_space_do_not_make_another_subscriber(address: str) -> None:
    assert address_key(address) == address_key("ann@example.org")


def test_dots_and_plus_parts_do_make_another_subscriber() -> None:
    assert len({address_key(f"{local}@example.org") for local in ("a.b", "ab", "ab+news")}) == 3


def test_only_an_active_subscriber_may_be_mailed() -> None:
    assert [standing for standing in Standing if standing.mailable] == [Standing.ACTIVE]


def test_the_display_name_is_made_of_the_names_there_are() -> None:
    ann = Subscriber(address="ann@example.org")
    assert ann.display_name == ""
    assert replace(ann, first_name="Ann").display_name == "Ann"
    assert replace(ann, first_name="Ann", last_name="Lee").display_name == "Ann Lee"
