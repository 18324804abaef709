"""Whatever somebody does to the templates that ship, the check answers with problems, each at what it names."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.mjml.checking import check
from newsletter.core.source import Problem

SHIPPED = Path(__file__).parents[3] / "layouts"
LAYOUTS = {
    folder.name: {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.mjml.j2")}
    for folder in (SHIPPED / "plain", SHIPPED / "v2g")
}
# Separated by spaces; ~ stands for one.
SCRAPS = """
    < > " ' / = <mj-text> </mj-text> <mj-section~padding='5%'> </mj-column> <mj-raw> <p> </p> <br> <!-- --> <![endif]-->
    <!--[if~mso]> <? <![CDATA[ ]]> {{ }} {% %} {# #} {%~if~a~%} {%~else~%} {%~endif~%} {%~macro~a()~%} {%~endmacro~%}
    {%~raw~%} {%~endraw~%} {%~include~"blocks/note.mjml.j2"~%} mj- mj-class='a~b'~ ~
"""
Edit = tuple[float, int, str]
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(SCRAPS.split()) | st.text(max_size=8)),
    min_size=1,
    max_size=6,
)


def edited(text: str, edits: list[Edit]) -> str:
    """Replace so many characters at so far into the text by a scrap, one edit after the other."""
    for share, length, scrap in edits:
        at = int(share * len(text))
        text = text[:at] + scrap.replace("~", " ") + text[at + length :]
    return text


def named(problem: Problem) -> str | None:
    """Return the tag or attribute that a message begins with, as the template writes it."""
    match = re.match(
        r"(</?(?:mj[\w-]*|[A-Za-z]\w*))>? |([a-z-]+) (?:is|of|in|names|stands|cannot|'|follows) ?", problem.message
    )
    return (match[1] or match[2]) if match else None


@given(st.sampled_from([(layout, name) for layout in LAYOUTS for name in sorted(LAYOUTS[layout])]), EDITS)
@example(("v2g", "layout.mjml.j2"), [(0.5, 0, "<mj-text"), (0.9, 3, '"')])
def test_any_edit_is_answered_with_problems_at_what_they_name(template: tuple[str, str], edits: list[Edit]) -> None:
    layout, name = template
    templates = {**LAYOUTS[layout], name: edited(LAYOUTS[layout][name], edits)}
    found = check(layout, templates)
    for problem in (*found.errors, *found.warnings):
        line = templates[problem.file.removeprefix(f"layouts/{layout}/")].split("\n")[problem.mark.line - 1]
        assert 1 <= problem.mark.column <= len(line) + 1
        assert problem.message
        assert problem.hint
        if word := named(problem):
            assert line[problem.mark.column - 1 :].startswith(word), problem


@given(st.text(alphabet="<>/=\"' \nmj-textraw{}%#!-[]if\ue000a", max_size=60))
def test_any_text_at_all_is_answered(text: str) -> None:
    for problem in check("v2g", {"layout.mjml.j2": text}).errors:
        assert 1 <= problem.mark.line <= text.count("\n") + 1
