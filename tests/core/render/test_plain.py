from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.render.plain import WIDTH, References, heading, to_plain, underlined, wrapped
from tests.core.examples import hostile_texts

WORDS = st.lists(st.text("abcdé", min_size=1, max_size=12), min_size=1, max_size=60).map(" ".join)
URLS = st.from_regex(r"https://e\.com/[a-z0-9/?=&_.-]{0,150}[a-z0-9]", fullmatch=True)
SPANS = WORDS | st.tuples(WORDS, URLS).map(lambda both: f"[{both[0]}]({both[1]})") | WORDS.map("**{}**".format)
BLOCKS = st.tuples(st.sampled_from(["", "> ", "- ", "1. ", "## ", "- > ", "> 12. ", "- - "]), SPANS).map("".join)
TEXTS = st.lists(BLOCKS, min_size=1, max_size=5).map("\n\n".join)


def archive(volume: int, number: int) -> str | None:
    return f"https://e.com/vol-{volume}-issue-{number}"


def plain(text: str, indent: str = "") -> tuple[str, str]:
    references = References()
    return to_plain(text, archive, references, indent=indent), str(references)


@given(TEXTS, st.sampled_from(["", "  ", "   "]))
@example("- " + "## " + "word " * 40, "   ")
@example("> ## " + "word " * 40, "")
def test_no_line_is_wider_than_the_page(text: str, indent: str) -> None:
    body, _ = plain(text, indent)
    assert all(len(line) <= WIDTH for line in body.split("\n"))
    assert all(line.startswith(indent) for line in body.split("\n") if line.strip())


@given(TEXTS)
def test_every_word_comes_through_in_its_order(text: str) -> None:
    body, _ = plain(text)
    expected = re.findall(r"[a-dé]{2,}", re.sub(r"\(https?://[^)]*\)", "", text))
    assert re.findall(r"[a-dé]{2,}", re.sub(r"\[\d+\]", "", body)) == expected


@given(st.lists(URLS, min_size=1, max_size=6))
def test_links_are_numbered_and_their_addresses_stand_whole_on_lines_of_their_own(urls: list[str]) -> None:
    body, references = plain(" and ".join(f"[word]({url})" for url in urls))
    numbered = {url: index for index, url in enumerate(dict.fromkeys(urls), start=1)}
    assert references == "\n".join(f"[{number}] {url}" for url, number in numbered.items())
    assert [int(number) for number in re.findall(r"\[(\d+)\]", body)] == [numbered[url] for url in urls]


def test_numbers_begin_again_for_each_block() -> None:
    assert plain("[a](https://e.com/1)")[1] == plain("[b](https://e.com/1)")[1] == "[1] https://e.com/1"


def test_the_mark_of_a_link_stays_on_the_line_of_its_word() -> None:
    for length in range(50, 80):
        body, _ = plain(f"{'x' * length} [word](https://e.com)")
        assert "word [1]" in body


def test_a_word_longer_than_the_page_is_not_broken() -> None:
    word, url = "x" * 300, "https://e.com/" + "y-" * 150
    assert word in plain(f"a {word} b")[0].split("\n")
    assert url in plain(f"a {url} b")[0].split("\n")
    assert url in wrapped(f"a {url} b").split("\n")


@given(hostile_texts)
def test_no_text_leaves_markup_of_ours_behind(text: str) -> None:
    body, _ = plain(text)
    assert "\u00a0" not in body
    assert not re.search(r"</?(p|a|em|strong|h3|li|ul|br)\b", body.replace(text, ""))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a *b* **c** `d` \\*e\\* &amp; <f>", "a b c d *e* & <f>"),
        ("one  \ntwo\\\nthree\nfour", "one\ntwo\nthree four"),
        ("- a\n- b\n  - c\n\n1. d\n2. e", "- a\n- b\n\n  - c\n\n1. d\n2. e"),
        ("7. a\n8. b", "7. a\n8. b"),
        ("> a\n>\n> b", "> a\n\n> b"),
        ("## A head", "A head\n------"),
        ("***", "* * *"),
        ("    code  here\n      more", "    code  here\n      more"),
        ("```\n<b>\n```", "    <b>"),
        ("- a\n\n  b", "- a\n\n  b"),
        ("-\n- a", "- \n- a"),
    ],
)
def test_each_kind_of_markdown_reads_as_text(text: str, expected: str) -> None:
    assert plain(text)[0] == expected


def test_a_reference_to_an_earlier_issue_gets_its_number() -> None:
    body, references = plain("As in Vol. 1 | Issue 2.")
    assert body == "As in Vol. 1 | Issue 2 [1]."
    assert references == "[1] https://e.com/vol-1-issue-2"


def test_headings_are_underlined_to_their_own_length() -> None:
    assert heading("Title") == "Title\n====="
    assert underlined("Title") == "Title\n-----"
    assert heading("word " * 30).split("\n")[-1] == "=" * 69
    assert heading("x" * 200).split("\n") == ["x" * 200, "=" * WIDTH]
    assert underlined("a " * 50, indent="  ") == textwrap.indent(
        underlined("a " * 50, "  ").replace("\n  ", "\n")[2:], "  "
    )


def test_a_first_line_may_begin_otherwise() -> None:
    assert wrapped("a b", "   ", "1. ") == "1. a b"
