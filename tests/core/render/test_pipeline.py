from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.core.build import Build
from newsletter.core.issue import parse_issue
from newsletter.core.layout import Layout
from newsletter.core.render.pipeline import render
from newsletter.core.source import read
from newsletter.errors import InvalidSource
from newsletter.flows.build import edition
from tests.core.examples import HOSTILE, LAYOUT, SLUG, built, hostile_texts, note, publication, yaml_of
from tests.golden.cases import Shelf

ROOT = Path(__file__).parents[3]
VOID = {"br", "img", "meta", "hr", "link", "input", "col"}


class Balance(HTMLParser):
    """Checks that tags nest, and keeps what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.text.append(data)


def seen(html: str) -> Balance:
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert not parser.open
    # What only Outlook reads must be balanced too, once its conditionals are taken as true.
    outlook = Balance()
    outlook.feed(re.sub(r"<!--\[if (?:mso|lte|gte)[^\]]*\]>|<!\[endif\]-->", "", html))
    return parser


def visible(text: str) -> str:
    """Return what a reader sees of a text; control characters are left out, and white space may fold."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\s]+", "", text)


@settings(max_examples=25)
@given(hostile_texts)
@example(" ".join(HOSTILE))
@example("\ufffe")
def test_no_text_in_any_field_adds_markup_or_gets_lost(text: str) -> None:
    if "{{" in text or "}}" in text or not text.strip():
        return
    line = " ".join(text.split()) or "x"
    calm = seen(built(note("Hello."), {"kind": "share", "text": "x", "label": "y"}).html)
    # Fenced, so that CommonMark leaves the text as it is.
    block = note(f"~~~~\n{line}\n~~~~", title=line)
    share = {"kind": "share", "text": f"~~~~\n{line}\n~~~~", "label": line}
    build = built(block, share, subject=line, preheader=line, byline=line, by=publication(name="N"))
    page = seen(build.html)
    assert [tag for tag in page.tags if tag not in {"pre", "code"}] == [tag for tag in calm.tags if tag != "p"]
    assert visible(line) in visible("".join(page.text))
    assert dict(page.attributes).keys() == dict(calm.attributes).keys()
    alts = [value for name, value in page.attributes if name == "alt"]
    assert [visible(alt or "") for alt in alts] == [visible(line)]


@given(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE))
def test_markdown_of_any_kind_leaves_the_page_balanced(first: str, second: str) -> None:
    for text in (f"{first} {second}", f"- {first}\n\n  > {second}", f"## {first}\n\n[{second}](https://e.com)"):
        seen(built(note(text)).html)


def test_a_word_of_three_hundred_characters_is_kept_whole() -> None:
    build = built(note("a " + "x" * 300))
    assert "x" * 300 in build.html
    assert "x" * 300 in build.text.split("\n")


def test_plain_text_has_no_trailing_spaces_and_no_line_that_mail_programs_misread() -> None:
    build = built(note("-- \n\nFrom here on\n\na\u00a0\n\n- \n- b\n\n---\n\n\n\nc", title="-- "))
    lines = build.text.split("\n")
    assert [line for line in lines if line != line.rstrip()] == []
    assert not [line for line in lines if line == "-- " or line.startswith("From ")]
    assert "\n\n\n" not in build.text
    assert build.text.endswith("\n")
    assert not build.text.startswith("\n")


@pytest.mark.parametrize("name", ["vol-1-issue-6", "vol-2-issue-3"])
def test_the_sample_issues_read_well_as_plain_text(name: str) -> None:
    build = real(name)
    for line in build.text.split("\n"):
        assert len(line) <= 72 or re.fullmatch(r"( *\[\d+\] | *)https?://\S+", line), line
        assert line == line.rstrip()
        assert not re.search(r"</?[a-z]+>|&[a-z]+;|\*\*|\]\(", line)


def real(name: str) -> Build:
    shelf = Shelf(ROOT / "tests" / "golden" / name)
    return edition(shelf, name, {}).build


SCRIPT = """
import hashlib, sys
sys.path.insert(0, {root!r})
from tests.golden.cases import cases, files_of
for case in cases():
    if case.name not in {{"everything", "hostile", "merge-fields", "only", "rtl", "vol-2-issue-3"}}:
        continue
    for name, data in files_of(case).items():
        print(case.name, name, hashlib.sha256(data).hexdigest())
"""


def test_two_processes_give_the_same_bytes() -> None:
    outs = []
    for seed in ("0", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "0" else "America/New_York"}
        command = [sys.executable, "-c", SCRIPT.format(root=str(ROOT))]
        outs.append(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)
    assert outs[0] == outs[1]
    assert len(outs[0].splitlines()) >= 6


def test_a_field_that_no_escaping_makes_safe_is_reported_where_it_stands() -> None:
    text = yaml_of(blocks="- kind: note\n  text: |\n    Dear [x][1],\n\n    [1]: {{ subscriber.site }}\n")
    source = read(text.encode(), "issue.yaml")
    with pytest.raises(InvalidSource) as caught:
        render(parse_issue(source, SLUG), source, publication(), LAYOUT)
    [problem] = caught.value.problems
    assert str(problem) == (
        "issue.yaml:11:10: blocks[0].text: {{ subscriber.site }} stands where the address of a link begins; "
        "put the merge field into running text, or behind the ? of a full address"
    )


def test_a_field_that_the_layout_puts_in_a_wrong_place_is_reported_as_the_layouts() -> None:
    templates = {**LAYOUT.templates, "blocks/note.mjml.j2": '<mj-raw><p onclick="{{ links.view }}"></p></mj-raw>'}
    with pytest.raises(InvalidSource) as caught:
        built(layout=replace(LAYOUT, templates=templates))
    [problem] = caught.value.problems
    assert problem.file == "layouts/plain/layout.mjml.j2"
    assert "inside a script" in problem.message


def test_a_block_that_the_layout_cannot_show_is_refused() -> None:
    layout = Layout("bare", {name: text for name, text in LAYOUT.templates.items() if "share" not in name}, {})
    with pytest.raises(InvalidSource) as caught:
        built(note(), {"kind": "share", "text": "x", "label": "y"}, layout=layout)
    assert [str(problem) for problem in caught.value.problems] == [
        "issue.yaml:1:1: blocks[1].kind: layout bare cannot show 'share'; add its templates"
    ]


@pytest.mark.parametrize("where", ["title", "text", "subject", "name", "entity"])
def test_a_text_that_looks_like_a_token_stays_text(where: str) -> None:
    token = "mergefield000z"
    block = note(
        f"{{{{ subscriber.city }}}} {token if where == 'text' else '&#109;ergefield999z' * (where == 'entity')}"
    )
    if where == "title":
        block["title"] = token
    by = publication(name=token) if where == "name" else publication()
    build = built(block, subject=token if where == "subject" else "S", by=by)
    everything = build.restored(build.subject + build.html + build.text)
    assert everything.count("{{ subscriber.city }}") == 2
    assert (token in everything) or where == "entity"
