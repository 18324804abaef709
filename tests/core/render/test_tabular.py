from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.render.ems import longest_word
from newsletter.core.render.plain import WIDTH
from newsletter.core.render.tabular import tabular
from tests.core.examples import built

WORDS = st.lists(st.text("abcdé", min_size=1, max_size=12), max_size=12).map(" ".join)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]], list[bool]]:
    width = draw(st.integers(2, 6))
    header = draw(st.lists(WORDS.filter(bool), min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(WORDS, min_size=width, max_size=width), min_size=1, max_size=4))
    return header, rows, draw(st.lists(st.booleans(), min_size=width, max_size=width))


def test_columns_are_aligned_and_numbers_stand_flush_right() -> None:
    assert tabular(["Name", "Sum"], [["One", "1"], ["Thousand", "1,000"]], [False, True]) == (
        "Name        Sum\n--------  -----\nOne           1\nThousand  1,000"
    )


def test_what_is_too_wide_becomes_a_record_per_row_without_its_empty_cells() -> None:
    assert tabular(["Name", "Said"], [["One", "word " * 20], ["Two", ""]], [False, False]) == (
        "Name: One\nSaid: word word word word word word word word word word word word word\n"
        "  word word word word word word word\n\nName: Two"
    )


def test_a_table_as_wide_as_the_page_is_aligned_still() -> None:
    for extra, lines in ((0, 3), (1, 2)):
        assert len(tabular(["A", "B"], [["a" * 35, "b" * (35 + extra)]], [False, False]).split("\n")) == lines


@given(tables())
def test_no_line_of_a_table_is_wider_than_the_page(table: tuple[list[str], list[list[str]], list[bool]]) -> None:
    text = tabular(*table)
    assert all(len(line) <= WIDTH for line in text.split("\n"))
    cells = [cell for row in (table[1]) for cell in row]
    assert "".join("".join(cells).split()) == "" or all(word in text for cell in cells for word in cell.split())


def test_a_table_with_merge_fields_is_never_aligned() -> None:
    from tests.core.render.test_v2g import v2g  # noqa: PLC0415 - reads files

    table = {"kind": "table", "header": ["For", "Said"], "rows": [["{{ subscriber.first_name }}", "Hello"]]}
    build = built(table, layout=v2g())
    assert "For: {{ subscriber.first_name }}\nSaid: Hello" in build.restored(build.text)


def test_words_are_measured_by_the_widest_that_stays_on_one_line() -> None:
    assert longest_word("") == longest_word("  ") == 0
    assert longest_word("a bb a") == longest_word("bb") > longest_word("b")
    assert longest_word("one-two") == longest_word("one-") < longest_word("onetwo")
    assert longest_word("MM") > longest_word("mm") * 0.99 > longest_word("aa") > longest_word("ii")
    assert longest_word("漢字") == 2.0


def test_a_header_without_a_word_is_left_out() -> None:
    assert tabular(["", ""], [["One", "1"], ["Two", "20"]], [False, True]) == "One   1\nTwo  20"
    assert tabular(["", "Sum"], [["a" * 70, "1"]], [False, True]) == f"{'a' * 70}\nSum: 1"
