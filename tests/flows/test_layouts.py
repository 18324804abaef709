"""A copy of a layout is whole, or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.edges.files import Project
from newsletter.errors import EdgeError
from newsletter.flows import layouts


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
