import json
from typing import Any

import pytest
from mypy_boto3_sesv2 import SESV2Client

from tests.doubles import SesDouble
from tests.doubles.requests import READER, send_raw


def _send(client: SESV2Client, *readers: str) -> list[str]:
    return [send_raw(client, to=reader, tags={"rid": "7"}, ConfigurationSetName="main") for reader in readers]


def _kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["eventType"] for event in events]


@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("reader@example.net", ["Send", "Delivery"]),
        ("success+1@simulator.amazonses.com", ["Send", "Delivery"]),
        ("bounce+1@simulator.amazonses.com", ["Send", "Bounce"]),
        ("complaint+1@simulator.amazonses.com", ["Send", "Delivery", "Complaint"]),
    ],
)
def test_the_simulator_answers_as_it_is_named(
    ses: SesDouble, client: SESV2Client, address: str, kinds: list[str]
) -> None:
    (message_id,) = _send(client, address)

    events = ses.events()
    assert _kinds(events) == kinds
    assert {event["mail"]["messageId"] for event in events} == {message_id}
    assert all(event["mail"]["tags"]["rid"] == ["7"] for event in events)
    assert all(event["mail"]["tags"]["ses:configuration-set"] == ["main"] for event in events)


def test_a_hard_bounce_names_its_recipient(ses: SesDouble, client: SESV2Client) -> None:
    _send(client, "bounce@simulator.amazonses.com")

    bounce = ses.events()[1]["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "General")
    assert bounce["bouncedRecipients"][0]["emailAddress"] == "bounce@simulator.amazonses.com"


def test_mail_without_a_configuration_set_has_no_events(ses: SesDouble, client: SESV2Client) -> None:
    send_raw(client)

    assert ses.events() == []


def test_a_suppressed_recipient_is_accepted_and_bounces(ses: SesDouble, client: SESV2Client) -> None:
    client.put_suppressed_destination(EmailAddress=READER, Reason="COMPLAINT")
    _send(client, READER)

    assert ses.accepted()[0].suppressed == "COMPLAINT"
    assert ses.events()[1]["bounce"]["bounceSubType"] == "OnAccountSuppressionList"


@pytest.mark.parametrize(
    ("outcome", "kinds"),
    [
        ("bounce", ["Send", "Bounce"]),
        ("bounce_transient", ["Send", "Bounce"]),
        ("complaint", ["Send", "Delivery", "Complaint"]),
        ("delivery_delay", ["Send", "DeliveryDelay", "Delivery"]),
        ("reject", ["Send", "Reject"]),
        ("rendering_failure", ["Rendering Failure"]),
        ("send_only", ["Send"]),
        ("silence", []),
    ],
)
def test_a_rule_decides_the_fate_of_a_message(
    ses: SesDouble, client: SESV2Client, outcome: str, kinds: list[str]
) -> None:
    ses.configure(event_rules=[{"when": {"recipient": READER}, "do": outcome}])
    _send(client, READER)

    assert _kinds(ses.events()) == kinds


def test_events_come_once_and_in_order_unless_asked_otherwise(ses: SesDouble, client: SESV2Client) -> None:
    ids = _send(client, *[READER] * 5)

    assert [event["mail"]["messageId"] for event in ses.events() if event["eventType"] == "Send"] == ids
    assert len(ses.events()) == 10


def test_events_may_come_several_times_and_in_any_order(ses: SesDouble, client: SESV2Client) -> None:
    ids = _send(client, *[READER] * 20)
    ses.configure(event_duplicates=0.3, event_reorder=True, event_seed=5)

    sends = [event["mail"]["messageId"] for event in ses.events() if event["eventType"] == "Send"]
    again = [event["mail"]["messageId"] for event in ses.events() if event["eventType"] == "Send"]

    assert (sends, set(sends)) == (again, set(ids))
    assert len(sends) > 20
    assert list(dict.fromkeys(sends)) != ids


def test_late_events_come_when_their_time_has_come(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(event_delay_seconds=[60, 120])
    _send(client, READER)

    assert ses.events() == []
    ses.configure(clock_offset_seconds=121)
    assert len(ses.events()) == 2


def test_the_envelope_is_that_of_sns_and_begins_with_its_greeting(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(sns_envelope=True)
    _send(client, READER)

    greeting, send, _ = ses.events()
    assert greeting["Message"].startswith("Successfully validated SNS topic")
    assert send["Type"] == "Notification"
    assert json.loads(send["Message"])["eventType"] == "Send"


def test_all_headers_are_told_if_messages_are_kept(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(keep="messages")
    _send(client, READER)

    mail = ses.events()[0]["mail"]
    assert {"name": "X-Newsletter-Delivery", "value": "d-1"} in mail["headers"]
    assert mail["headersTruncated"] is False
