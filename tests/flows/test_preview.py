"""What the studio shows for an issue."""

from __future__ import annotations

from pathlib import Path

from newsletter.edges.files import Project
from newsletter.flows.build import edition
from newsletter.flows.preview import Broken, Shown, look

NEWEST, OLDER = "vol-2-issue-3", "vol-1-issue-6"


def edit(publication: Path, file: str, old: str, new: str) -> None:
    text = (publication / file).read_text(encoding="utf-8")
    assert old in text
    (publication / file).write_text(text.replace(old, new), encoding="utf-8")


def test_an_issue_is_shown_filled_for_the_sample_reader_with_inert_links(publication: Path) -> None:
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Shown)
    assert "Dear Robin," in sight.versions[0].html
    assert "Dear Robin," in sight.versions[0].text
    assert "/unsubscribe/test-copy" in sight.versions[0].html
    assert "{{" not in sight.versions[0].html + sight.versions[0].text + sight.subject + sight.preheader


def test_without_a_name_the_newest_issue_is_shown(publication: Path) -> None:
    sight = look(Project(publication), None, {})
    assert isinstance(sight, Shown)
    assert sight.issue == NEWEST


def test_size_and_digest_are_those_of_the_build(publication: Path) -> None:
    sight = look(Project(publication), OLDER, {})
    build = edition(Project(publication), OLDER, {}).build
    assert isinstance(sight, Shown)
    assert sight.digest == build.digest
    assert sight.versions[0].size == len(build.restored(build.html).encode())


def test_merge_fields_in_subject_and_preheader_are_filled_too(publication: Path) -> None:
    edit(publication, f"issues/{OLDER}.yaml", "subject: Ten", 'subject: "{{ subscriber.first_name }}: Ten"\nold: Ten')
    edit(publication, f"issues/{OLDER}.yaml", "\nold: Ten years proved V2G works. What holds it back?\n", "\n")
    edit(publication, f"issues/{OLDER}.yaml", "preheader: Flexible", "preheader: For {{ subscriber.name }}, flexible")
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Shown)
    assert sight.subject == "Robin: Ten"
    assert sight.preheader.startswith("For Robin Reader, flexible")


def test_each_problem_comes_with_the_line_it_stands_in(publication: Path) -> None:
    edit(publication, f"issues/{OLDER}.yaml", "subject:", "subjekt:")
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Broken)
    lines = {fault.problem.path: fault.line for fault in sight.faults}
    assert lines["subjekt"].startswith("subjekt: Ten years")


def test_a_problem_of_a_template_comes_with_its_line(publication: Path) -> None:
    edit(publication, "layouts/v2g/layout.mjml.j2", "{{ publication.postal_address }}", "{{ publication.postal_address")
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Broken)
    assert sight.faults[0].problem.file == "layouts/v2g/layout.mjml.j2"
    assert sight.faults[0].line


def test_a_problem_behind_the_end_of_its_file_has_no_line(publication: Path) -> None:
    (publication / f"issues/{OLDER}.yaml").write_text('subject: "never closed', encoding="utf-8")
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Broken)
    assert sight.faults[0].problem.message.startswith("not YAML")


def test_a_problem_of_the_environment_has_no_line(publication: Path) -> None:
    sight = look(Project(publication), OLDER, {"NEWSLETTER_TRANSPORT": "pigeon"})
    assert isinstance(sight, Broken)
    assert sight.faults[0].problem.file == "environment"
    assert sight.faults[0].line == ""


def test_a_file_that_is_not_utf_8_is_shown_as_a_problem(publication: Path) -> None:
    (publication / f"issues/{OLDER}.yaml").write_bytes(b"subject: caf\xe9\n")
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Broken)
    assert "UTF-8" in sight.faults[0].problem.message


def test_an_issue_that_is_not_there_is_said_to_be_missing_even_if_its_name_is_a_path(publication: Path) -> None:
    for name in ("vol-9-issue-9", "../publication", "/etc/passwd", ""):
        sight = look(Project(publication), name, {})
        assert isinstance(sight, Broken)
        assert sight.message == f"there is no issue {name!r}"


def test_a_publication_that_is_gone_is_said_to_be_gone(publication: Path) -> None:
    (publication / "publication.yaml").unlink()
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Broken)
    assert "publication.yaml is not there" in sight.message


def test_a_problem_of_a_schema_comes_with_its_line(publication: Path) -> None:
    schema = publication / "layouts/v2g/blocks/quip.schema.yaml"
    schema.write_text("title: line\nday: dat  # when\n", encoding="utf-8")
    sight = look(Project(publication), OLDER, {})
    assert isinstance(sight, Broken)
    assert [(fault.problem.file, fault.line) for fault in sight.faults] == [
        ("layouts/v2g/blocks/quip.schema.yaml", "day: dat  # when")
    ]
