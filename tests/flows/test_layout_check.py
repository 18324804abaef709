"""Layouts, checked from template to message."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.edges.files import Project
from newsletter.errors import InvalidSource
from newsletter.flows import layout_check
from newsletter.flows.layout_check import Checked


def check(publication: Path) -> Checked:
    return layout_check.check(Project(publication), None, {})


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


def test_a_kind_without_a_schema_that_is_named_almost_like_a_built_in_one_is_a_warning(publication: Path) -> None:
    for ending in ("mjml", "txt"):
        write(publication, f"blocks/leter.{ending}.j2", "")
    checked = check(publication)
    assert checked.errors == []
    assert str(checked.warnings[0]) == (
        "layouts/v2g/blocks/leter.mjml.j2:1:1: 'leter' is a kind of its own here, without keys; did you mean 'letter'?"
    )


def test_a_layout_that_lacks_what_every_layout_has_is_refused(publication: Path) -> None:
    (publication / "layouts/v2g/text.txt.j2").unlink()
    with pytest.raises(InvalidSource) as refused:
        check(publication)
    assert [str(problem) for problem in refused.value.problems] == [
        "layouts/v2g/text.txt.j2:1:1: is missing; every layout has one"
    ]


SECTION = "<mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section>"
SCHEMA = "style: one of soft, quiet, loud\nday: optional date\npeople:\n  list of:\n    role: optional line\n"


def add(publication: Path, mjml: str = "", txt: str = "", schema: str = SCHEMA) -> None:
    """Add a kind of block, `quip`, to the layout."""
    for ending, text in {"mjml.j2": SECTION.format(mjml), "txt.j2": txt, "schema.yaml": schema}.items():
        write(publication, f"blocks/quip.{ending}", text)


@pytest.mark.parametrize(
    "found",
    [
        "{% if block.style == 'quiet' %}{{ wrong }}{% endif %}",
        "{% if block.style == 'loud' %}{{ wrong }}{% endif %}",
        "{% if block.day %}{{ wrong }}{% endif %}",
        "{% if not block.day %}{{ wrong }}{% endif %}",
        "{% for each in block.people %}{% if not each.role %}{{ wrong }}{% endif %}{% endfor %}",
        "{% for each in block.people %}{% if each.role %}{{ wrong }}{% endif %}{% endfor %}",
    ],
)
def test_a_kind_of_the_layout_is_shown_with_every_choice_and_key_and_without(publication: Path, found: str) -> None:
    add(publication, mjml="\n" + found, txt="\n\n" + found)
    assert [(problem.file, problem.mark.line, problem.message) for problem in check(publication).errors] == [
        ("layouts/v2g/blocks/quip.mjml.j2", 2, "'wrong' is undefined"),
        ("layouts/v2g/blocks/quip.txt.j2", 3, "'wrong' is undefined"),
    ]


def test_a_kind_of_the_layout_that_is_whole_is_among_those_that_it_shows(publication: Path) -> None:
    add(publication, "{{ block.style }}{% if block.day %}{{ block.day | print_date }}{% endif %}", "{{ block.style }}")
    checked = check(publication)
    assert (checked.errors, checked.warnings, checked.missing) == ([], [], [])
    assert checked.kinds.count("quip") == 1


@pytest.mark.parametrize(
    ("gone", "missing"), [(["mjml.j2"], ["mjml.j2"]), (["mjml.j2", "txt.j2"], ["mjml.j2", "txt.j2"])]
)
def test_a_schema_without_its_templates_is_an_error(publication: Path, gone: list[str], missing: list[str]) -> None:
    add(publication)
    for ending in gone:
        (publication / f"layouts/v2g/blocks/quip.{ending}").unlink()
    checked = check(publication)
    assert [problem.file for problem in checked.errors] == [f"layouts/v2g/blocks/quip.{each}" for each in missing]
    assert {problem.message for problem in checked.errors} == {"is missing"}
    assert checked.missing == ["quip"]


def test_a_wrong_schema_ends_the_check(publication: Path) -> None:
    add(publication, schema="style: lien")
    write(publication, "blocks/note.schema.yaml", "title: line")
    with pytest.raises(InvalidSource) as refused:
        check(publication)
    assert [str(problem) for problem in refused.value.problems] == [
        (
            "layouts/v2g/blocks/note.schema.yaml:1:1: 'note' is a kind that is built in, and has its keys; "
            "delete the file; the templates of a built-in kind can be changed without it"
        ),
        "layouts/v2g/blocks/quip.schema.yaml:1:1: style: 'lien' is nothing that a key can hold; did you mean 'line'?",
    ]


def test_files_whose_name_no_kind_can_have_are_a_warning(publication: Path) -> None:
    write(publication, "blocks/note copy.txt.j2", "{{ a }}")
    checked = check(publication)
    assert checked.errors == []
    assert [f"{problem.file}: {problem.message}" for problem in checked.warnings] == [
        "layouts/v2g/blocks/note copy.txt.j2: 'note copy' cannot be the name of a kind of block"
    ]


def test_templates_that_read_keys_which_no_schema_gives_are_told_to_have_one(publication: Path) -> None:
    add(publication, mjml="{{ block.words }}", txt="{{ block.kind }}")
    (publication / "layouts/v2g/blocks/quip.schema.yaml").unlink()
    checked = check(publication)
    assert [problem.file for problem in checked.errors] == ["layouts/v2g/blocks/quip.mjml.j2"]
    assert [str(problem) for problem in checked.warnings] == [
        (
            "layouts/v2g/blocks/quip.mjml.j2:1:1: 'quip' is a kind of its own here, without keys; "
            "write blocks/quip.schema.yaml, which says what keys it has"
        )
    ]
