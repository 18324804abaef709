from __future__ import annotations

import pytest

from newsletter.core.arrivals.columns import Wish
from newsletter.core.arrivals.formats import NAMES
from newsletter.core.arrivals.meaning import Meaning
from newsletter.core.roster import COLUMNS
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.errors import BadInput, InvalidSource
from tests.core.arrivals.reading import AT, people, read, refused

GIVEN = Consent("import of list.csv", AT)


def said(data: str, wish: Wish | None = None) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        read(data, wish)
    return [str(problem) for problem in caught.value.problems]


def test_known_columns_are_recognised_by_many_names_and_others_become_fields() -> None:
    text = "E-Mail,Prénom,LASTNAME,tag,Status,Home Town\nann@example.org,Ann,Lee,a;b,unsubscribed,Bern\n"
    assert people(text, tags=("c",)) == [
        Subscriber(
            address="ann@example.org",
            first_name="Ann",
            last_name="Lee",
            tags=frozenset("abc"),
            fields={"home_town": "Bern"},
            standing=Standing.UNSUBSCRIBED,
            reason="unsubscribed according to the imported list",
        )
    ]


def test_of_two_columns_that_may_hold_the_address_the_likelier_one_does() -> None:
    [found] = people("address,email\n1 Sample Street,a@example.org\n")
    assert (found.address, found.fields) == ("a@example.org", {"address": "1 Sample Street"})


def test_empty_columns_as_spreadsheets_leave_them_are_passed_over() -> None:
    assert people("email,,,\na@example.org,,,\n") == [Subscriber(address="a@example.org", consent=GIVEN)]


def test_an_empty_column_does_not_let_another_one_pass_for_the_address() -> None:
    [found] = people("mail of the office,,email\noffice@example.org,,a@example.org\n")
    assert (found.address, found.fields) == ("a@example.org", {"mail_of_the_office": "office@example.org"})


def test_a_whole_name_is_split_unless_its_parts_are_there() -> None:
    first, second = people("email,name,first name\na@example.org,Ann Lee,\nb@example.org,Bob Roe,Robert\n")
    assert (first.first_name, first.last_name) == ("Ann", "Lee")
    assert (second.first_name, second.last_name) == ("Robert", "")


def test_the_editor_s_word_goes_before_everything_that_is_recognised() -> None:
    wish = Wish(columns={"Mail": "email", "email": "", "Vorname": "city", "Wer": "name", "Stand": "standing"})
    text = "Mail,email,Vorname,Wer,Stand\na@example.org,old@example.org,Bath,Ann Lee,cleaned\n"
    [found] = people(text, wish)
    assert (found.address, found.display_name, found.fields) == ("a@example.org", "Ann Lee", {"city": "Bath"})
    assert found.standing is Standing.BOUNCED


def test_a_column_that_would_decide_a_standing_can_be_left_out() -> None:
    wish = Wish(columns={"email_disabled": ""})
    [found] = people("email,expiry,email_disabled\na@example.org,,true\n", wish)
    assert (found.standing, found.fields) == (Standing.ACTIVE, {})


@pytest.mark.parametrize("meaning", Meaning)
def test_every_word_of_map_is_understood(meaning: Meaning) -> None:
    given = {
        Meaning.EMAIL: "a@example.org",
        Meaning.STANDING: "bounced",
        Meaning.DATA: '{"city": "Bath"}',
    }.get(meaning, "2025-01-01")
    text = f"Spalte,email\n{given!r},b@example.org\n".replace("'{", '"{').replace("}'", '}"').replace("'", "")
    [found] = people(
        text.replace('"city": "Bath"', '""city"": ""Bath""'),
        Wish(columns={"Spalte": meaning.value, **({"email": ""} if meaning is Meaning.EMAIL else {})}),
    )
    assert "spalte" not in found.fields


def test_a_forced_format_is_taken_at_its_word() -> None:
    text = "email,status\na@example.org,inactive\n"
    assert people(text)[0].standing is Standing.DISABLED
    assert people(text, Wish("beehiiv"))[0].standing is Standing.UNSUBSCRIBED
    assert people(text, Wish("kit"))[0].standing is Standing.UNCONFIRMED


def test_a_header_that_fits_two_formats_equally_is_not_guessed_at() -> None:
    text = "email,subscriber_type,subscribed_to_emails\na@example.org,regular,true\n"
    with pytest.raises(BadInput, match="may be a file of Buttondown or of Ghost") as caught:
        read(text)
    assert caught.value.hint == "say which: --from buttondown or --from ghost"
    assert people(text, Wish("ghost"))[0].fields == {"subscriber_type": "regular"}


def test_an_export_of_this_tool_means_what_it_says_and_nothing_else() -> None:
    text = ",".join([*COLUMNS, "status", "Home Town"]) + "\na@example.org,,,,active,,,,form,,,,,lost,Bern\n"
    [found] = people(text)
    assert (found.standing, found.fields) == (Standing.ACTIVE, {"status": "lost", "Home Town": "Bern"})


def test_an_export_keeps_why_since_when_and_every_proof() -> None:
    header = "email,standing,standing_reason,standing_since,paused_until,consent_source,consent_at,consent_ip"
    row = "a@example.org,bounced,full,2025-01-03,2027-01-01,form,2025-01-01T00:00:00Z,192.0.2.1"
    header, row = f"{header},confirmed_at,confirmed_ip", f"{row},2025-01-02,192.0.2.2"
    [found] = people(f"{header}\n{row}\n")
    assert (found.standing, found.reason) == (Standing.BOUNCED, "full")
    assert found.since is not None
    assert found.paused_until is not None
    assert (found.since.day, found.paused_until.year) == (3, 2027)
    assert (found.consent.source, found.consent.ip, found.consent.confirmed_ip) == ("form", "192.0.2.1", "192.0.2.2")
    assert found.consent.confirmed_at is not None


def test_a_field_never_takes_a_name_that_our_export_uses() -> None:
    [found] = people("email,standing_since,data\na@example.org,spring,x\n")
    assert found.fields == {"csv_standing_since": "spring", "data": "x"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("name,mail\nAnn,x\n", "list.csv:1:1: no column holds the email address; name one column email; did you mean"),
        ("name,mail\nAnn,a@example.org\n", "list.csv:1:1: no column holds the email address; say which does: --map 'm"),
        ("email,a,A\n", "list.csv:1:1: a: this column stands here twice"),
        ("email,城市\na@example.org,x\n", "list.csv:1:1: 城市: this column's name has no letter from a to z"),
        ("\n\nvorname,prenom\n", "list.csv:3:1: no column holds"),
    ],
)
def test_a_header_that_cannot_be_used_is_said(data: str, expected: str) -> None:
    assert said(data)[0].startswith(expected)


def test_every_problem_of_a_row_is_said_with_its_line_and_the_rest_is_taken() -> None:
    text = """\
email,first_name,tags,standing,created_at
ann@example.org,Ann,,,
nobody,"x
y",,,
b@example.org,B,,asleep,
c@example.org,C,,,2026-02-03,extra

d@example.org,D,  %s,,soon
,E,,,
f@example.org,F
g@example.org,G,,,,,,
""" % ("x" * 101)
    found, account = read(text)
    assert [each.address[0] for each in found] == ["a", "d", "f", "g"]
    assert found[1].fields == {"created_at": "soon"}
    assert account.rows == 8
    assert [str(problem).partition(" ")[0] for problem in account.refused.first] == [
        f"list.csv:{line}:1:" for line in (3, 5, 6, 9)
    ]
    assert [str(problem) for problem in account.noted.first] == [
        "list.csv:8:1: created_at: 'soon' is not a time, and stays as a field"
    ]


def test_a_word_that_no_service_uses_refuses_the_row_and_says_what_is_known() -> None:
    [problem] = refused("email,status\na@example.org,unsubscribd\n")
    assert problem == (
        "list.csv:2:1: status: 'unsubscribd' is not a standing; "
        "did you mean 'unsubscribed'? (--map 'status=' leaves the column out)"
    )
    [problem] = refused("email,Stand,status\na@example.org,,zzz\n")
    assert "'zzz' is not a standing; write active or unconfirmed or unsubscribed or bounced" in problem
    [problem] = refused("email,subscriber_type\na@example.org,\n")
    assert problem.startswith("list.csv:2:1: subscriber_type: '' is not a standing")


def test_words_are_understood_in_any_case_and_spelling() -> None:
    found = people("email,status\na@example.org,Opted out\nb@example.org,SUBSCRIBED\nc@example.org,\n")
    assert [each.standing for each in found] == [Standing.UNSUBSCRIBED, Standing.ACTIVE, Standing.ACTIVE]


def test_somebody_with_a_time_of_leaving_has_left() -> None:
    [found] = people("email,status,unsubscribed_at\na@example.org,subscribed,2025-01-01 10:00:00\n")
    assert found.standing is Standing.UNSUBSCRIBED
    assert found.since is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Email Address,CLEAN_TIME\na@example.org,2025-01-01 10:00:00\n", Standing.BOUNCED),
        ("Email Address,UNSUB_TIME\na@example.org,2025-01-01 10:00:00\n", Standing.UNSUBSCRIBED),
        ("email,email_disabled\na@example.org,true\n", Standing.DISABLED),
        ("email,subscribed_to_emails\na@example.org,false\n", Standing.UNSUBSCRIBED),
        ("email,subscriber_type\na@example.org,complained\n", Standing.COMPLAINED),
    ],
)
def test_a_file_of_which_the_editor_kept_few_columns_is_no_less_strict(text: str, expected: Standing) -> None:
    assert [found.standing for found in people(text)] == [expected]


def test_the_formats_are_those_that_the_command_names() -> None:
    assert (
        *("auto", "mailchimp", "substack", "buttondown", "ghost", "beehiiv", "kit", "listmonk", "keila", "csv"),
    ) == NAMES
