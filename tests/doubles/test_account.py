from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_sesv2 import SESV2Client

from tests.doubles import SesDouble
from tests.doubles.requests import refused, send_raw


def test_the_account_tells_its_limits_and_standing(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(max_send_rate=14, max_24_hour_send=50_000, sent_last_24_hours=10, sandbox=True)
    send_raw(client, to="news@example.com")

    account = client.get_account()

    assert account["SendQuota"] == {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 11.0}
    assert (account["ProductionAccessEnabled"], account["SendingEnabled"]) == (False, True)
    assert account["EnforcementStatus"] == "HEALTHY"


def test_an_identity_tells_how_it_was_verified(ses: SesDouble, client: SESV2Client) -> None:
    named = {"name": "example.com", "verified": False, "dkim": "PENDING", "mail_from_domain": "b.example.com"}
    ses.configure(identities=[named, "me@example.net"])

    domain = client.get_email_identity(EmailIdentity="example.com")
    address = client.get_email_identity(EmailIdentity="me@example.net")

    assert (domain["IdentityType"], domain["VerifiedForSendingStatus"]) == ("DOMAIN", False)
    assert domain["DkimAttributes"]["Status"] == "PENDING"
    assert domain["MailFromAttributes"]["MailFromDomain"] == "b.example.com"
    assert (address["IdentityType"], address["VerifiedForSendingStatus"]) == ("EMAIL_ADDRESS", True)


def test_an_identity_that_is_not_there_is_not_found(ses: SesDouble, client: SESV2Client) -> None:
    with pytest.raises(ClientError) as raised:
        client.get_email_identity(EmailIdentity="example.net")

    assert refused(raised) == (404, "NotFoundException")


def test_a_suppressed_address_is_kept_until_it_is_deleted(ses: SesDouble, client: SESV2Client) -> None:
    client.put_suppressed_destination(EmailAddress="A+b/c@example.net", Reason="BOUNCE")

    found = client.get_suppressed_destination(EmailAddress="a+b/c@example.net")["SuppressedDestination"]
    assert (found["EmailAddress"], found["Reason"]) == ("a+b/c@example.net", "BOUNCE")
    client.delete_suppressed_destination(EmailAddress="a+b/c@example.net")
    for call in (client.get_suppressed_destination, client.delete_suppressed_destination):
        with pytest.raises(ClientError) as raised:
            call(EmailAddress="a+b/c@example.net")
        assert refused(raised) == (404, "NotFoundException")


def test_the_suppression_list_comes_in_pages(ses: SesDouble, client: SESV2Client) -> None:
    for number in range(5):
        client.put_suppressed_destination(
            EmailAddress=f"r{number}@example.net", Reason="COMPLAINT" if number == 4 else "BOUNCE"
        )

    first = client.list_suppressed_destinations(Reasons=["BOUNCE"], PageSize=3)
    rest = client.list_suppressed_destinations(Reasons=["BOUNCE"], PageSize=3, NextToken=first["NextToken"])

    pages = [first["SuppressedDestinationSummaries"], rest["SuppressedDestinationSummaries"]]
    assert [[one["EmailAddress"][:2] for one in page] for page in pages] == [["r0", "r1", "r2"], ["r3"]]
    assert "NextToken" not in rest
    with pytest.raises(ClientError) as raised:
        client.list_suppressed_destinations(NextToken="made up")
    assert refused(raised) == (400, "InvalidNextTokenException")


def test_the_sandbox_has_no_suppression_list(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(sandbox=True)

    with pytest.raises(ClientError) as raised:
        client.put_suppressed_destination(EmailAddress="a@example.net", Reason="BOUNCE")
    assert refused(raised) == (400, "BadRequestException")


def test_a_suppression_needs_a_known_reason_and_a_page_a_size(ses: SesDouble, client: SESV2Client) -> None:
    reason: Any = "DISLIKE"
    with pytest.raises(ClientError, match="Invalid reason"):
        client.put_suppressed_destination(EmailAddress="a@example.net", Reason=reason)
    for size in (0, 1001):
        with pytest.raises(ClientError, match="PageSize"):
            client.list_suppressed_destinations(PageSize=size)


def test_a_configuration_set_tells_where_its_events_go(ses: SesDouble, client: SESV2Client) -> None:
    topic = {"TopicArn": "arn:aws:sns:eu-central-1:123456789012:events"}
    ses.configure(
        configuration_sets=["events"],
        paused_configuration_sets=["events"],
        set_described={"SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]}},
        event_destinations=[
            {"Name": "sns", "Enabled": True, "MatchingEventTypes": ["BOUNCE"], "SnsDestination": topic}
        ],
    )

    told = client.get_configuration_set(ConfigurationSetName="events")
    (destination,) = client.get_configuration_set_event_destinations(ConfigurationSetName="events")["EventDestinations"]

    assert (told["SendingOptions"], told["SuppressionOptions"]["SuppressedReasons"]) == (
        {"SendingEnabled": False},
        ["BOUNCE"],
    )
    assert destination["SnsDestination"] == topic
    for call in (client.get_configuration_set, client.get_configuration_set_event_destinations):
        with pytest.raises(ClientError) as raised:
            call(ConfigurationSetName="other")
        assert refused(raised) == (404, "NotFoundException")


def test_who_may_not_ask_is_told_which_action_it_is(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(denied=["ses:GetAccount"])

    with pytest.raises(ClientError, match="not authorized to perform: ses:GetAccount") as raised:
        client.get_account()
    assert refused(raised) == (403, "AccessDeniedException")


def test_every_answer_has_its_time(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(clock_offset_seconds=-86_400.0)

    headers = client.get_account()["ResponseMetadata"]["HTTPHeaders"]
    off = parsedate_to_datetime(headers["date"]) - datetime.now(UTC)
    assert abs(off.total_seconds() + 86_400) < 60
