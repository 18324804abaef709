from __future__ import annotations

import pytest

from newsletter.core.merge import Context, Field
from newsletter.core.placeholders import Variables
from newsletter.core.slots import Slot, Template

NAME, VIEW = Field("subscriber", "first_name"), Field("links", "view")


def written(*segments: str, context: Context = Context.TEXT) -> tuple[str, dict[str, str]]:
    """Return the template of segments with a name between each two, and the variables for its braces."""
    variables = Variables(plain_links=True)
    slots = (Slot(NAME, context),) * (len(segments) - 1)
    return variables.template(Template(segments, slots)), dict(variables.braces)


@pytest.mark.parametrize(
    "text", ["a { b } c", "p { margin: 0 }", "a\\n", "\\", "{", "}", "&lbrace;&lbrace;", "{ {", "} }", ""]
)
def test_what_no_engine_takes_for_a_placeholder_stays(text: str) -> None:
    assert written(text) == (text, {})


@pytest.mark.parametrize("run", ["{{", "}}", "{{{", "{}}", "\\{{", "{{\\", "{}{{", "\0"])
def test_what_could_be_taken_for_a_placeholder_is_a_variable_as_a_whole(run: str) -> None:
    assert written(f"a{run}b{run}") == ("a{{b0}}b{{b0}}", {"b0": run})


@pytest.mark.parametrize("run", ["{", "}", "\\", "\\\\", "{\\", "\\}"])
def test_a_brace_or_backslash_beside_a_placeholder_is_a_variable(run: str) -> None:
    assert written(f"{run}a{run}", f"{run}b{run}") == (f"{run}a{{{{b0}}}}{{{{v0}}}}{{{{b0}}}}b{run}", {"b0": run})
    assert written("", run, "") == ("{{v0}}{{b0}}{{v0}}", {"b0": run})


def test_lines_end_in_lf() -> None:
    assert written("a\r\nb\rc\n") == ("a\nb\nc\n", {})


def test_text_of_html_and_of_attributes_share_a_variable_and_plain_text_and_urls_have_their_own() -> None:
    variables = Variables(plain_links=True)
    contexts = (Context.HTML, Context.ATTRIBUTE, Context.TEXT, Context.URL)
    template = variables.template(Template(("",) * 5, tuple(Slot(NAME, each) for each in contexts)))
    assert template == "{{v0}}{{v0}}{{v1}}{{v2}}"
    assert variables.slots == {NAME: {"v0": Context.HTML, "v1": Context.TEXT, "v2": Context.URL}}


@pytest.mark.parametrize(("plain", "expected"), [(True, "{{v0}}{{v0}}"), (False, "{{v0}}{{v1}}")])
def test_text_and_html_share_links_that_need_no_escaping(*, plain: bool, expected: str) -> None:
    slots = (Slot(VIEW, Context.TEXT), Slot(VIEW, Context.ATTRIBUTE))
    assert Variables(plain_links=plain).template(Template(("", "", ""), slots)) == expected
