from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.audience.lexing import FlawedExpression
from newsletter.core.audience.parsing import parse
from newsletter.core.audience.terms import (
    AllOf,
    AnyOf,
    Did,
    Everybody,
    Expression,
    Got,
    How,
    Known,
    Lately,
    Not,
    Says,
    Stands,
    Tag,
    Time,
    When,
    all_of,
    any_of,
)
from newsletter.core.audience.writing import alike, written
from newsletter.core.subscriber import Standing
from tests.core.audience.expressions import expressions

US, EU = Tag("us"), Tag("eu")
DAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("everybody", Everybody()),
        ("tag:us", US),
        ('tag:"long name"', Tag("long name")),
        ("tag:'a \"b\"'", Tag('a "b"')),
        ("TAG:US", Tag("US")),
        ("field.city = Bath", Says("field.city", How.IS, "Bath")),
        ("field.city='New York'", Says("field.city", How.IS, "New York")),
        ('last_name = "O""Brien"', Says("last_name", How.IS, 'O"Brien')),
        ("last_name = O'Brien", Says("last_name", How.IS, "O'Brien")),
        ("field.city!=Bath", Says("field.city", How.IS_NOT, "Bath")),
        ("field.city = Yahoo!", Says("field.city", How.IS, "Yahoo!")),
        ("address contains @example.org", Says("address", How.CONTAINS, "@example.org")),
        ("first_name = and", Says("first_name", How.IS, "and")),
        ("first_name is set", Known("first_name")),
        ("field.city is missing", Known("field.city", known=False)),
        ("consent is missing", Known(Time.CONSENT, known=False)),
        ("joined since 2026-01-31", When(Time.JOINED, since=True, day=DAY)),
        ("consent before 2026-01-31", When(Time.CONSENT, since=False, day=DAY)),
        ("mailed in last 30 days", Lately(Time.MAILED, 30)),
        ("mailed in the last 1 day", Lately(Time.MAILED, 1)),
        ("standing = bounced", Stands(Standing.BOUNCED)),
        ("standing != Active", Stands(Standing.ACTIVE, so=False)),
        ("got vol-2-issue-3", Got("vol-2-issue-3")),
        ("opened vol-2-issue-3", Did(Time.OPENED, "vol-2-issue-3")),
        ("Clicked vol-2-issue-3", Did(Time.CLICKED, "vol-2-issue-3")),
        ("opened in last 90 days", Lately(Time.OPENED, 90)),
        ("clicked before 2026-01-31", When(Time.CLICKED, since=False, day=DAY)),
        (
            "opened missing or mailed is missing",
            AnyOf((Known(Time.OPENED, known=False), Known(Time.MAILED, known=False))),
        ),
        ("not tag:us", Not(US)),
        ("not not tag:us", Not(Not(US))),
        ("tag:us or tag:eu", AnyOf((US, EU))),
        ("tag:us and tag:eu", AllOf((US, EU))),
        ("tag:us and (tag:eu and everybody)", AllOf((US, EU, Everybody()))),
        ("tag:us or tag:eu and not everybody", AnyOf((US, AllOf((EU, Not(Everybody())))))),
        ("(tag:us or tag:eu) and everybody", AllOf((AnyOf((US, EU)), Everybody()))),
        ("not (tag:us\n or tag:eu)", Not(AnyOf((US, EU)))),
        ("Not TAG:us AND Everybody", AllOf((Not(US), Everybody()))),
        ("(((tag:us)))", US),
    ],
)
def test_an_expression_says(text: str, meant: Expression) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        ("", 0, "nothing is written here", "everybody"),
        ("   ", 0, "nothing is written here", "everybody"),
        ("tga:us", 0, "'tga:us' is not known here", "did you mean 'tag:'?"),
        ("opend vol-2-issue-3", 0, "'opend' is not known here", "did you mean 'opened'?"),
        ("tag us", 0, "'tag' is not known here", "write tag:us"),
        ("tag: us", 4, "the tag is missing", "tag:us"),
        ('tag:""', 4, "the tag is missing", "tag:us"),
        ('tag:"a,b"', 0, "'a,b' is not a tag", "without commas"),
        ("tag:us tag:eu", 7, "'tag:eu' cannot stand here", "join two audiences"),
        ("tag:us && tag:eu", 7, "'&&' cannot stand here", "write `and`"),
        ("tag:us and", 10, "the expression ends here", "tag:us"),
        ("and tag:us", 0, "'and' cannot stand here", "tag:us"),
        ("(tag:us", 0, "a bracket that is not closed", "write a )"),
        ("(tag:us tag:eu)", 8, "'tag:eu' cannot stand here", "join two"),
        ("tag:us)", 6, "nothing was opened that this could close", "delete it"),
        ('field.city = "Bath', 13, "a quote that is not closed", 'another "'),
        ("field.city = “Bath”", 13, "a curly quote", "straight quotes"),
        ("city = Bath", 0, "'city' is not known here", "field.city"),
        ("city contains Bath", 0, "'city' is not known here", "field.city"),
        ("field. = Bath", 0, "'field.' is not known here", "field."),
        ("field.city", 10, "the expression ends here, but field.city is compared", "is missing"),
        ("field.city == Bath", 12, "what field.city = is missing", "between quotes"),
        ("field.city <> Bath", 11, "'<>' cannot stand here", "write `!=`"),
        ("field.city like Bath", 11, "'like' cannot stand here", "write `contains`"),
        ("field.city = ", 13, "what field.city = is missing", "between quotes"),
        ('field.city = ""', 13, "there is nothing between these quotes", "is missing"),
        ("field.city is empty", 14, "'empty' cannot stand here", "set"),
        ("joined > 2026-01-01", 7, "'>' cannot stand here", "write `since`"),
        ("joined after 2026-01-01", 7, "'after' cannot stand here", "write `since`"),
        ("joined before 2026-13-01", 14, "'2026-13-01' is not a day", "2026-01-31"),
        ("joined before last week", 14, "'last' is not a day", "2026-01-31"),
        ("joined in 30 days", 10, "'30' cannot stand here", "last"),
        ("joined in last month", 15, "'month' is not a number of days", "in last 30 days"),
        ("joined in last 0 days", 15, "'0' is not a number of days", "1 to 9,999"),
        ("joined in last 30", 17, "the word days is missing", "in last 30 days"),
        ("standing = bounce", 11, "'bounce' is not a standing", "did you mean 'bounced'?"),
        ("standing = removed", 11, "'removed' is not a standing", "known here: active"),
        ("standing bounced", 9, "'bounced' cannot stand here", "="),
        ("got issue 3", 4, "'issue' is not an issue", "got vol-2-issue-3"),
        ("opened vol-2", 7, "'vol-2' is not an issue", "like: opened vol-2-issue-3"),
        ("clicked", 7, "the expression ends here, but clicked is compared with an issue or a day", "vol-2-issue-3"),
        ("opened today", 7, "'today' cannot stand here: opened is compared with an issue or a day", "since"),
        ("standig = active", 0, "'standig' is not known here", "standing"),
        ("not " * 30 + "tag:us", 80, "too deep inside", "audiences"),
        ("(" * 30 + "tag:us" + ")" * 30, 20, "too deep inside", "audiences"),
    ],
)
def test_a_flaw_has_its_place_and_what_to_do(text: str, at: int, message: str, hint: str) -> None:
    with pytest.raises(FlawedExpression) as caught:
        parse(text)
    assert (caught.value.at, caught.value.message[: len(message)]) == (at, message)
    assert hint in caught.value.hint


def test_a_name_stands_for_its_expression() -> None:
    names: dict[str, Expression] = {"west": AnyOf((US, Tag("ca")))}
    assert parse("west and not tag:eu", names) == AllOf((AnyOf((US, Tag("ca"))), Not(EU)))
    assert parse("west or tag:eu", names) == AnyOf((US, Tag("ca"), EU))
    with pytest.raises(FlawedExpression) as caught:
        parse("wset", names)
    assert caught.value.hint == "did you mean 'west'?"


@given(expressions)
def test_what_is_written_is_read_again(expression: Expression) -> None:
    assert parse(written(expression)) == expression


SCRAPS = ("tag:us", "and", "or", "not", "(", ")", "field.city", "=", "!=", "is set", "\"a'", "in last 3 days", "since")


def outcome(text: str) -> Expression | FlawedExpression:
    try:
        return parse(text)
    except FlawedExpression as flaw:
        return flaw


@given(st.text() | st.lists(st.sampled_from(SCRAPS)).map(" ".join))
def test_any_text_is_an_expression_or_has_one_flaw_inside_of_it(text: str) -> None:
    found = outcome(text)
    if isinstance(found, FlawedExpression):
        assert 0 <= found.at <= len(text)
        assert found.message
        assert found.hint
    else:
        assert parse(written(found)) == found


@given(st.lists(expressions, min_size=2, max_size=4))
def test_the_order_makes_no_difference_to_what_is_said(parts: list[Expression]) -> None:
    turned = parts[::-1]
    assert alike(all_of(parts), all_of(turned))
    assert alike(Not(any_of(parts)), Not(any_of(turned)))


def test_what_differs_is_not_alike() -> None:
    assert not alike(AllOf((US, EU)), AnyOf((US, EU)))
    assert not alike(US, Not(US))
    assert not alike(AnyOf((US, EU)), US)
