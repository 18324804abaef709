from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.core.audience import Audience
from newsletter.core.audience.holding import Reader, holds
from newsletter.core.audience.parsing import parse
from newsletter.core.subscriber import Consent, Standing, Subscriber

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ZOE = Reader(
    Subscriber(
        address="zoe@Example.org",
        first_name="Zoë",
        tags=frozenset({"us", "long name"}),
        fields={"city": "ZÜRICH", "note": ""},
        standing=Standing.BOUNCED,
        consent=Consent("form", datetime(2026, 1, 31, 23, 59, tzinfo=UTC)),
    ),
    joined=datetime(2026, 2, 1, tzinfo=UTC),
    got={"vol-1-issue-1": NOON - timedelta(days=40), "vol-1-issue-2": NOON - timedelta(days=10)},
    opened={"vol-1-issue-1": NOON - timedelta(days=39), "vol-1-issue-2": NOON - timedelta(days=9)},
    clicked={"vol-1-issue-1": NOON - timedelta(days=39)},
)


@pytest.mark.parametrize(
    "text",
    [
        "everybody",
        'tag:us and tag:"long name" and not tag:US',
        "field.city = zürich and field.city = Zürich and field.city = ZüRICH and field.city contains RICH",
        "first_name = zoë and first_name != zoe",
        "address contains @example.ORG",
        "field.city is set and field.note is missing and field.other is missing and last_name is missing",
        "field.other != Bath and not field.other = Bath",
        "standing = bounced and standing != active",
        "joined since 2026-02-01 and not joined before 2026-02-01",
        "consent before 2026-02-01 and consent since 2026-01-31 and consent is set",
        "mailed in last 10 days and mailed in last 40 days and not mailed in last 9 days",
        "mailed before 2026-02-21 and not mailed before 2026-02-20",
        "joined in last 29 days and not joined in last 28 days",
        "got vol-1-issue-2 and not got vol-1-issue-3",
        "opened vol-1-issue-2 and clicked vol-1-issue-1 and not clicked vol-1-issue-2",
        "opened in last 9 days and not opened in last 8 days and not clicked in last 38 days",
        "clicked before 2026-02-21 and not opened before 2026-02-21 and opened is set",
    ],
)
def test_a_reader_belongs(text: str) -> None:
    assert holds(Audience.at(parse(text), NOON, "ses").expression, ZOE)


def test_who_was_never_mailed_was_mailed_neither_since_nor_before_a_day() -> None:
    new = Reader(Subscriber(address="new@example.org"), joined=NOON)
    assert holds(parse("mailed is missing and not mailed since 2000-01-01 and not mailed before 2100-01-01"), new)
    assert holds(parse("opened is missing and not clicked since 2000-01-01 and not opened before 2100-01-01"), new)
    assert holds(parse("consent is missing and not consent before 2100-01-01"), new)


def test_days_back_are_counted_from_the_day_in_utc() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    text = "joined in last 1 day"
    assert str(Audience.at(parse(text), late, "ses")) == "joined since 2026-03-01"
    assert str(Audience.at(parse(text), late + timedelta(hours=1), "ses")) == "joined since 2026-03-02"
