"""What the account permits, and what is said when it, the keys or the settings are not right."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from newsletter.core.publication import SesSettings
from newsletter.core.ways import Allowance
from newsletter.edges.ses import MAX_LANES, Ses
from newsletter.errors import MailingStopped, NotConfigured, TransportError
from tests.doubles import SesDouble
from tests.edges.answering import Answering
from tests.edges.speaking import PARCEL, STOPPED, kind, ok


@pytest.mark.parametrize(
    ("account", "allowance", "lanes"),
    [
        ({"max_send_rate": 14, "max_24_hour_send": 50_000}, Allowance(14, 50_000, 50_000), 5),
        ({"max_send_rate": 1, "max_24_hour_send": 200, "sent_last_24_hours": 150}, Allowance(1, 50, 200), 2),
        ({"max_send_rate": 14, "max_24_hour_send": 200, "sent_last_24_hours": 900}, Allowance(14, 0, 200), 5),
        ({"max_send_rate": 5000, "max_24_hour_send": -1}, Allowance(5000, None), MAX_LANES),
        ({"max_send_rate": 0.5, "max_24_hour_send": 0.5}, Allowance(0.5, 0, 0), 2),
    ],
)
def test_the_account_says_what_it_permits(
    double: SesDouble, ses: Ses, account: dict[str, float], allowance: Allowance, lanes: int
) -> None:
    double.configure(**account)

    assert ses.allowance() == allowance
    assert ses.lanes == lanes


def test_a_sandbox_is_noticed(double: SesDouble, ses: Ses) -> None:
    double.configure(sandbox=True)

    assert "sandbox" in ses.allowance().notice


def test_an_account_under_review_may_send_and_that_is_noticed(double: SesDouble, ses: Ses) -> None:
    double.configure(sandbox=True, enforcement_status="PROBATION")

    notice = ses.allowance().notice
    assert "reviewing" in notice
    assert "sandbox" in notice


@pytest.mark.parametrize(
    ("account", "words"),
    [({"sending_enabled": False}, "paused"), ({"enforcement_status": "SHUTDOWN"}, "shut down")],
)
def test_an_account_that_may_not_send_still_says_what_it_permits_when_it_may(
    double: SesDouble, ses: Ses, account: dict[str, object], words: str
) -> None:
    double.configure(max_send_rate=14, max_24_hour_send=50_000, **account)

    allowance = ses.allowance()
    assert (allowance.per_second, allowance.left_today, allowance.per_day) == (14, 50_000, 50_000)
    assert words in allowance.barred
    with pytest.raises(MailingStopped, match=words) as raised:
        allowance.check()
    assert raised.value.hint


def test_an_account_without_any_rate_may_not_send(server: Answering, puzzled: Ses) -> None:
    server.answer = ok(json.dumps({"SendQuota": {"MaxSendRate": 0, "Max24HourSend": 200, "SentLast24Hours": 0}}))

    with pytest.raises(MailingStopped, match="no sending"):
        puzzled.allowance().check()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("throttle", "wait a moment"),
        ("bad_request", "README"),
        ("error_500_before", "SES has trouble"),
        ("reset_before", "check the network"),
        ("timeout_before", "check the network"),
        ("garbage_after", "a proxy"),
        ("half_answer_after", "a proxy"),
    ],
)
def test_an_account_that_cannot_be_asked_is_an_error_that_helps(
    double: SesDouble, ses: Ses, fault: str, said: str
) -> None:
    double.script({"when": {"operation": "GetAccount"}, "do": fault})

    with pytest.raises(TransportError) as raised:
        ses.allowance()
    assert said in raised.value.hint
    assert len(double.calls()) == 1


def test_the_password_of_an_endpoint_is_not_said(at: Callable[..., Ses], closed_port: str) -> None:
    with pytest.raises(TransportError, match="cannot be reached") as raised:
        at(closed_port.replace("//", "//me:hushhush@")).allowance()
    assert "hushhush" not in raised.value.message + raised.value.hint


def test_wrong_keys_stop(double: SesDouble, at: Callable[..., Ses], environment: pytest.MonkeyPatch) -> None:
    with environment.context() as patch:
        patch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
        wrong_secret = at(double.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", "guessed")
        wrong_key = at(double.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")

        for each in (wrong_secret, wrong_key):
            assert kind(each.send(PARCEL)) == STOPPED
            with pytest.raises(TransportError) as raised:
                each.allowance()
            assert "credentials" in raised.value.hint
    assert {call.error for call in double.calls()} == {"SignatureDoesNotMatch", "UnrecognizedClientException"}


@pytest.mark.parametrize("missing", [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY",)])
def test_without_credentials_nothing_leaves_and_the_hint_says_where_to_read(
    double: SesDouble, at: Callable[..., Ses], environment: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    with environment.context() as patch:
        for name in missing:
            patch.delenv(name)
        with pytest.raises(NotConfigured) as raised:
            at(double.endpoint).allowance()
    assert "README" in raised.value.hint
    assert not double.calls()


def test_credentials_that_vanish_stop_the_mailing(
    double: SesDouble, at: Callable[..., Ses], environment: pytest.MonkeyPatch
) -> None:
    with environment.context() as patch:
        patch.delenv("AWS_ACCESS_KEY_ID")
        patch.delenv("AWS_SECRET_ACCESS_KEY")
        assert kind(at(double.endpoint).send(PARCEL)) == STOPPED


@pytest.mark.parametrize(
    "settings",
    [
        SesSettings(region=None),
        SesSettings(region="not a region"),
        SesSettings(region="us-east-1", profile="nobody"),
    ],
)
@pytest.mark.usefixtures("environment")
def test_settings_that_lead_nowhere_are_told_before_anything_begins(settings: SesSettings) -> None:
    with pytest.raises(NotConfigured) as raised:
        Ses(settings)
    assert "README" in raised.value.hint
