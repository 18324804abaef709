from __future__ import annotations

import pytest

from newsletter.errors import InvalidSource
from tests.core.examples import built, note, text_of, with_template


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("one\n{{ nothing }}", 2, "'nothing' is undefined"),
        ("one\n\n{{ issue.nothing }}", 3, "nothing"),
        ("{% if %}", 1, "Expected"),
        ("one\n{% for x in y", 2, "unexpected end of template"),
        ("{{ 1 / 'x' }}", 1, "unsupported operand"),
        ('{{ "x" | no_filter }}', 1, "no_filter"),
        ('{{ "x" | markdown }}', 1, "references"),
        ('{% include "blocks/other.txt.j2" %}', 1, "blocks/other.txt.j2"),
    ],
)
def test_a_mistake_in_a_template_is_reported_with_its_file_and_line(source: str, line: int, said: str) -> None:
    with pytest.raises(InvalidSource) as caught:
        text_of(source)
    [problem] = caught.value.problems
    assert problem.file == "layouts/plain/text.txt.j2"
    assert problem.mark.line == line
    assert said in problem.message


def test_a_mistake_in_an_included_template_is_reported_there() -> None:
    with pytest.raises(InvalidSource) as caught:
        built(layout=with_template("blocks/note.txt.j2", "a\n{{ block.nothing }}"))
    [problem] = caught.value.problems
    assert (problem.file, problem.mark.line) == ("layouts/plain/blocks/note.txt.j2", 2)


def test_a_template_reaches_no_file_outside_the_layout() -> None:
    for name in ("/etc/hostname", "../v2g/tokens.yaml", "blocks/../../x"):
        with pytest.raises(InvalidSource):
            text_of(f'{{% include "{name}" %}}')


def test_values_are_escaped_in_html_and_not_in_text() -> None:
    build = built(note(title="<b> & \"q\" 'a'"))
    assert "<b> &" not in build.html
    assert "&lt;b&gt; &amp;" in build.html
    assert "<b> & \"q\" 'a'" in build.text
