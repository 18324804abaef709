from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.formulas import guarded, unguarded

CELLS = st.text() | st.text(alphabet="'=+-@\t\r\nax ")


@given(CELLS)
def test_a_guarded_cell_comes_back_as_it_was(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


@given(CELLS)
def test_no_guarded_cell_begins_like_a_formula(cell: str) -> None:
    assert guarded(cell)[:1] not in list("=+-@\t\r")


@pytest.mark.parametrize("cell", ["", "Ana", "O'Neil", "'t Hart", "'", "1+1", "a=b"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == unguarded(cell) == cell


@pytest.mark.parametrize(
    ("cell", "safe"), [("=1+1", "'=1+1"), ("'=1+1", "''=1+1"), ("-5", "'-5"), ("+49 30", "'+49 30")]
)
def test_what_begins_like_a_formula_gets_an_apostrophe_more(cell: str, safe: str) -> None:
    assert (guarded(cell), unguarded(safe)) == (safe, cell)
