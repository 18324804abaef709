"""Kept builds: once, whole, and nothing else through their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.core.build import Build
from newsletter.edges.files import Project
from newsletter.edges.kept import KeptBuilds
from newsletter.errors import EdgeError
from newsletter.flows.build import edition
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def build() -> Build:
    return edition(Project(REPOSITORY), "vol-1-issue-6", {}).build


def test_a_build_is_kept_by_its_mailing_and_the_first_stays(tmp_path: Path, build: Build) -> None:
    kept = KeptBuilds(tmp_path / "mailings")
    assert kept.get("m1") is None
    kept.put("m1", build)
    kept.put("m1", replace(build, subject="another"))
    found = kept.get("m1")
    assert found
    assert (found.digest, found.subject) == (build.digest, build.subject)
    assert kept.get("m2") is None


@pytest.mark.parametrize("uid", ["", "../m1", "m1.json", "m/1", "M1", "a" * 41, "m1\n"])
def test_what_cannot_be_a_mailing_is_not_looked_for(tmp_path: Path, build: Build, uid: str) -> None:
    kept = KeptBuilds(tmp_path / "mailings")
    kept.put("m1", build)
    kept.put(uid, build)
    assert kept.get(uid) is None
    assert [path.name for path in tmp_path.rglob("*.json")] == ["m1.json"]


def test_a_file_that_is_broken_is_said_to_be(tmp_path: Path, build: Build) -> None:
    kept = KeptBuilds(tmp_path)
    kept.put("m1", build)
    (tmp_path / "m1.json").write_bytes(b"{")
    with pytest.raises(EdgeError, match="does not hold a build") as caught:
        kept.get("m1")
    assert caught.value.hint
