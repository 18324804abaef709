"""Bulk calls over real HTTP: what each recipient gets, and what the edge makes of faults and of each status."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.core.delivery import Accepted, InDoubt, Outcome
from newsletter.edges.ses import Ses
from newsletter.edges.ses_errors import STATUSES
from tests.doubles import SesDouble
from tests.doubles.faults import FaultKind
from tests.edges.answering import Answering
from tests.edges.speaking import (
    ACCEPTED,
    IN_DOUBT,
    NOT_REACHED,
    REFUSED,
    SECRET,
    SHEET,
    STOPPED,
    THROTTLED,
    entries,
    entry,
    kinds,
    ok,
)
from tests.edges.test_ses import FAULTS

REFUSED_AS_A_WHOLE = {FaultKind.BAD_REQUEST, FaultKind.MESSAGE_REJECTED}
SAID = {
    "SUCCESS": ACCEPTED,
    "MESSAGE_REJECTED": REFUSED,
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": STOPPED,
    "CONFIGURATION_SET_NOT_FOUND": STOPPED,
    "CONFIGURATION_SET_DOES_NOT_EXIST": STOPPED,
    "TEMPLATE_NOT_FOUND": STOPPED,
    "TEMPLATE_DOES_NOT_EXIST": STOPPED,
    "ACCOUNT_SUSPENDED": STOPPED,
    "ACCOUNT_THROTTLED": THROTTLED,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": STOPPED,
    "INVALID_SENDING_POOL_NAME": STOPPED,
    "ACCOUNT_SENDING_PAUSED": STOPPED,
    "CONFIGURATION_SET_SENDING_PAUSED": STOPPED,
    "INVALID_PARAMETER": REFUSED,
    "INVALID_PARAMETER_VALUE": REFUSED,
    "TRANSIENT_FAILURE": NOT_REACHED,
    "FAILED": REFUSED,
    "QUEUED": IN_DOUBT,
}


def test_each_recipient_gets_the_sheet_filled_for_them(double: SesDouble, at: Callable[..., Ses]) -> None:
    ses = at(double.endpoint, configuration_set="events")

    outcomes = ses.send_bulk(SHEET, "test-späti 1.2", [entry(1, name="A & B", leave="https://x/1"), entry(2)])

    first, second = double.accepted()
    assert list(outcomes) == [Accepted(first.message_id), Accepted(second.message_id)]
    assert (first.content or {})["Text"] == "Grüße, A & B: https://x/1\n"
    assert (first.content or {})["Html"] == "<p>Grüße, A & B: <a href='https://x/1'>leave</a></p>"
    assert (first.subject, second.subject) == ("Hello A & B", "Hello reader")
    assert (first.address, second.address) == ("reader1@example.net", "reader2@example.net")
    assert first.tags == {"delivery": "d-1", "mailing": "test-sp-ti-1-2"}
    assert first.headers == [("List-Unsubscribe", "<https://example.com/u/1>"), ("X-Newsletter-Delivery", "d-1")]
    assert first.configuration_set == "events"
    assert first.source == SHEET.sender
    assert not second.missing


def test_data_are_given_where_they_are_empty_and_replies_go_where_they_should(server: Answering, puzzled: Ses) -> None:
    puzzled.send_bulk(SHEET, "m-1", entries(1))
    puzzled.send_bulk(dataclasses.replace(SHEET, reply_to=None), "m-1", entries(1))

    with_reply, without = (json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests)
    replaced = with_reply["BulkEmailEntries"][0]["ReplacementEmailContent"]["ReplacementTemplate"]
    assert replaced == {"ReplacementTemplateData": "{}"}
    assert with_reply["ReplyToAddresses"] == ["answers@example.com"]
    assert "ReplyToAddresses" not in without
    assert "ConfigurationSetName" not in without


def test_sheets_in_turn_are_not_mixed_up(double: SesDouble, ses: Ses) -> None:
    other = dataclasses.replace(SHEET, subject="Another")

    for sheet in (SHEET, other, SHEET):
        ses.send_bulk(sheet, "m-1", entries(1))

    assert [each.subject for each in double.accepted()] == ["Hello reader", "Another", "Hello reader"]


def test_more_than_a_call_takes_goes_out_in_several(double: SesDouble, ses: Ses) -> None:
    outcomes = ses.send_bulk(SHEET, "m-1", entries(101))

    assert kinds(outcomes) == [ACCEPTED] * 101
    assert [len(call.entries) for call in double.calls()] == [50, 50, 1]
    assert [each.address for each in double.accepted()] == [f"reader{number}@example.net" for number in range(101)]


def test_nobody_is_no_call(double: SesDouble, ses: Ses) -> None:
    assert list(ses.send_bulk(SHEET, "m-1", [])) == []
    assert not double.calls()


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - REFUSED_AS_A_WHOLE))
def test_every_fault_has_its_outcome_for_all_and_is_met_once(double: SesDouble, ses: Ses, fault: FaultKind) -> None:
    expected, accepted = FAULTS[fault]
    double.script({"do": f"{fault}:0.01" if fault is FaultKind.SLOW else fault})

    assert kinds(ses.send_bulk(SHEET, "m-1", entries(3))) == [expected] * 3
    assert [call.operation for call in double.calls()] == ["SendBulkEmail"]
    assert len(double.accepted()) == 3 * accepted


@pytest.mark.parametrize("fault", sorted(REFUSED_AS_A_WHOLE))
@pytest.mark.parametrize("count", [2, 3, 50])
def test_what_is_refused_for_everybody_is_nobodys_fault(
    double: SesDouble, ses: Ses, fault: FaultKind, count: int
) -> None:
    double.script({"do": fault})

    assert kinds(ses.send_bulk(SHEET, "m-1", entries(count))) == [STOPPED] * count
    assert len(double.calls()) <= 7


@pytest.mark.parametrize("fault", sorted(REFUSED_AS_A_WHOLE))
def test_what_is_refused_for_one_alone_is_theirs(double: SesDouble, ses: Ses, fault: FaultKind) -> None:
    double.script({"do": fault})

    assert kinds(ses.send_bulk(SHEET, "m-1", entries(1))) == [REFUSED]


@pytest.mark.parametrize("bad", [{0}, {49}, {17}, {0, 1}, {3, 30}, {5, 20, 35}, set(range(40, 50))])
def test_a_bad_entry_that_takes_its_call_with_it_fails_alone_in_the_end(
    double: SesDouble, ses: Ses, bad: set[int]
) -> None:
    double.configure(bulk_bad_entry="call")

    outcomes = kinds(ses.send_bulk(SHEET, "m-1", entries(50, bad=bad)))

    assert outcomes == [REFUSED if number in bad else ACCEPTED for number in range(50)]
    assert sorted(each.tags["delivery"] for each in double.accepted()) == sorted(
        f"d-{number}" for number in range(50) if number not in bad
    )
    assert len(double.calls()) <= 1 + 12 * len(bad)


@pytest.mark.parametrize(
    ("fault", "hit", "rest"),
    [
        ("reset_after", IN_DOUBT, NOT_REACHED),
        ("error_500_before", IN_DOUBT, NOT_REACHED),
        ("throttle", THROTTLED, THROTTLED),
        ("quota", STOPPED, STOPPED),
    ],
)
def test_trouble_amid_the_parts_ends_them_and_nobody_is_asked_for_twice(
    double: SesDouble, ses: Ses, fault: str, hit: object, rest: object
) -> None:
    double.configure(bulk_bad_entry="call")
    double.script({"when": {"nth": 3}, "do": fault})

    outcomes = kinds(ses.send_bulk(SHEET, "m-1", entries(8, bad={0})))

    assert outcomes == [rest] * 4 + [hit] * 4  # the whole and its first half are refused, the second half is hit
    assert len(double.calls()) == 3


def test_an_entry_refused_because_an_address_is_not_verified_stops(double: SesDouble, ses: Ses) -> None:
    double.configure(identities=[])
    assert kinds(ses.send_bulk(SHEET, "m-1", entries(2))) == [STOPPED] * 2

    double.configure(identities=["example.com"], sandbox=True)
    assert kinds(ses.send_bulk(SHEET, "m-1", entries(2))) == [STOPPED] * 2
    assert kinds(ses.send_bulk(SHEET, "m-1", [entry(1, "me@example.com"), entry(2)])) == [ACCEPTED, STOPPED]


@pytest.mark.parametrize("refusal", ["entry", "call"])
def test_a_rate_or_quota_that_runs_out_amid_a_call_leaves_the_rest_to_send(
    double: SesDouble, ses: Ses, refusal: str
) -> None:
    double.configure(max_24_hour_send=3, bulk_account_refusal=refusal)

    assert kinds(ses.send_bulk(SHEET, "m-1", entries(5))) == [ACCEPTED] * 3 + [STOPPED] * 2
    assert kinds(ses.send_bulk(SHEET, "m-1", entries(5))) == [STOPPED] * 5


def test_entries_are_parted_to_fit_and_one_that_never_fits_is_refused(double: SesDouble, ses: Ses) -> None:
    long = [entry(number, name="x" * 240_000) for number in range(7)]
    never = entry(8, name="x" * 1_000_000)

    outcomes = kinds(ses.send_bulk(SHEET, "m-1", [*long[:3], never, *long[3:]]))

    assert outcomes == [*[ACCEPTED] * 3, REFUSED, *[ACCEPTED] * 4]
    assert [len(call.entries) for call in double.calls()] == [4, 3]


def test_a_sheet_that_never_fits_stops(double: SesDouble, ses: Ses) -> None:
    sheet = dataclasses.replace(SHEET, html="x" * 1_000_000)

    assert kinds(ses.send_bulk(sheet, "m-1", entries(2))) == [STOPPED] * 2
    assert not double.calls()


@given(slack=st.integers(0, 400), count=st.integers(1, 5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_call_is_larger_than_ses_takes(double: SesDouble, ses: Ses, slack: int, count: int) -> None:
    sheet = dataclasses.replace(SHEET, html="x" * (999_000 - slack))
    before = len(double.calls())

    ses.send_bulk(sheet, "m-1", entries(count))

    calls = double.calls()[before:]
    assert sum(len(call.entries) for call in calls) == count
    assert {call.status for call in calls} == {200}


def result(number: int) -> dict[str, Any]:
    return {"Status": "SUCCESS", "MessageId": f"id-{number}"}


@pytest.mark.parametrize(
    "answer",
    [
        "null",
        "[]",
        "7",
        "{}",
        '{"BulkEmailEntryResults": null}',
        '{"BulkEmailEntryResults": {}}',
        '{"BulkEmailEntryResults": []}',
        json.dumps({"BulkEmailEntryResults": [result(1)]}),
        json.dumps({"BulkEmailEntryResults": [result(1), result(2), result(3)]}),
        '{"BulkEmailEntryResults": [',
        "<html>",
    ],
)
def test_results_that_cannot_be_matched_are_doubts(server: Answering, puzzled: Ses, answer: str) -> None:
    server.answer = ok(answer)

    assert kinds(puzzled.send_bulk(SHEET, "m-1", entries(2))) == [IN_DOUBT] * 2
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        "SUCCESS",
        [],
        {},
        {"Status": None},
        {"Status": "SUCCESS"},
        {"Status": "SUCCESS", "MessageId": ""},
        {"Status": "SUCCESS", "MessageId": 7},
        {"Status": ["SUCCESS"], "MessageId": "id"},
        {"Status": "TRANSIENT_FAILURE", "MessageId": "id"},
        {"Status": "success", "Error": 7},
    ],
)
def test_one_result_that_cannot_be_read_is_one_doubt(server: Answering, puzzled: Ses, broken: object) -> None:
    server.answer = ok(json.dumps({"BulkEmailEntryResults": [result(1), broken, result(3)]}))

    assert kinds(puzzled.send_bulk(SHEET, "m-1", entries(3))) == [ACCEPTED, IN_DOUBT, ACCEPTED]


def test_every_status_has_its_outcome_on_purpose() -> None:
    assert SAID.keys() == STATUSES.keys() | {"SUCCESS", "QUEUED"}


@given(statuses=st.lists(st.sampled_from(sorted(SAID)), min_size=1, max_size=50))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_entry_has_the_outcome_of_its_own_status(double: SesDouble, ses: Ses, statuses: list[str]) -> None:
    scripted = [(number, status) for number, status in enumerate(statuses) if status != "SUCCESS"]
    double.reset()
    double.script(*({"do": f"entry_status:{status}", "entry": number} for number, status in scripted))

    outcomes = ses.send_bulk(SHEET, "m-1", entries(len(statuses)))

    assert kinds(outcomes) == [SAID[status] for status in statuses]
    assert [outcome.message_id for outcome in outcomes if isinstance(outcome, Accepted)] == [
        each.message_id for each in double.accepted()
    ]


def test_neither_secrets_nor_addresses_are_logged(
    double: SesDouble, ses: Ses, at: Callable[..., Ses], closed_port: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    reasons: list[Outcome] = []
    for fault in ("throttle", "error_500_before", "reset_before", "garbage_after", "bad_request", "timeout_after"):
        double.script({"do": fault})
        reasons += ses.send_bulk(SHEET, "m-1", entries(2))
    reasons += at(closed_port).send_bulk(SHEET, "m-1", entries(2))

    assert len(reasons) == 14
    for text in (caplog.text, *map(str, reasons)):
        assert "@example" not in text
        assert "%40example" not in text
        assert SECRET not in text.replace("Credential=testing", "")


def test_half_an_answer_to_many_is_a_doubt_about_each(double: SesDouble, ses: Ses) -> None:
    double.script({"do": "half_answer_after"})

    outcomes = ses.send_bulk(SHEET, "m-1", entries(50))

    assert all(isinstance(outcome, InDoubt) for outcome in outcomes)
    assert len(double.accepted()) == 50
