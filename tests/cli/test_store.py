from __future__ import annotations

from tests.cli.running import Terminal

FROM, TO = "sqlite:///.newsletter/newsletter.db", "sqlite:///.newsletter/copy.db"


def test_a_store_is_copied_and_what_arrived_is_said(three_readers: Terminal) -> None:
    answer = three_readers("store", "copy", FROM, TO)
    assert answer.code == 0
    assert "subscribers      3" in answer.out
    assert "copied and compared" in answer.out
    three_readers.patch.setenv("NEWSLETTER_STORE", TO)
    assert three_readers("subscribers", "list", "--json").out.count("\n") == 3


def test_a_script_gets_the_numbers(three_readers: Terminal) -> None:
    data = three_readers("store", "copy", FROM, TO, "--json").data
    assert (data["rows"]["subscribers"], data["rows"]["subscriber_tags"]) == (3, 4)
    assert len(data["ledger"]) == 64


def test_a_second_copy_to_the_same_place_is_refused(three_readers: Terminal) -> None:
    three_readers("store", "copy", FROM, TO)
    answer = three_readers("store", "copy", FROM, TO)
    assert (answer.code, answer.out) == (2, "")
    assert "not empty" in answer.err


def test_a_store_that_is_not_there_is_named(newsletter: Terminal) -> None:
    answer = newsletter("store", "copy", "sqlite:///none.db", TO)
    assert answer.code == 2
    assert "none.db" in answer.err
