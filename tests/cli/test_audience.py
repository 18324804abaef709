from __future__ import annotations

import email

import pytest

from tests.cli.running import Terminal

ISSUE = "vol-2-issue-3"
NAMED = """
audiences:
  americans: tag:us
  # who has not heard of us
  quiet: >-
    not americans
    and mailed is missing
"""


@pytest.fixture
def named(three_readers: Terminal) -> Terminal:
    give(three_readers, NAMED)
    return three_readers


def give(newsletter: Terminal, text: str) -> int:
    """Write a piece into publication.yaml; return the number of its first line."""
    file = newsletter.folder / "publication.yaml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before + text.removeprefix("\n"), encoding="utf-8")
    return before.count("\n") + 1


def test_an_audience_is_counted(three_readers: Terminal) -> None:
    (three_readers.folder / "left.csv").write_text("email,standing\nbob@example.com,unsubscribed\n", encoding="utf-8")
    three_readers("subscribers", "import", "left.csv")
    said = three_readers("audience", "count", "tag:us or first_name = CY").out
    rows = [line.split(maxsplit=1) for line in said.splitlines()]
    assert rows == [
        ["audience", "tag:us or first_name = CY"],
        ["on", "the list   3"],
        ["active", "2"],
        ["unsubscribed", "1"],
    ]
    assert three_readers("audience", "count", "tag:us", "--json").data == {
        "audience": "tag:us",
        "on the list": 2,
        "active": 1,
        "paused": 0,
        "suppressed": {"unsubscribed": 1},
    }


def test_a_wrong_expression_is_shown_with_a_caret_below_the_place(three_readers: Terminal) -> None:
    for command in (("audience", "count"), ("subscribers", "list"), ("subscribers", "export"), ("send", ISSUE, "--to")):
        answer = three_readers(*command, "tag:us and joined since May")
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == (
            "error: 'May' is not a day\n"
            "  tag:us and joined since May\n"
            "                          ^\n"
            "hint: write it like 2026-01-31\n"
        )


def test_audiences_that_are_named_are_counted_and_made_of_each_other(named: Terminal) -> None:
    assert named("audience", "list").out == (
        "  americans  2 active of 2  (tag:us)\n  quiet      1 active of 1  (not americans and mailed is missing)\n"
    )
    assert named("audience", "list", "--json").data["quiet"]["audience"] == "not tag:us and mailed is missing"
    assert named("audience", "count", "quiet", "--json").data["active"] == 1


def test_without_names_the_list_of_audiences_says_where_they_go(three_readers: Terminal) -> None:
    answer = three_readers("audience", "list")
    assert (answer.code, answer.out) == (0, "")
    assert "publication.yaml" in answer.err


def test_what_is_wrong_with_named_audiences_is_told_with_its_place(newsletter: Terminal) -> None:
    line = give(
        newsletter,
        'audiences:\n  a: tag:us and tga:eu\n  b: "tag:\\x41 and c"\n  c: >\n    tag:us or\n    b\n  joined: tag:us\n',
    )
    answer = newsletter("audience", "list")
    assert answer.code == 2
    at, hint = "publication.yaml:", "use up to 60 letters, digits, - and _, and begin with a letter"
    assert answer.err.splitlines()[:-2] == [
        f"{at}{line + 1}:17: audiences.a: 'tga:eu' is not known here; did you mean 'tag:'?",
        f"{at}{line + 5}:5: audiences.c: 'b' is made of itself: b -> c -> b; change one of them",
        f"{at}{line + 6}:3: audiences.joined: 'joined' means something else in an expression; {hint}",
    ]


def test_lists_and_exports_take_expressions_and_tags(named: Terminal) -> None:
    assert named("subscribers", "list", "americans and not tag:fleet").out.startswith("active       bob@example.com")
    exported = named("subscribers", "export", "address contains example.org or tag:eu", "--tag", "us").out
    assert [line.partition(",")[0] for line in exported.splitlines()] == ["email", "ana@example.org"]
    assert named("subscribers", "list", "--tag", "a,b").code == 2


def test_a_send_goes_to_an_expression_and_the_plan_and_the_account_name_it(named: Terminal) -> None:
    plan = named("send", ISSUE, "--to", "quiet or tag:fleet", "--dry-run").out
    assert "audience   not tag:us and mailed is missing or tag:fleet\n" in plan
    assert "to send    2\n" in plan
    assert named("send", ISSUE, "--to", "quiet", "--yes", "--json").data["account"]["accepted"] == 1
    (mailing,) = named("status", "--json").data
    assert mailing["audience"] == "not tag:us and mailed is missing"
    assert named("audience", "count", f"got {ISSUE}", "--json").data["active"] == 1
    assert named("audience", "count", "quiet", "--json").data["active"] == 0


def test_a_block_for_a_named_audience_is_planned_test_sent_and_sent(three_readers: Terminal) -> None:
    give(three_readers, "audiences: {locals: field.city = bath and not tag:eu}\n")
    three_readers("subscribers", "add", "bob@example.com", "--field", "city=Bath")
    three_readers("subscribers", "add", "cy@example.net", "--field", "city=Bath")
    file = three_readers.folder / "issues" / f"{ISSUE}.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "  - {kind: note, text: Only for locals, only: locals}\n", encoding="utf-8")
    plan = three_readers("send", ISSUE, "--dry-run").out
    assert "variants   2, each checked: all others; field.city = bath\n" in plan

    assert three_readers("build", ISSUE).code == 0
    folder = three_readers.folder / "build" / ISSUE
    shown = ["Only for locals" in (folder / name).read_text(encoding="utf-8") for name in ("email.eml", "email.2.eml")]
    assert shown == [False, True]

    assert three_readers("test-send", ISSUE, "--to", "me@example.org").code == 0
    outbox = three_readers.folder / ".newsletter/outbox"
    copies = [path.read_text(encoding="utf-8") for path in outbox.rglob("*.eml")]
    assert sorted(("[TEST field.city" in each, "Only for locals" in each) for each in copies) == [
        (False,) * 2,
        (True,) * 2,
    ]

    assert three_readers("send", ISSUE, "--yes").code == 0
    sent = {
        str(message["To"]): "Only for locals" in path.read_text(encoding="utf-8")
        for path in outbox.rglob("*.eml")
        if "TEST" not in str((message := email.message_from_bytes(path.read_bytes()))["Subject"])
    }
    assert sent == {"Ana <ana@example.org>": False, "bob@example.com": True, "Cy <cy@example.net>": False}


def test_a_block_may_not_ask_for_what_no_message_knows(three_readers: Terminal) -> None:
    give(three_readers, "audiences: {recent: joined in last 3 days, odd: tga:us}\n")
    file = three_readers.folder / "issues" / f"{ISSUE}.yaml"
    lines = file.read_text(encoding="utf-8").count("\n") + 1
    with file.open("a", encoding="utf-8") as issue:
        issue.write("  - {kind: note, text: a, only: recent}\n  - {kind: note, text: a, only: not odd}\n")
    said = three_readers("build", ISSUE).err
    assert f"issues/{ISSUE}.yaml:{lines}:" in said
    assert "`joined in last 3 days` is not known of a reader when a message is written; ask for tags" in said
    assert "audiences.odd: 'tga:us' is not known here" in said
    assert said.count("odd") == 1


def test_who_opened_is_asked_in_vain_before_anything_came_back(three_readers: Terminal) -> None:
    give(three_readers, "audiences: {keen: opened in last 30 days, all: everybody}\n")
    for command in (
        ("audience", "count", "keen"),
        ("subscribers", "export", "keen"),
        ("send", ISSUE, "--to", "not keen"),
    ):
        answer = three_readers(*command)
        assert (answer.code, answer.out) == (2, "")
        assert "error: nobody is known to have opened anything that went out through outbox" in answer.err
        assert "hint: it needs `track: {opens: true}` in publication.yaml before an issue is sent" in answer.err
    listed = three_readers("audience", "list")
    assert listed.code == 0
    assert "so `opened` finds nobody  (opened in last 30 days)\n  all   3 active of 3" in listed.out
    found = three_readers("audience", "list", "--json").data
    assert (list(found["keen"]), found["all"]["active"]) == (["unknown"], 3)
