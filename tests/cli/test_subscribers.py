from __future__ import annotations

import json

import pytest

from tests.cli.running import Terminal


def test_what_is_exported_can_be_imported_again_without_a_change(three_readers: Terminal) -> None:
    exported = three_readers("subscribers", "export").out
    (three_readers.folder / "again.csv").write_text(exported, encoding="utf-8")
    account = three_readers("subscribers", "import", "again.csv", "--json").data
    assert (account["rows"], account["unchanged"], account["on the list"]) == (3, 3, 3)
    assert three_readers("subscribers", "export").out == exported


def test_all_that_is_known_of_a_list_survives_export_and_import_elsewhere(three_readers: Terminal) -> None:
    three_readers("subscribers", "edit", "ana@example.org", "--first-name", "=1+1", "-f", "note='@x")
    three_readers("subscribers", "remove", "bob@example.com")
    exported = three_readers("subscribers", "export").out
    assert "'=1+1" in exported
    described = three_readers("subscribers", "export", "--json").out
    (three_readers.folder / "again.csv").write_text(exported, encoding="utf-8", newline="")
    three_readers.patch.setenv("NEWSLETTER_STORE", "sqlite:///elsewhere.db")
    assert three_readers("subscribers", "import", "again.csv", "--json").data["new"] == 3
    assert three_readers("subscribers", "export", "--json").out == described
    assert three_readers("subscribers", "export").out == exported
    assert [json.loads(line)["standing"] for line in described.splitlines()] == ["active", "removed", "active"]


def test_an_export_of_some_has_only_those_on_the_list(three_readers: Terminal) -> None:
    three_readers("subscribers", "remove", "bob@example.com")
    assert [
        line.partition(",")[0] for line in three_readers("subscribers", "export", "--tag", "us").out.splitlines()
    ] == [
        "email",
        "ana@example.org",
    ]


def test_add_shows_up_in_the_list_with_names_tags_and_fields(newsletter: Terminal) -> None:
    arguments = ("--first-name", "Ana", "--tag", "us", "--field", "city=Bath")
    assert newsletter("subscribers", "add", "Ana@Example.org", *arguments).out == "new: Ana@Example.org\n"
    (line,) = newsletter("subscribers", "list", "--json").out.splitlines()
    found = json.loads(line)
    assert (found["email"], found["first_name"], found["tags"]) == ("Ana@example.org", "Ana", ["us"])
    assert found["fields"] == {"city": "Bath"}
    assert found["consent_source"] == "added by the editor"


def test_an_address_is_the_same_in_any_case(newsletter: Terminal) -> None:
    newsletter("subscribers", "add", "ana@example.org")
    assert newsletter("subscribers", "add", "ANA@EXAMPLE.ORG").out.startswith("unchanged: ")


def test_whoever_was_removed_is_not_brought_back_by_an_import(three_readers: Terminal) -> None:
    assert three_readers("subscribers", "remove", "ana@example.org").code == 0
    assert three_readers("subscribers", "import", "readers.csv", "--json").data["kept out"] == 1
    assert "ana@example.org" not in three_readers("subscribers", "list").out


def test_removing_a_stranger_is_an_error(newsletter: Terminal) -> None:
    answer = newsletter("subscribers", "remove", "ana@example.org")
    assert answer.code == 2
    assert "is not on the list" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "ana@example.org", "--tag", "a,b"),
        ("import", "list.csv", "--tag", "a,b"),
        ("tag", "ana@example.org", "--add", "a,b"),
        ("edit", "ana@example.org", "--field", "#=1"),
        ("list", "--tag", "a,b"),
    ],
)
def test_whoever_gives_a_wrong_tag_or_field_is_told_in_a_hint_what_to_give(
    newsletter: Terminal, arguments: tuple[str, ...]
) -> None:
    (newsletter.folder / "list.csv").write_text("email\nana@example.org\n", encoding="utf-8")
    error, hint = newsletter("subscribers", *arguments).err.splitlines()
    assert error.startswith("error: ")
    assert ";" not in error
    assert hint.startswith("hint: use ")


def test_a_wrong_address_tag_or_field_is_refused(newsletter: Terminal) -> None:
    for arguments in (("ana",), ("ana@example.org", "--tag", "a,b"), ("ana@example.org", "--field", "city")):
        answer = newsletter("subscribers", "add", *arguments)
        assert answer.code == 2, arguments
        assert answer.err.startswith("error: ")


def test_an_unreachable_store_is_an_error_without_its_password(newsletter: Terminal) -> None:
    newsletter.patch.setenv("NEWSLETTER_STORE", "postgresql+psycopg://me:hunter2@127.0.0.1:9/news")
    answer = newsletter("subscribers", "list")
    assert answer.code == 4
    assert "hunter2" not in answer.err
    assert "Traceback" not in answer.err


def test_an_audience_that_nobody_belongs_to_is_no_empty_list(three_readers: Terminal) -> None:
    assert three_readers("subscribers", "list", "tag:nobody").err == "nobody belongs to this audience\n"
    assert three_readers("subscribers", "list", "address = ana@example.org").err == "1 subscriber\n"
    assert three_readers("subscribers", "list").err == "3 subscribers\n"
