"""Sending over real HTTP: what the edge makes of every fault and refusal, and what arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from newsletter.core.delivery import Accepted
from newsletter.core.ways import Parcel
from newsletter.edges.ses import Ses
from tests.doubles import SesDouble
from tests.doubles.faults import FaultKind
from tests.edges.speaking import ACCEPTED, IN_DOUBT, MESSAGE, PARCEL, READER, REFUSED, STOPPED, THROTTLED, kind

FAULTS = {
    FaultKind.THROTTLE: (THROTTLED, 0),
    FaultKind.QUOTA: (STOPPED, 0),
    FaultKind.BAD_REQUEST: (REFUSED, 0),
    FaultKind.MESSAGE_REJECTED: (REFUSED, 0),
    FaultKind.ERROR_500_BEFORE: (IN_DOUBT, 0),
    FaultKind.ERROR_503_BEFORE: (IN_DOUBT, 0),
    FaultKind.RESET_BEFORE: (IN_DOUBT, 0),
    FaultKind.CLOSE_BEFORE: (IN_DOUBT, 0),
    FaultKind.TIMEOUT_BEFORE: (IN_DOUBT, 0),
    FaultKind.ERROR_500_AFTER: (IN_DOUBT, 1),
    FaultKind.ERROR_503_AFTER: (IN_DOUBT, 1),
    FaultKind.RESET_AFTER: (IN_DOUBT, 1),
    FaultKind.CLOSE_AFTER: (IN_DOUBT, 1),
    FaultKind.TIMEOUT_AFTER: (IN_DOUBT, 1),
    FaultKind.GARBAGE_AFTER: (IN_DOUBT, 1),
    FaultKind.HALF_ANSWER_AFTER: (IN_DOUBT, 1),
    FaultKind.SLOW: (ACCEPTED, 1),
}
OF_THE_CRASH_TABLE = {FaultKind.KILL_BEFORE, FaultKind.KILL_AFTER, FaultKind.KILL_AFTER_ANSWER}
OF_BULK_CALLS = {FaultKind.ENTRY_STATUS}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_outcome_and_is_met_once(double: SesDouble, ses: Ses, fault: FaultKind) -> None:
    expected, accepted = FAULTS[fault]
    double.script({"do": f"{fault}:0.01" if fault is FaultKind.SLOW else fault})

    assert kind(ses.send(PARCEL)) == expected
    assert [call.operation for call in double.calls()] == ["SendEmail"]
    assert len(double.accepted()) == accepted


def test_no_fault_of_the_double_is_left_out() -> None:
    assert FAULTS.keys() | OF_THE_CRASH_TABLE | OF_BULK_CALLS == set(FaultKind)


def test_the_next_message_after_a_fault_goes_out(double: SesDouble, ses: Ses) -> None:
    double.script({"when": {"nth": 1}, "do": "reset_after"})

    assert [kind(ses.send(PARCEL)) for _ in range(2)] == [IN_DOUBT, ACCEPTED]


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        ({"sandbox": True}, STOPPED, READER),
        ({"identities": []}, STOPPED, "news@example.com"),
        ({"sending_enabled": False}, STOPPED, "SendingPausedException"),
        ({"enforcement_status": "SHUTDOWN"}, STOPPED, "AccountSuspendedException"),
        ({"configuration_sets": ["other"]}, STOPPED, "NotFoundException"),
        ({"paused_configuration_sets": ["events"]}, STOPPED, "SendingPausedException"),
        (
            {
                "identities": [
                    {"name": "example.com", "mail_from_domain": "m.example.com", "mail_from_status": "FAILED"}
                ]
            },
            STOPPED,
            "MailFromDomainNotVerifiedException",
        ),
        ({"max_24_hour_send": 5, "sent_last_24_hours": 5}, STOPPED, "Daily message quota"),
        (
            {"max_24_hour_send": 5, "sent_last_24_hours": 5, "quota_error": "LimitExceededException"},
            STOPPED,
            "Daily message quota",
        ),
        (
            {"max_24_hour_send": 5, "sent_last_24_hours": 5, "quota_error": "ThrottlingException"},
            STOPPED,
            "Daily message quota",
        ),
    ],
)
def test_an_account_that_does_not_send_is_not_one_reader_who_is_refused(
    double: SesDouble, at: Callable[..., Ses], changes: dict[str, Any], expected: object, said: str
) -> None:
    double.configure(**changes)

    outcome = at(double.endpoint, configuration_set="events").send(PARCEL)

    assert kind(outcome) == expected
    assert said in getattr(outcome, "reason", "")
    assert not double.accepted()


def test_a_reader_whose_address_ends_the_senders_is_told_apart(double: SesDouble, ses: Ses) -> None:
    double.configure(identities=[])

    assert kind(ses.send(Parcel("d-1", "m-1", "s@example.com", MESSAGE))) == STOPPED


def test_a_message_arrives_byte_for_byte_with_its_envelope_and_tags(double: SesDouble, at: Callable[..., Ses]) -> None:
    outcome = at(double.endpoint, configuration_set="events").send(
        Parcel("d-1", "test-späti 1.2", "other@example.net", MESSAGE)
    )

    (accepted,) = double.accepted()
    assert outcome == Accepted(accepted.message_id)
    assert accepted.raw == MESSAGE
    assert accepted.address == "other@example.net"
    assert accepted.configuration_set == "events"
    assert accepted.tags == {"delivery": "d-1", "mailing": "test-sp-ti-1-2"}
    assert accepted.source == "=?utf-8?q?N=C3=A9ws?= <news@example.com>"


def test_without_a_configuration_set_none_is_named(double: SesDouble, ses: Ses) -> None:
    ses.send(PARCEL)

    assert double.accepted()[0].configuration_set == ""
