"""Every kind of event becomes one value, whatever is wrapped around it; what is no event is said to be none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.feedback import Event, Kind, Proof
from newsletter.core.ses_events import NoEvent, read_event

EVENTS = Path(__file__).parents[1] / "data" / "events"
NAMES = sorted(path.stem for path in EVENTS.glob("*.json"))
OURS = "k3v9x0q2m7ab-1042"
MESSAGE = "0107018e0c5d21a0-7c1f5b0e-4a37-4f0b-9a52-1d8c6e0f3b77-000000"
GREETING = "Successfully validated SNS topic for Amazon SES event publishing."


def recorded(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return read


def event(data: Any) -> Event:
    read = read_event(json.dumps(data))
    assert read is not None
    return read


def by_sns(data: Any) -> dict[str, Any]:
    message = data if isinstance(data, str) else json.dumps(data)
    return {"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:x", "Message": message}


def by_sqs(data: Any) -> dict[str, Any]:
    return {"MessageId": "2", "ReceiptHandle": "x", "Body": data if isinstance(data, str) else json.dumps(data)}


def by_event_bridge(data: Any) -> dict[str, Any]:
    named = {"version": "0", "id": "3", "source": "aws.ses", "detail-type": "Email Bounced", "resources": []}
    return {**named, "account": "123456789012", "region": "eu-central-1", "detail": data}


KINDS = {
    "send": Kind.SEND,
    "delivery": Kind.DELIVERY,
    "delivery-delay": Kind.DELAY,
    "reject": Kind.REJECT,
    "rendering-failure": Kind.RENDERING_FAILURE,
    "open": Kind.OPEN,
    "click": Kind.CLICK,
    "subscription": Kind.SUBSCRIPTION,
    **{name: Kind.BOUNCE for name in NAMES if name.startswith("bounce")},
    **{name: Kind.COMPLAINT for name in NAMES if name.startswith("complaint")},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_is_known_and_names_our_delivery(name: str) -> None:
    read = event(recorded(name))
    assert (read.kind, read.delivery, read.message_id) == (KINDS[name], OURS, MESSAGE)
    assert read.sent_at == datetime(2026, 3, 2, 12, 0, 4, 512_000, UTC)
    assert read.at is not None
    assert read.at >= read.sent_at


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "wrap",
    [by_sns, by_sqs, by_event_bridge, lambda data: by_sqs(by_sns(data)), lambda data: by_sqs(by_event_bridge(data))],
)
def test_what_is_wrapped_around_an_event_is_taken_off(name: str, wrap: Callable[[Any], Any]) -> None:
    assert event(wrap(recorded(name))) == event(recorded(name))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bounce-permanent-general", ("Permanent", "General", "5.1.1")),
        ("bounce-permanent-noemail", ("Permanent", "NoEmail", "")),
        ("bounce-transient-mailboxfull", ("Transient", "MailboxFull", "5.2.2")),
        ("bounce-undetermined", ("Undetermined", "Undetermined", "")),
        ("complaint-abuse", ("abuse", "", "")),
        ("complaint-not-spam", ("not-spam", "", "")),
        ("complaint-onaccountsuppressionlist", ("", "OnAccountSuppressionList", "")),
        ("delivery-delay", ("MailboxFull", "", "4.2.2")),
        ("reject", ("", "", "Bad content")),
        ("click", ("block 6", "link 2", "https://finds.example.com/2026/ghent-v2g-charging-plaza")),
        ("subscription", ("unsubscribe", "", "")),
    ],
)
def test_the_details_are_those_of_the_event(name: str, told: tuple[str, str, str]) -> None:
    read = event(recorded(name))
    assert (read.type, read.subtype, read.detail) == told


@pytest.mark.parametrize("name", NAMES)
def test_no_address_is_kept(name: str) -> None:
    assert "@" not in repr(event(recorded(name)))


def test_the_same_event_has_the_same_key_and_another_one_has_another() -> None:
    one, other = recorded("bounce-transient-general"), recorded("bounce-transient-general")
    other["bounce"]["feedbackId"] = "another"
    first, second = recorded("click"), recorded("click")
    second["click"]["link"] = "https://elsewhere.example.com/"

    assert event(one).key == event(recorded("bounce-transient-general")).key != event(other).key
    assert event(first).key == event(recorded("click")).key != event(second).key


@pytest.mark.parametrize(
    "tags",
    [None, [], {}, {"block": ["6"]}, {"block": ["finds"], "link": ["2"]}, {"block": "6", "link": ["2"]}]
    + [{"block": ["6"], "link": [wrong]} for wrong in ("0", "-1", "1.5", "12345", "٣", 2, None, "2\n")],
)
def test_tags_of_a_link_that_are_not_ours_say_nothing(tags: object) -> None:
    data = recorded("click")
    data["click"]["linkTags"] = tags
    assert (event(data).type, event(data).subtype) == ("", "")


def test_clicks_on_two_links_to_one_page_at_one_moment_are_two() -> None:
    one, other, untagged = recorded("click"), recorded("click"), recorded("click")
    other["click"]["linkTags"]["link"] = ["3"]
    del untagged["click"]["linkTags"]
    assert len({event(each).key for each in (one, other, untagged)}) == 3


def test_without_tags_the_header_names_the_delivery() -> None:
    data = recorded("delivery")
    del data["mail"]["tags"]["delivery"]
    assert event(data).delivery == OURS


def test_mail_of_others_names_no_delivery_and_proves_nothing() -> None:
    data = recorded("delivery")
    del data["mail"]["tags"], data["mail"]["headers"]
    assert (event(data).delivery, event(data).proves) == ("", None)


def test_a_kind_that_ses_adds_one_day_still_proves_that_the_message_was_accepted() -> None:
    read = event({**recorded("send"), "eventType": "Read Aloud"})
    assert (read.kind, read.proves) == (Kind.OTHER, Proof.ACCEPTED)


def test_a_preference_that_leaves_a_topic_open_is_no_leaving() -> None:
    data = recorded("subscription")
    data["subscription"]["newTopicPreferences"]["unsubscribeAll"] = False
    assert event(data).type == "unsubscribe", "every topic is left"
    data["subscription"]["newTopicPreferences"]["topicSubscriptionStatus"].append({"subscriptionStatus": "OptIn"})
    assert event(data).type == ""


@pytest.mark.parametrize("wrap", [dict, by_sns, lambda data: by_sqs(by_sns(data))])
def test_a_wish_to_leave_from_a_door_without_a_database(wrap: Callable[[Any], Any]) -> None:
    wish = {"kind": "unsubscribe", "subscriber": "s-1", "mailing": "m-1", "at": "2026-03-02T13:00:00+01:00"}
    read = event(wrap(wish))
    assert (read.kind, read.subscriber, read.mailing, read.proves) == (Kind.UNSUBSCRIBE, "s-1", "m-1", None)
    assert read.at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


CONFIRM = {**by_sns("You have chosen to subscribe to the topic"), "Type": "SubscriptionConfirmation"}


@pytest.mark.parametrize("data", [by_sns(GREETING), by_sqs(GREETING), by_sqs(by_sns(GREETING)), CONFIRM])
def test_what_sns_says_of_itself_is_no_event_and_no_fault(data: Any) -> None:
    assert read_event(json.dumps(data)) is None


def test_the_greeting_of_ses_is_none_either_where_nothing_is_wrapped_around_it() -> None:
    assert read_event(GREETING) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[1]", '"text"', "7", "null", "{}", '{"Message": 7}', '{"Message": "{"}', '{"eventType": "Send"}',
        '{"eventType": "Send", "mail": "none"}', '{"eventType": "Send", "mail": {"tags": {"delivery": ["x"]}}}',
        '{"kind": "unsubscribe"}', '{"kind": "unsubscribe", "subscriber": ["x"], "mailing": ""}',
        '{"kind": "unsubscribe", "subscriber": "", "mailing": ""}',
        '{"kind": "unsubscribe", "subscriber": "x", "mailing": "", "at": "yesterday"}',
        '{"eventType": "Send", "mail": {"messageId": "m", "timestamp": "0001-01-01T00:00:00+14:00"}}',
        '{"Message": "words"}', '{"Body": ""}', "[" * 100_000, '{"Message": ' * 100_000, "1" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_event_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoEvent, match="is "):
        read_event(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("eventType", "mail", "Body", "Message", "detail", "kind", "bounce", "click", "subscription", "complaint")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.sampled_from(["Bounce", "Click", "Subscription"])))
def test_whatever_comes_is_an_event_or_said_to_be_none(data: dict[str, Any]) -> None:
    try:
        read = read_event(json.dumps(data))
    except NoEvent:
        return
    assert read is None or isinstance(read, Event)


@given(st.sampled_from(NAMES), st.data())
def test_an_event_with_something_strange_in_it_is_one_or_said_to_be_none(name: str, data: st.DataObject) -> None:
    recording = recorded(name)
    place = data.draw(st.sampled_from([recording, recording["mail"], *(each for each in recording.values() if each)]))
    if isinstance(place, dict):
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON)
    try:
        read = read_event(json.dumps(recording))
    except NoEvent:
        return
    assert read is None or isinstance(read, Event)
