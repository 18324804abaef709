"""The proof of a message: colours of either scheme, links in new tabs, all else untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.edges.files import Project
from newsletter.flows.preview import Shown, look
from newsletter.web.preview.proof import Scheme, proof

DARK, LIGHT = "@media (prefers-color-scheme: dark)", "@media (prefers-color-scheme:light)"


def test_the_query_for_dark_becomes_true_for_dark_and_false_for_light() -> None:
    assert proof(DARK, Scheme.DARK) == "@media (min-width: 0)"
    assert proof(DARK, Scheme.LIGHT) == "@media (not (min-width: 0))"


def test_the_query_for_light_becomes_the_opposite() -> None:
    assert proof(LIGHT, Scheme.LIGHT) == "@media (min-width: 0)"
    assert proof(LIGHT, Scheme.DARK) == "@media (not (min-width: 0))"


@pytest.mark.parametrize("scheme", Scheme)
def test_the_declared_scheme_becomes_the_one_asked_for(scheme: Scheme) -> None:
    meta = '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
    css = ":root { color-scheme: light dark; supported-color-schemes: light dark; }"
    assert proof(meta + css, scheme) == (meta + css).replace("light dark", scheme)


def test_prose_about_colour_schemes_stays() -> None:
    prose = "<p>We now offer light dark and prefers-color-scheme: dark themes</p>"
    assert proof(prose, Scheme.DARK) == prose


def test_links_open_in_a_new_tab() -> None:
    assert proof("<html><head><title>x</title>", Scheme.LIGHT) == '<html><head><base target="_blank"><title>x</title>'


@pytest.mark.parametrize("issue", ["vol-1-issue-6", "vol-2-issue-3"])
def test_everything_but_that_is_what_the_reader_gets(publication: Path, issue: str) -> None:
    sight = look(Project(publication), issue, {})
    assert isinstance(sight, Shown)
    lines = zip(
        sight.versions[0].html.splitlines(), proof(sight.versions[0].html, Scheme.DARK).splitlines(), strict=True
    )
    changed = [after for before, after in lines if before != after]
    assert all("<head>" in line or "color-scheme" in line or "(min-width: 0)" in line for line in changed)
    assert "prefers-color-scheme" in sight.versions[0].html
    assert "prefers-color-scheme" not in proof(sight.versions[0].html, Scheme.DARK)
