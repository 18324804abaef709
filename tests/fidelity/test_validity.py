"""Letters are valid HTML and accessible: html-validate and axe-core find nothing, by day and by night."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fidelity import node
from tests.fidelity.pictures import Camera
from tests.golden.cases import cases
from tests.screens import SCHEMES, WIDTHS, Scheme

ISSUES = [folder.name for folder in cases()]

# axe-core's rules that do not hold for a letter. All others do, those that it calls best practice included.
NOT_FOR_LETTERS = {
    # A mail program shows the letter inside a page of its own, and that page has the landmarks.
    "landmark-one-main": {"enabled": False},
    "region": {"enabled": False},
    # WCAG 2.2 success criterion 2.5.8, which axe-core leaves off by itself.
    "target-size": {"enabled": True},
}


def test_html_validate_finds_no_error_in_what_browsers_read_nor_in_what_outlook_reads(
    letters: Mapping[str, str],
) -> None:
    read = {**letters, **{f"{issue}, Outlook": _as_outlook_reads(letter) for issue, letter in letters.items()}}
    assert len(set(read.values())) == 2 * len(ISSUES)
    assert {each: found for each, found in node.run("validate.mjs", read).items() if found} == {}


def test_an_error_would_be_noticed(letters: Mapping[str, str]) -> None:
    letter = letters["vol-1-issue-6"]
    broken = {
        "unclosed": _as_outlook_reads(letter).replace("</table>", "", 1),
        "attribute": letter.replace("<p class", '<p align="left" class', 1),
        "language": letter.replace('<html lang="en"', "<html", 1),
    }
    found = node.run("validate.mjs", broken)
    assert [name for name in broken if not found[name]] == []


# What a part has at another width and by night stands in the whole issues too.
WHOLE = {"vol-1-issue-6", "vol-2-issue-3", "everything", "plain", "rtl", "rtl-plain", "pairs"}
SEEN = [
    (issue, width, scheme)
    for issue in ISSUES
    for width in WIDTHS
    for scheme in SCHEMES
    if issue in WHOLE or (width, scheme) == (WIDTHS[0], "light")
]


@pytest.mark.browser
@pytest.mark.parametrize(("issue", "width", "scheme"), SEEN)
def test_axe_finds_no_violation(
    letters: Mapping[str, str], camera: Camera, issue: str, width: int, scheme: Scheme
) -> None:
    camera.show(letters[issue], width, scheme)
    found = _axe(camera)
    assert found["violations"] == []
    # What axe-core could not decide is the contrast of arrows, which are no words and are hidden from screen readers.
    assert {each for each in found["undecided"] if "aria-hidden" not in each} == set()
    assert len(found["passes"]) > 15


@pytest.mark.browser
def test_a_violation_would_be_noticed(letters: Mapping[str, str], camera: Camera) -> None:
    letter = letters["vol-1-issue-6"].replace("<h1", '<img src="data:," /><h1', 1).replace("<h2", "<h4", 1)
    camera.show(letter, 375, "light")
    assert {each.split(":")[0] for each in _axe(camera)["violations"]} >= {"image-alt", "heading-order"}


def _as_outlook_reads(letter: str) -> str:
    """Return a letter with what stands in comments for Outlook taken out of them."""
    return re.sub(r"<!--\[if mso \| IE\]>(.*?)<!\[endif\]-->", r"\1", letter, flags=re.DOTALL)


def _axe(camera: Camera) -> dict[str, Any]:
    node.require()
    if camera.page.evaluate("typeof axe") == "undefined":
        camera.page.evaluate((node.INSTALLED / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = camera.page.evaluate(_RUN_AXE, NOT_FOR_LETTERS)
    return found


_RUN_AXE = """async (rules) => {
  const { violations, incomplete, passes } = await axe.run(document, { rules });
  const told = (found) => found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  return { violations: told(violations), undecided: told(incomplete), passes: passes.map(({ id }) => id) };
}"""
