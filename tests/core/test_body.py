from __future__ import annotations

import quopri

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.body import quoted_printable
from tests.core.examples import encodable


@given(st.text() | st.text("a=. \t\nF", max_size=200).map(lambda text: text.replace("F", "From ")))
@example("x" * 75 + "é")
@example("x" * 76)
@example("x" * 75 + " ")
@example(" " * 200)
@example("." * 200)
@example("=" * 200)
@example("a\rb\r\nc")
@example("From \n.\n From")
def test_quoted_printable_gives_back_every_text_on_short_safe_lines(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    data = quoted_printable(text)
    lines = data.split(b"\r\n")
    assert data.isascii()
    assert all(len(line) <= 76 for line in lines)
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert not [line for line in lines if line.startswith((b".", b"From ")) or line.endswith((b" ", b"\t"))]
    assert quopri.decodestring(data).decode().replace("\r\n", "\n") == encodable(text)
