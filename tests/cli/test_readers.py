from __future__ import annotations

import json

import pytest

from tests.cli.running import Terminal

ANA = "ana@example.org"


def tags(terminal: Terminal) -> dict[str, list[str]]:
    lines = terminal("subscribers", "list", "--json").out.splitlines()
    return {each["email"].split("@")[0]: each["tags"] for each in map(json.loads, lines)}


def test_show_tells_standing_consent_history_and_mailings(three_readers: Terminal) -> None:
    assert three_readers("subscribers", "edit", ANA, "--last-name", "Lee", "-f", "city=Bath").code == 0
    assert three_readers("send", "vol-1-issue-6", "--yes").code == 0
    said = three_readers("subscribers", "show", "ANA@example.org").out
    assert said.startswith("ana@example.org  Ana Lee\n  standing  active\n")
    for words in (
        "import of readers.csv",
        "imported by the editor: readers.csv\n",
        "fleet, us",
        "changed by the editor: last name, city",
        "outbox: accepted",
    ):
        assert words in said
    found = three_readers("subscribers", "show", ANA, "--json").data
    assert (found["email"], found["last_name"], found["fields"]) == (ANA, "Lee", {"city": "Bath"})
    assert [each["what"] for each in found["history"]] == ["imported", "changed"]
    assert [(each["issue"], each["state"]) for each in found["mailings"]] == [("vol-1-issue-6", "accepted")]


@pytest.mark.parametrize(
    "command",
    [
        ("show", "eve@example.org"),
        ("edit", "eve@example.org", "--first-name", "Eve"),
        ("tag", ANA, "eve@example.org", "--add", "x"),
        ("remove", "eve@example.org"),
        ("erase", "eve@example.org", "--yes"),
    ],
)
def test_a_stranger_is_said_to_be_one_and_nobody_is_proposed(three_readers: Terminal, command: tuple[str, ...]) -> None:
    answer = three_readers("subscribers", *command)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: eve@example.org is not ")
    assert "ana" not in answer.err
    assert "x" not in tags(three_readers)["ana"]


def test_edit_changes_names_fields_and_the_address(three_readers: Terminal) -> None:
    edit = three_readers("subscribers", "edit", ANA, "--first-name", "", "--address", "Anne@Example.org", "-f", "A B=1")
    assert edit.out == "changed: Anne@Example.org\n"
    found = three_readers("subscribers", "show", "anne@example.org", "--json").data
    assert (found["email"], found["first_name"], found["fields"]) == ("Anne@example.org", "", {"a_b": "1"})
    assert three_readers("subscribers", "edit", "anne@example.org", "-f", "a_b=1").out.startswith("unchanged: ")
    assert three_readers("subscribers", "edit", "anne@example.org", "-f", "a_b=").out.startswith("changed: ")
    assert three_readers("subscribers", "show", "anne@example.org", "--json").data["fields"] == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to change"),
        (("--address", "no"), "'no' is not an email address"),
        (("--address", "BOB@example.com"), "is another subscriber"),
        (("-f", "city"), "'city' is not a field"),
        (("-f", "email=x"), "'email' cannot be the name of a field"),
        (("-f", "❤=x"), "cannot be the name of a field"),
    ],
)
def test_what_cannot_be_changed_is_refused_and_nothing_is(
    three_readers: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    answer = three_readers("subscribers", "edit", ANA, *arguments)
    assert answer.code == 2
    assert said in answer.err
    history = three_readers("subscribers", "show", ANA, "--json").data["history"]
    assert [each["what"] for each in history] == ["imported"]


def test_tags_come_and_go_by_address_and_for_everybody_with_a_tag(three_readers: Terminal) -> None:
    assert (
        three_readers("subscribers", "tag", ANA, "CY@example.net", "--add", "fleet", "--add", "a").out == "2 changed\n"
    )
    assert three_readers("subscribers", "tag", "--tag", "us", "--add", "usa", "--remove", "us").out == "2 changed\n"
    assert three_readers("subscribers", "tag", "--tag", "us", "--add", "usa").out == "0 changed\n"
    assert tags(three_readers) == {"ana": ["a", "fleet", "usa"], "bob": ["usa"], "cy": ["a", "eu", "fleet"]}


@pytest.mark.parametrize(
    "arguments",
    [
        (ANA,),
        ("--add", "x"),
        (ANA, "--tag", "us", "--add", "x"),
        (ANA, "--add", "a;b"),
        (ANA, "--add", "x", "--remove", "x"),
    ],
)
def test_an_order_about_tags_that_makes_no_sense_is_refused(
    three_readers: Terminal, arguments: tuple[str, ...]
) -> None:
    answer = three_readers("subscribers", "tag", *arguments)
    assert answer.code == 2
    assert answer.err.startswith("error: ")


def test_whoever_is_erased_is_gone_and_no_import_brings_them_back(three_readers: Terminal) -> None:
    answer = three_readers("subscribers", "erase", ANA, typed="ana@example.org\n")
    assert (answer.code, answer.out) == (0, "erased: ana@example.org\n")
    assert ".newsletter/outbox" in answer.err
    assert three_readers("subscribers", "show", ANA).code == 2
    assert three_readers("subscribers", "import", "readers.csv", "--json").data["kept out"] == 1
    assert three_readers("subscribers", "add", ANA).out == f"kept out: {ANA}\n"
    assert set(tags(three_readers)) == {"bob", "cy"}


def test_nobody_is_erased_unless_the_editor_types_the_address(three_readers: Terminal) -> None:
    for typed in ("", "y\n", "ana\n"):
        answer = three_readers("subscribers", "erase", ANA, typed=typed)
        assert (answer.code, answer.out) == (1, "")
    assert three_readers("subscribers", "show", ANA).code == 0


def test_a_removal_stands_in_history(three_readers: Terminal) -> None:
    assert three_readers("subscribers", "remove", ANA).code == 0
    found = three_readers("subscribers", "show", ANA, "--json").data
    assert (found["standing"], found["history"][-1]["what"]) == ("removed", "removed")
    assert three_readers("subscribers", "remove", ANA).code == 2
