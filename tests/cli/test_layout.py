from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Terminal


def edit(newsletter: Terminal, file: str, old: str, new: str) -> None:
    path = newsletter.folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_list_tells_where_each_layout_lives_and_which_is_in_use(newsletter: Terminal) -> None:
    newsletter("layout", "new", "autumn")
    assert newsletter("layout", "list").out == (
        "  autumn  layouts/autumn\n  plain   layouts/plain\n  v2g     layouts/v2g, in use\n"
    )
    listed = newsletter("layout", "list", "--json").data
    assert [(each["name"], each["shipped"], each["in_use"]) for each in listed] == [
        ("autumn", False, False),
        ("plain", False, False),
        ("v2g", False, True),
    ]
    assert listed[0]["folder"] == str(newsletter.folder / "layouts/autumn")


def test_a_publication_without_layouts_of_its_own_has_those_that_ship(newsletter: Terminal) -> None:
    (newsletter.folder / "layouts").rename(newsletter.folder / "elsewhere")
    assert newsletter("layout", "list").out == (
        "  plain  shipped with the tool\n  v2g    shipped with the tool, in use\n"
    )
    assert newsletter("layout", "check").code == 0


def test_show_names_files_kinds_of_block_and_tokens(newsletter: Terminal) -> None:
    answer = newsletter("layout", "show")
    assert answer.code == 0
    assert answer.out.startswith("v2g: layouts/v2g, in use\n  shows  button, chart, contents, divider, events, ")
    assert "  file   blocks/letter.mjml.j2\n" in answer.out
    assert "  file   tokens.yaml\n" in answer.out
    assert "  accent            #0A624A\n" in answer.out


def test_show_tells_which_tokens_the_publication_replaces(newsletter: Terminal) -> None:
    edit(newsletter, "publication.yaml", "layout: v2g", 'layout: v2g\ntokens:\n  accent: "#1A4D8F"')
    assert (
        "accent            #1A4D8F  (publication.yaml; the layout's own is #0A624A)\n"
        in newsletter("layout", "show").out
    )
    tokens = newsletter("layout", "show", "v2g", "--json").data["tokens"]
    assert tokens["accent"] == {"value": "#1A4D8F", "own": "#0A624A"}
    assert tokens["ink"] == {"value": "#1E1D1B", "own": "#1E1D1B"}


def test_the_publication_s_tokens_are_not_for_a_layout_that_it_does_not_use(newsletter: Terminal) -> None:
    newsletter("layout", "new", "autumn")
    edit(newsletter, "layouts/autumn/tokens.yaml", "accent:", "leaf:")
    edit(newsletter, "publication.yaml", "layout: v2g", 'layout: v2g\ntokens:\n  accent: "#1A4D8F"')
    shown = newsletter("layout", "show", "autumn", "--json").data
    assert shown["in_use"] is False
    assert shown["tokens"]["leaf"] == {"value": "#0A624A", "own": "#0A624A"}


def test_an_unknown_layout_is_met_with_those_that_there_are(newsletter: Terminal) -> None:
    for command in (("show", "spring"), ("check", "spring"), ("new", "summer", "--from", "spring")):
        answer = newsletter("layout", *command)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == "error: there is no layout 'spring'\nhint: known here: plain, v2g\n"
    assert not (newsletter.folder / "layouts/summer").exists()


def test_new_copies_a_layout_and_says_how_to_use_it(newsletter: Terminal) -> None:
    answer = newsletter("layout", "new", "autumn")
    assert answer.code == 0
    assert answer.out == f"{newsletter.folder}/layouts/autumn\n"
    assert "write `layout: autumn` into publication.yaml" in answer.err
    layouts = newsletter.folder / "layouts"
    assert files_of(layouts / "autumn") == files_of(layouts / "v2g")
    assert [path.name for path in layouts.iterdir() if path.name[0] == "."] == []


def test_a_copy_can_be_used_as_it_stands(newsletter: Terminal) -> None:
    newsletter("layout", "new", "autumn")
    before = newsletter("build", "--json").data["digest"]
    edit(newsletter, "publication.yaml", "layout: v2g", "layout: autumn")
    assert newsletter("build", "--json").data["digest"] == before
    assert newsletter("layout", "check").out.startswith("autumn: 0 errors, 0 warnings in ")


def test_a_copy_of_any_layout_can_be_used_and_says_nothing_false_of_its_name(newsletter: Terminal) -> None:
    assert newsletter("layout", "new", "autumn", "--from", "plain").code == 0
    layouts = newsletter.folder / "layouts"
    assert files_of(layouts / "autumn") == files_of(layouts / "plain")
    edit(newsletter, "publication.yaml", "layout: v2g", "layout: autumn")
    assert newsletter("layout", "check").out.startswith("autumn: 0 errors, 0 warnings in ")
    assert newsletter("build").code == 0
    for name in ("plain", "v2g"):
        title = (layouts / name / "README.md").read_text(encoding="utf-8").splitlines()[0]
        assert name not in title.split()


def test_a_copy_takes_neither_pictures_nor_bytecode_along(newsletter: Terminal) -> None:
    v2g = newsletter.folder / "layouts/v2g"
    (v2g / "__pycache__").mkdir()
    for name in ("screen.png", "__pycache__/a.pyc", ".DS_Store"):
        (v2g / name).write_bytes(b"")
    newsletter("layout", "new", "autumn")
    copied = files_of(newsletter.folder / "layouts/autumn")
    assert "README.md" in copied
    assert {name for name in copied if not name.endswith((".j2", ".yaml", ".md"))} == set()


def test_new_replaces_nothing(newsletter: Terminal) -> None:
    before = files_of(newsletter.folder / "layouts/v2g")
    answer = newsletter("layout", "new", "v2g")
    assert answer.code == 2
    assert "layouts/v2g is there already" in answer.err
    assert files_of(newsletter.folder / "layouts/v2g") == before


def test_new_takes_no_name_that_is_a_path_or_cannot_stand_in_publication_yaml(newsletter: Terminal) -> None:
    for name in ("../v3g", "a/b", ".hidden", "_shared", "a b", "", "autumn\n"):
        answer = newsletter("layout", "new", "--", name)
        assert answer.code == 2
        assert f"{name!r} is not the name of a layout" in answer.err
    assert {path.name for path in (newsletter.folder / "layouts").iterdir()} == {"plain", "v2g"}


@pytest.mark.parametrize(("name", "templates"), [("plain", 43), ("v2g", 44)])
def test_check_of_a_whole_layout_exits_0(newsletter: Terminal, name: str, templates: int) -> None:
    answer = newsletter("layout", "check", name)
    assert answer.code == 0
    assert answer.err == ""
    assert answer.out == (
        f"{name}: 0 errors, 0 warnings in {templates} templates; shows letter, feature, interview, note, finds, share, "
        "contents, quote, figure, numbers, events, jobs, sponsor, poll, table, chart, button, divider, raw\n"
    )


def test_check_prints_errors_and_warnings_with_their_places_and_exits_2(newsletter: Terminal) -> None:
    block = newsletter.folder / "layouts/v2g/blocks/note.mjml.j2"
    block.write_text(
        "<mj-section>\n  <mj-column>\n    <mj-image src='a.png' />\n    <mj-text colour='red'>a</mj-text>\n"
        "  </mj-column>\n</mj-section>\n",
        encoding="utf-8",
    )
    answer = newsletter("layout", "check")
    assert answer.code == 2
    error, warning, counted = answer.out.splitlines()
    where = "layouts/v2g/blocks/note.mjml.j2"
    assert error == f"{where}:4:14: colour is not an attribute of <mj-text>; did you mean 'color'?"
    assert warning.startswith(f"{where}:3:5: warning: <mj-image> has no alt")
    assert counted.startswith("v2g: 1 error, 1 warning in ")
    found = newsletter("layout", "check", "--json").data["found"]
    assert [(each["severity"], each["line"], each["column"]) for each in found] == [("error", 4, 14), ("warning", 3, 5)]
    assert found[0]["hint"] == "did you mean 'color'?"


def test_an_issue_does_not_build_with_an_error_of_its_layout_and_says_all_of_them(newsletter: Terminal) -> None:
    edit(newsletter, "layouts/v2g/blocks/note.mjml.j2", "<mj-text css-class", "<mj-text cssclass")
    edit(newsletter, "layouts/v2g/blocks/share.mjml.j2", 'padding="32px', 'padding="5%')
    answer = newsletter("build", "vol-1-issue-6")
    assert answer.code == 2
    note, share, error, hint = answer.err.splitlines()
    assert note.startswith("layouts/v2g/blocks/note.mjml.j2:5:14: cssclass is not an attribute of <mj-text>")
    assert share.endswith("padding in % does not narrow what is inside; write it in px")
    assert (error, hint) == ("error: 2 problems found", "hint: nothing was written or sent")
    assert not (newsletter.folder / "build").exists()


def test_a_warning_does_not_keep_an_issue_from_building(newsletter: Terminal) -> None:
    edit(newsletter, "layouts/v2g/blocks/note.mjml.j2", "<mj-column>", '<mj-column background-color="#abc">')
    assert newsletter("layout", "check").code == 0
    assert "warning: background-color '#abc'" in newsletter("layout", "check").out
    assert newsletter("build").code == 0


def test_check_shows_a_mistake_of_jinja_in_a_block_that_no_issue_uses(newsletter: Terminal) -> None:
    edit(newsletter, "layouts/v2g/blocks/interview.txt.j2", "block.guest.name", "block.gust.name")
    answer = newsletter("layout", "check")
    assert answer.code == 2
    assert answer.out.startswith("layouts/v2g/blocks/interview.txt.j2:")
    assert "has no attribute 'gust'" in answer.out


def test_check_needs_no_issue(newsletter: Terminal) -> None:
    for path in (newsletter.folder / "issues").iterdir():
        path.unlink()
    assert newsletter("layout", "check").code == 0


def test_check_names_the_kinds_of_block_that_a_layout_cannot_show(newsletter: Terminal) -> None:
    for ending in ("mjml", "txt"):
        (newsletter.folder / f"layouts/v2g/blocks/share.{ending}.j2").unlink()
    answer = newsletter("layout", "check")
    assert answer.code == 0
    assert "shows letter, feature, interview, note, finds, contents, " in answer.out
    assert answer.err.startswith("cannot show share: ")


def test_a_kind_that_the_layout_adds_is_shown_with_its_keys_and_copied_with_its_schema(newsletter: Terminal) -> None:
    blocks = newsletter.folder / "layouts/v2g/blocks"
    schema = "title: line\npeople:\n  optional list of:\n    name: line\n    day: optional date\n"
    for name, text in {"quip.schema.yaml": schema, "quip.mjml.j2": "", "quip.txt.j2": "", "rule.txt.j2": ""}.items():
        (blocks / name).write_text(text, encoding="utf-8")
    newsletter("layout", "new", "autumn")
    answer = newsletter("layout", "show", "autumn")
    assert (
        "kinds of block of its own, each with its keys:\n"
        "  quip  title: line; people: optional list of (name: line, day: optional date)\n"
        "  rule  no keys\n"
    ) in answer.out
    assert "  file   blocks/quip.schema.yaml\n" in answer.out
    assert newsletter("layout", "show", "autumn", "--json").data["own"] == {
        "quip": {"title": "line", "people": "optional list of (name: line, day: optional date)"},
        "rule": {},
    }
