from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from newsletter.core.subscriber import Subscriber
from newsletter.edges.files import Project
from newsletter.errors import InvalidSource, NotFound
from newsletter.flows.build import SAMPLE, build, edition, sample_message
from tests.conftest import REPOSITORY as ROOT
from tests.core.examples import LAYOUT, PICTURES, bodies, parsed, yaml_of

PUBLICATION = """\
name: The Letter
site: https://letter.example.com
archive: https://letter.example.com/archive
sender: {name: The Letter, address: letter@example.com}
postal_address: 12 Sample Street
layout: plain
"""


@dataclass
class Shelf:
    """A library in memory."""

    text: str = field(default_factory=yaml_of)
    about: str = PUBLICATION
    tokens: bytes = b""
    more: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    written: dict[str, bytes] = field(default_factory=dict)

    def publication(self) -> bytes:
        return self.about.encode()

    def issue_name(self, given: str | None) -> str:
        return given or "vol-1-issue-1"

    def issue(self, name: str) -> tuple[str, bytes]:
        return f"issues/{name}.yaml", self.text.encode()

    def picture(self, src: str) -> bytes:
        if src not in self.pictures:
            raise NotFound(f"there is no issues/{src}", hint="put it there")
        return self.pictures[src]

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        if name == "gone":
            raise NotFound("there is no layout 'gone'")
        return {**LAYOUT.templates, **self.more}, self.tokens

    def write_build(self, name: str, files: Mapping[str, bytes]) -> Path:
        self.written.update(files)
        return Path("build", name)


def test_a_build_is_the_email_in_both_forms_a_sample_message_and_what_is_known_of_it() -> None:
    shelf = Shelf()
    made = build(shelf, None, {})
    assert made.folder == Path("build/vol-1-issue-1")
    assert sorted(shelf.written) == ["build.json", "email.eml", "email.html", "email.txt"]
    assert list(shelf.written)[-1] == "build.json"
    assert json.loads(shelf.written["build.json"]) == {
        "issue": "vol-1-issue-1",
        "subject": "A",
        "preheader": "B",
        "digest": made.edition.build.digest,
        "bytes": {name: len(shelf.written[name]) for name in ("email.html", "email.txt", "email.eml")},
        "pictures": [],
    }


FOR_SOME = """\
- {kind: note, text: For all}
- {kind: note, text: Only for the US, only: {tag: us}}
"""


def test_each_variant_has_its_files_and_build_json_says_whose_they_are() -> None:
    shelf = Shelf(yaml_of(blocks=FOR_SOME))
    build(shelf, None, {})
    assert json.loads(shelf.written["build.json"])["variants"] == [
        {"readers": [[]], "files": ["email.eml", "email.html", "email.txt"]},
        {"readers": [["us"]], "files": ["email.2.eml", "email.2.html", "email.2.txt"]},
    ]
    for kind in ("html", "txt", "eml"):
        assert b"Only for the US" not in shelf.written[f"email.{kind}"]
        assert b"Only for the US" in shelf.written[f"email.2.{kind}"]


def test_the_same_source_gives_the_same_bytes() -> None:
    first, second = Shelf(), Shelf()
    build(first, None, {})
    build(second, None, {})
    assert first.written == second.written


def test_the_files_show_merge_fields_as_they_were_written_and_the_message_shows_them_filled() -> None:
    fields = 'Dear {{ subscriber.first_name | default("reader") }}'
    shelf = Shelf(yaml_of({"subject": f"'{fields}'"}, blocks=f"- kind: note\n  text: |\n    {fields}"))
    build(shelf, None, {})
    assert fields in shelf.written["email.txt"].decode()
    assert json.loads(shelf.written["build.json"])["subject"] == fields
    message = shelf.written["email.eml"]
    assert parsed(message)["Subject"] == f"Dear {SAMPLE.first_name}"
    assert all(f"Dear {SAMPLE.first_name}" in body for body in bodies(message))
    assert b"mergefield" not in b"".join(shelf.written.values())


def test_the_sample_message_is_dated_by_its_issue_and_its_links_do_nothing() -> None:
    made = edition(Shelf(), "vol-1-issue-1", {})
    message = parsed(sample_message(made, made.build.variants[0]))
    assert str(message["Date"]) == "Tue, 03 Feb 2026 12:00:00 +0000"
    assert message["List-Unsubscribe"] == "<https://letter.example.com/unsubscribe/test-copy>"
    assert isinstance(SAMPLE, Subscriber)
    assert [each.addr_spec for each in message["To"].addresses] == [SAMPLE.address]


def test_the_environment_reaches_the_publication() -> None:
    made = edition(Shelf(), "vol-1-issue-1", {"NEWSLETTER_PUBLIC_URL": "http://localhost:8000/"})
    assert made.publication.public == "http://localhost:8000"


@pytest.mark.parametrize(
    ("shelf", "file"),
    [
        (Shelf(about="name: x"), "publication.yaml"),
        (Shelf(text="volume: 1"), "issues/vol-1-issue-1.yaml"),
        (Shelf(tokens=b"a: [b]"), "layouts/plain/tokens.yaml"),
        (Shelf(about=PUBLICATION + "tokens: {ink: red}"), "publication.yaml"),
        (Shelf(about=PUBLICATION.replace("12 S", "{{ x }} S")), "publication.yaml"),
    ],
)
def test_a_problem_names_the_file_it_is_in_and_nothing_is_written(shelf: Shelf, file: str) -> None:
    with pytest.raises(InvalidSource) as caught:
        build(shelf, None, {})
    assert {problem.file for problem in caught.value.problems} == {file}
    assert not shelf.written


def test_the_problems_of_the_publication_and_of_the_issue_are_said_together() -> None:
    with pytest.raises(InvalidSource) as caught:
        build(Shelf(text="volume: 1", about="name: x"), None, {})
    assert [problem.file for problem in caught.value.problems].count("publication.yaml") == 4
    assert {problem.file for problem in caught.value.problems} == {"publication.yaml", "issues/vol-1-issue-1.yaml"}


WITH_PICTURES = """\
- {kind: note, text: x}
- {kind: figure, src: plan.png, alt: A plan}
- {kind: figure, src: plan.png, decorative: true, only: {tag: us}}
"""
PLAN = (PICTURES / "plan.png").read_bytes()
V2G = PUBLICATION.replace("layout: plain", "layout: v2g")


def with_pictures(blocks: str = WITH_PICTURES, about: str = V2G, **files: bytes) -> Shelf:
    templates, tokens = Project(ROOT).layout("v2g")
    pictures = {name.replace("_", "."): data for name, data in files.items()}
    return Shelf(yaml_of(blocks=blocks), about, tokens, templates, pictures)


def test_pictures_lie_beside_the_html_which_shows_them_from_there() -> None:
    shelf = with_pictures(plan_png=PLAN)
    build(shelf, None, {})
    [name] = [file for file in shelf.written if file.startswith("assets/")]
    [about] = json.loads(shelf.written["build.json"])["pictures"]
    size = {"width": 1120, "height": 700, "shown": 560}
    assert about == {"file": name, "from": "issues/plan.png", **size, "bytes": len(shelf.written[name])}
    assert shelf.written["email.html"].decode().count(f'src="{name}"') == 1
    assert shelf.written["email.2.html"].decode().count(f'src="{name}"') == 2
    for file in ("email.eml", "email.2.eml"):
        assert [part.get_content() for part in parsed(shelf.written[file]).walk() if part.get_filename()] == [
            shelf.written[name]
        ]


def test_other_pixels_in_a_picture_are_another_build() -> None:
    other = (PICTURES / "small.png").read_bytes()
    first, second, third = (
        edition(with_pictures(plan_png=data), "vol-1-issue-1", {}).build.digest for data in (PLAN, other, PLAN)
    )
    assert first == third != second


def test_every_picture_that_is_not_there_is_said_where_it_is_asked_for() -> None:
    shelf = with_pictures(about=V2G + "logo: {src: logo.png}\n")
    with pytest.raises(InvalidSource) as caught:
        build(shelf, None, {})
    assert [str(problem) for problem in caught.value.problems] == [
        "publication.yaml:7:8: logo.src: there is no issues/logo.png; put it there",
        "issues/vol-1-issue-1.yaml:8:18: blocks[1].src: there is no issues/plan.png; put it there",
        "issues/vol-1-issue-1.yaml:9:18: blocks[2].src: there is no issues/plan.png; put it there",
    ]
    assert not shelf.written


def test_a_file_that_is_no_picture_is_said_where_it_is_asked_for_and_nothing_is_written() -> None:
    shelf = with_pictures(about=V2G + "logo: {src: logo.png}\n", plan_png=b"<svg/>", logo_png=b"")
    with pytest.raises(InvalidSource) as caught:
        build(shelf, None, {})
    assert [f"{problem.file} {problem.path} {problem.message}" for problem in caught.value.problems] == [
        "publication.yaml logo.src issues/logo.png is empty",
        "issues/vol-1-issue-1.yaml blocks[1].src issues/plan.png is SVG, which most mail programs do not show",
        "issues/vol-1-issue-1.yaml blocks[2].src issues/plan.png is SVG, which most mail programs do not show",
    ]
    assert not shelf.written


QUIP = {
    "blocks/quip.mjml.j2": "<mj-section><mj-column><mj-text>{{ block.words }}</mj-text></mj-column></mj-section>",
    "blocks/quip.txt.j2": "{{ block.words }}",
    "blocks/quip.schema.yaml": "words: line",
}


def said(shelf: Shelf) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        build(shelf, None, {})
    return [str(problem) for problem in caught.value.problems]


def test_a_block_of_a_kind_that_the_layout_adds_is_built() -> None:
    shelf = Shelf(yaml_of(blocks="- {kind: quip, words: Well <said>}"), more=QUIP)
    build(shelf, None, {})
    assert "Well &lt;said&gt;" in shelf.written["email.html"].decode()
    assert "Well <said>" in shelf.written["email.txt"].decode()


def test_the_kinds_of_the_layout_are_known_even_when_the_publication_has_problems() -> None:
    found = said(Shelf(yaml_of(blocks="- {kind: quip, wrods: x}"), PUBLICATION.replace("site:", "sight:"), more=QUIP))
    assert [problem.partition(": ")[0] for problem in found] == [
        "publication.yaml:1:1",
        "publication.yaml:2:1",
        "issues/vol-1-issue-1.yaml:7:3",
        "issues/vol-1-issue-1.yaml:7:16",
    ]
    assert found[3].endswith("blocks[0].wrods: is not a key here; did you mean 'words'?")


def test_a_wrong_schema_is_said_in_its_file_and_not_laid_to_the_issue() -> None:
    wrong = {**QUIP, "blocks/quip.schema.yaml": "words: lnie"}
    assert said(Shelf(yaml_of(blocks="- {kind: quip, words: x}"), more=wrong)) == [
        "layouts/plain/blocks/quip.schema.yaml:1:1: words: 'lnie' is nothing that a key can hold; did you mean 'line'?"
    ]


def test_a_kind_with_a_schema_alone_cannot_be_shown() -> None:
    schema = {"blocks/quip.schema.yaml": "words: line"}
    assert said(Shelf(yaml_of(blocks="- {kind: quip, words: x}"), more=schema)) == [
        "issues/vol-1-issue-1.yaml:7:4: blocks[0].kind: layout plain cannot show 'quip'; add its templates"
    ]


def test_the_problems_of_a_publication_come_before_a_layout_that_is_not_there() -> None:
    gone = PUBLICATION.replace("layout: plain", "layout: gone")
    with pytest.raises(NotFound):
        build(Shelf(about=gone), None, {})
    assert "site" in said(Shelf(about=gone.replace("site:", "sight:")))[0]


@pytest.mark.parametrize("layout", ["../plain", "[a]", "", "{a: b}"])
def test_what_is_no_name_of_a_layout_is_never_looked_for(layout: str) -> None:
    found = said(Shelf(about=PUBLICATION.replace("layout: plain", f"layout: {layout}")))
    assert [problem.split(": ")[1] for problem in found] == ["layout"]
