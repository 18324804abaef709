"""Layouts, checked from template to message."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.edges.files import Project
from newsletter.errors import EdgeError, InvalidSource
from newsletter.flows import layouts
from newsletter.flows.layouts import Checked


def check(publication: Path) -> Checked:
    return layouts.check(Project(publication), None, {})


def write(publication: Path, template: str, text: str) -> None:
    (publication / "layouts/v2g" / template).write_text(text, encoding="utf-8")


def test_every_kind_of_block_is_shown_with_all_that_may_be_absent_and_without_it(publication: Path) -> None:
    write(publication, "blocks/note.mjml.j2", "{% if block.title %}{{ a }}{% else %}{{ b }}{% endif %}")
    said = [problem.message for problem in check(publication).errors]
    assert said == ["'a' is undefined", "'b' is undefined"]


def test_errors_of_mjml_and_of_jinja_are_said_together(publication: Path) -> None:
    write(publication, "blocks/note.mjml.j2", "<mj-text>{{ block.titel }}</mj-text>")
    write(publication, "text.txt.j2", "{{ issue.subjekt }}")
    problems = check(publication).errors
    assert [problem.file.removeprefix("layouts/v2g/") for problem in problems] == [
        "blocks/note.mjml.j2",
        "blocks/note.mjml.j2",
        "text.txt.j2",
    ]
    assert problems[0].message == "<mj-text> cannot stand in <mj-body>"


def test_what_only_the_engine_sees_is_said_too(publication: Path) -> None:
    write(publication, "blocks/note.mjml.j2", "<mj-section>{{ '<mj-foo></mj-foo>' | safe }}</mj-section>")
    assert [problem.message for problem in check(publication).errors] == ["<mj-foo> was not rendered"]


def test_a_block_with_half_of_its_templates_is_an_error(publication: Path) -> None:
    (publication / "layouts/v2g/blocks/note.txt.j2").unlink()
    checked = check(publication)
    assert [str(problem) for problem in checked.errors] == [
        "layouts/v2g/blocks/note.txt.j2:1:1: is missing; a block needs HTML and plain text"
    ]
    assert checked.missing == ["note"]


def test_a_block_of_no_kind_is_a_warning(publication: Path) -> None:
    for ending in ("mjml", "txt"):
        write(publication, f"blocks/leter.{ending}.j2", "")
    checked = check(publication)
    assert checked.errors == []
    assert str(checked.warnings[0]) == (
        "layouts/v2g/blocks/leter.mjml.j2:1:1: 'leter' is not a kind of block; did you mean 'letter'?"
    )


def test_a_layout_that_lacks_what_every_layout_has_is_refused(publication: Path) -> None:
    (publication / "layouts/v2g/text.txt.j2").unlink()
    with pytest.raises(InvalidSource) as refused:
        check(publication)
    assert [str(problem) for problem in refused.value.problems] == [
        "layouts/v2g/text.txt.j2:1:1: is missing; every layout has one"
    ]


def test_a_copy_that_cannot_be_finished_leaves_nothing_behind(publication: Path) -> None:
    (publication / "layouts/v2g/unreadable.j2").symlink_to("/proc/self/mem")
    with pytest.raises(EdgeError):
        layouts.new(Project(publication), "autumn", "v2g")
    assert {path.name for path in (publication / "layouts").iterdir()} == {"plain", "v2g"}


def test_a_copy_has_nowhere_to_go_where_a_file_is_in_the_way(publication: Path) -> None:
    (publication / "layouts").rename(publication / "elsewhere")
    (publication / "layouts").write_text("", encoding="utf-8")
    with pytest.raises(EdgeError, match="cannot be written"):
        layouts.new(Project(publication), "autumn", "v2g")
