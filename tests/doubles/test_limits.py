import pytest
from botocore.exceptions import ClientError
from mypy_boto3_sesv2 import SESV2Client

from tests.doubles import SesDouble
from tests.doubles.errors import Refusal
from tests.doubles.limits import Limits
from tests.doubles.requests import entry, refused, send_bulk, send_raw
from tests.doubles.settings import Identity, Settings

READERS = [f"r{number}@example.net" for number in range(5)]


def test_a_steady_pace_passes_and_a_faster_one_is_throttled() -> None:
    settings, limits = Settings(max_send_rate=10.0), Limits()
    for tenth in range(100):
        limits.take(settings, 1000 + tenth / 10, recipients=1, towards_quota=1)

    for _ in range(10):
        limits.take(settings, 1011.0, recipients=1, towards_quota=1)
    with pytest.raises(Refusal, match=r"Maximum sending rate exceeded\."):
        limits.take(settings, 1011.0, recipients=1, towards_quota=1)


def test_a_large_message_passes_and_leaves_a_debt() -> None:
    settings, limits = Settings(max_send_rate=10.0), Limits()
    limits.take(settings, 1000.0, recipients=50, towards_quota=50)

    with pytest.raises(Refusal):
        limits.take(settings, 1004.0, recipients=1, towards_quota=1)
    limits.take(settings, 1004.2, recipients=1, towards_quota=1)


def test_the_quota_rolls_over_24_hours() -> None:
    settings, limits = Settings(max_24_hour_send=2.0), Limits()
    limits.take(settings, 0.0, recipients=1, towards_quota=1)
    limits.take(settings, 7200.0, recipients=1, towards_quota=1)

    with pytest.raises(Refusal, match="Daily message quota exceeded"):
        limits.take(settings, 7200.0, recipients=1, towards_quota=1)
    limits.take(settings, 24 * 3600 + 120.0, recipients=1, towards_quota=1)
    assert limits.sent(settings, 24 * 3600 + 120.0) == 2


def test_going_over_the_rate_is_a_429(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(max_send_rate=0.5)
    send_raw(client)

    with pytest.raises(ClientError, match=r"Maximum sending rate exceeded\.") as raised:
        send_raw(client)

    assert refused(raised) == (429, "TooManyRequestsException")
    assert len(ses.accepted()) == 1


def test_time_pays_the_debt(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(max_send_rate=0.5)
    send_raw(client)
    ses.configure(clock_offset_seconds=3)

    send_raw(client)

    assert len(ses.accepted()) == 2


@pytest.mark.parametrize(
    ("kind", "status"),
    [("TooManyRequestsException", 429), ("LimitExceededException", 400), ("ThrottlingException", 400)],
)
def test_going_over_the_quota_is_refused(ses: SesDouble, client: SESV2Client, kind: str, status: int) -> None:
    ses.configure(max_24_hour_send=200, sent_last_24_hours=199, quota_error=kind)
    send_raw(client, to="success@simulator.amazonses.com")
    send_raw(client)

    with pytest.raises(ClientError, match="Daily message quota exceeded") as raised:
        send_raw(client)
    assert refused(raised) == (status, kind)


def test_a_limit_within_a_bulk_call_refuses_the_rest_of_its_entries(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(max_24_hour_send=3)

    statuses = send_bulk(client, [entry(reader) for reader in READERS])

    assert statuses == ["SUCCESS"] * 3 + ["ACCOUNT_DAILY_QUOTA_EXCEEDED"] * 2
    with pytest.raises(ClientError, match="Daily message quota exceeded"):
        send_bulk(client, [entry(reader) for reader in READERS])
    assert len(ses.accepted()) == 3


def test_the_rate_within_a_bulk_call_throttles_the_rest_of_its_entries(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(max_send_rate=2)

    assert send_bulk(client, [entry(reader) for reader in READERS]) == ["SUCCESS"] * 2 + ["ACCOUNT_THROTTLED"] * 3


@pytest.mark.parametrize(
    ("settings", "error", "status"),
    [
        ({"sending_enabled": False}, "SendingPausedException", "ACCOUNT_SENDING_PAUSED"),
        ({"enforcement_status": "SHUTDOWN"}, "AccountSuspendedException", "ACCOUNT_SUSPENDED"),
        (
            {"paused_configuration_sets": ["main"]},
            "SendingPausedException",
            "CONFIGURATION_SET_SENDING_PAUSED",
        ),
        ({"configuration_sets": ["other"]}, "NotFoundException", "CONFIGURATION_SET_NOT_FOUND"),
    ],
)
def test_an_account_that_may_not_send_refuses_everything(
    ses: SesDouble, client: SESV2Client, settings: dict[str, object], error: str, status: str
) -> None:
    ses.configure(**settings)

    with pytest.raises(ClientError) as single:
        send_raw(client, ConfigurationSetName="main")
    with pytest.raises(ClientError) as bulk:
        send_bulk(client, [entry()], ConfigurationSetName="main")
    assert refused(single)[1] == refused(bulk)[1] == error

    ses.configure(bulk_account_refusal="entry")
    assert send_bulk(client, [entry()], ConfigurationSetName="main") == [status]
    assert not ses.accepted()


def test_a_sandbox_sends_to_verified_addresses_and_the_simulator_only(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(sandbox=True, identities=["example.com", "me@example.net"])
    send_raw(client, to=["me@example.net", "you@example.com", "bounce+1@simulator.amazonses.com"])

    with pytest.raises(ClientError, match=r"not verified.*: reader@example.net") as raised:
        send_raw(client, to="reader@example.net")
    assert refused(raised) == (400, "MessageRejected")


def test_a_mail_from_domain_that_is_not_verified_stops_sending(ses: SesDouble, client: SESV2Client) -> None:
    identity = Identity("example.com", mail_from_domain="bounce.example.com", mail_from_status="FAILED")
    ses.configure(identities=[{name: getattr(identity, name) for name in Identity.__slots__}])

    with pytest.raises(ClientError) as raised:
        send_raw(client)
    assert refused(raised) == (400, "MailFromDomainNotVerifiedException")
