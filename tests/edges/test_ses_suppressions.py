"""The suppression list of an SES that throttles, fails and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from newsletter.core.publication import SesSettings
from newsletter.core.subscriber import Standing
from newsletter.edges.ses_suppressions import SesSuppressions
from newsletter.errors import NotConfigured, TransportError
from tests.doubles import SesDouble
from tests.edges.answering import Answering
from tests.edges.speaking import ok

Opener = Callable[..., SesSuppressions]


@pytest.fixture
def opened(environment: pytest.MonkeyPatch) -> Iterator[Opener]:
    made: list[SesSuppressions] = []

    def make(endpoint: str, tries: int = 1, page: int = 1_000, **settings: Any) -> SesSuppressions:
        given = SesSettings(endpoint_url=endpoint, **{"region": "us-east-1", **settings})
        made.append(SesSuppressions(given, patience=0.5, tries=tries, page=page))
        return made[-1]

    yield make
    for each in made:
        each.close()


def listed(there: SesSuppressions) -> dict[str, Standing]:
    return {each.address: each.standing for page in there.pages() for each in page}


def test_what_is_put_is_listed_with_its_reason_and_time_until_it_is_lifted(double: SesDouble, opened: Opener) -> None:
    there = opened(double.endpoint)
    assert there.put("ann+x/y@example.org", Standing.BOUNCED) == ""
    assert there.put("bob@example.org", Standing.COMPLAINED) == ""
    assert listed(there) == {"ann+x/y@example.org": Standing.BOUNCED, "bob@example.org": Standing.COMPLAINED}
    [page] = there.pages()
    assert page[0].at.utcoffset() is not None
    there.lift("ann+x/y@example.org")
    there.lift("ann+x/y@example.org")
    assert listed(there) == {"bob@example.org": Standing.COMPLAINED}


def test_a_list_of_several_pages_is_read_to_its_end(double: SesDouble, opened: Opener) -> None:
    there = opened(double.endpoint, page=3)
    for number in range(7):
        there.put(f"r{number}@example.org", Standing.BOUNCED)
    assert [len(page) for page in there.pages()] == [3, 3, 1]


def test_throttles_and_lost_answers_are_tried_again(double: SesDouble, opened: Opener) -> None:
    there = opened(double.endpoint, tries=3)
    faults = ("throttle", "reset_after")
    double.script(*({"when": {"operation": "any", "nth": nth}, "do": fault} for nth, fault in enumerate(faults, 1)))
    assert there.put("ann@example.org", Standing.BOUNCED) == ""
    assert listed(there) == {"ann@example.org": Standing.BOUNCED}
    assert len(double.calls()) == 4


def test_what_ses_refuses_is_told_and_is_no_error(double: SesDouble, opened: Opener) -> None:
    double.configure(sandbox=True)
    assert "sandbox" in opened(double.endpoint).put("ann@example.org", Standing.BOUNCED)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("throttle", "wait a moment"),
        ("error_500_before", "SES has trouble"),
        ("reset_before", "run the same command again"),
        ("garbage_after", "run the same command again"),
    ],
)
def test_a_list_that_cannot_be_used_is_an_error_that_helps(
    double: SesDouble, opened: Opener, fault: str, said: str
) -> None:
    there = opened(double.endpoint)
    double.script({"when": {"operation": "any"}, "do": fault})
    with pytest.raises(TransportError) as raised:
        listed(there)
    assert said in raised.value.hint


def test_missing_rights_are_named(server: Answering, opened: Opener) -> None:
    body = json.dumps({"__type": "AccessDeniedException", "message": "no"})
    server.answer = ok(body, "403 Forbidden")
    there = opened(f"http://127.0.0.1:{server.port}")
    for ask in (lambda: listed(there), lambda: there.lift("a@b.org"), lambda: there.put("a@b.org", Standing.BOUNCED)):
        with pytest.raises(TransportError) as raised:
            ask()
        assert "ses:PutSuppressedDestination" in raised.value.hint


def test_a_list_without_end_is_left(server: Answering, opened: Opener) -> None:
    server.answer = ok(json.dumps({"SuppressedDestinationSummaries": [], "NextToken": "again"}))
    with pytest.raises(TransportError, match="without end"):
        listed(opened(f"http://127.0.0.1:{server.port}"))
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [{}, {"SuppressedDestinationSummaries": [{"EmailAddress": "a@b.org"}]}])
def test_an_answer_of_another_shape_is_an_error(server: Answering, opened: Opener, answer: dict[str, Any]) -> None:
    server.answer = ok(json.dumps(answer))
    with pytest.raises(TransportError, match="no readable answer"):
        listed(opened(f"http://127.0.0.1:{server.port}"))


def test_a_reason_that_nobody_knows_yet_is_passed_over(server: Answering, opened: Opener) -> None:
    entry = {"EmailAddress": "a@b.org", "Reason": "WHIM", "LastUpdateTime": 1}
    server.answer = ok(json.dumps({"SuppressedDestinationSummaries": [entry]}))
    assert listed(opened(f"http://127.0.0.1:{server.port}")) == {}


def test_nobody_there_and_settings_that_lead_nowhere_are_told(closed_port: str, opened: Opener) -> None:
    with pytest.raises(TransportError, match="cannot be reached"):
        listed(opened(closed_port))
    with pytest.raises(NotConfigured):
        opened(closed_port, region=None)
    with pytest.raises(NotConfigured):
        opened(closed_port, profile="nobody")
