"""Pictures of a project: which files may become one, and that no path leads elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsletter.edges.files import MAX_PICTURE, Project
from newsletter.errors import BadInput, NewsletterError, NotFound


@pytest.fixture
def project(tmp_path: Path) -> Project:
    issues = tmp_path / "project" / "issues"
    (issues / "winter").mkdir(parents=True)
    (issues / "depot.jpg").write_bytes(b"depot")
    (issues / "winter" / "snow.png").write_bytes(b"snow")
    (issues / "vol-1-issue-1.yaml").write_text("volume: 1")
    (tmp_path / "secret.png").write_bytes(b"secret")
    return Project(tmp_path / "project")


def refused(project: Project, src: str) -> NewsletterError:
    with pytest.raises(BadInput) as caught:
        project.picture(src)
    return caught.value


def test_a_picture_lies_in_issues_or_in_a_folder_there(project: Project) -> None:
    assert project.picture("depot.jpg") == b"depot"
    assert project.picture("winter/snow.png") == b"snow"
    (project.root / "issues" / "again.jpg").symlink_to("depot.jpg")
    assert project.picture("again.jpg") == b"depot"


@pytest.mark.parametrize(
    ("src", "hint"),
    [
        ("depott.jpg", "did you mean 'depot.jpg'?"),
        ("winter/snou.png", "did you mean 'winter/snow.png'?"),
        ("issues/depot.jpg", "did you mean 'depot.jpg'?"),
        ("depot.jpg/inside.png", "did you mean 'depot.jpg'?"),
        ("x" * 300, "known here: depot.jpg"),
    ],
)
def test_a_picture_that_is_not_there_is_met_with_what_is(project: Project, src: str, hint: str) -> None:
    err = refused(project, src)
    assert isinstance(err, NotFound)
    assert err.message == f"there is no issues/{src}"
    assert err.hint == hint


def test_where_there_are_no_pictures_the_hint_says_where_to_put_one(project: Project) -> None:
    (project.root / "issues" / "depot.jpg").unlink()
    (project.root / "issues" / "winter" / "snow.png").unlink()
    assert refused(project, "depot.jpg").hint == "put the picture there"


@pytest.mark.parametrize("target", ["../../secret.png", "/etc/hostname"])
def test_a_link_that_leads_out_of_issues_is_refused(project: Project, target: str) -> None:
    (project.root / "issues" / "link.png").symlink_to(target)
    assert "leads out of issues/" in refused(project, "link.png").message


def test_a_folder_linked_from_elsewhere_is_refused_too(project: Project, tmp_path: Path) -> None:
    (project.root / "issues" / "shared").symlink_to(tmp_path)
    assert "leads out of issues/" in refused(project, "shared/secret.png").message


def test_links_in_a_circle_lead_to_nothing(project: Project) -> None:
    (project.root / "issues" / "a.png").symlink_to("b.png")
    (project.root / "issues" / "b.png").symlink_to("a.png")
    assert "there is no issues/a.png" in refused(project, "a.png").message


def test_a_folder_or_a_pipe_is_no_picture(project: Project) -> None:
    assert refused(project, "winter").hint == "name a picture in it"
    os.mkfifo(project.root / "issues" / "pipe.png")
    assert refused(project, "pipe.png").message == "issues/pipe.png is no file"


def test_a_file_that_no_camera_would_write_is_not_read(project: Project) -> None:
    with (project.root / "issues" / "film.gif").open("wb") as file:
        file.truncate(MAX_PICTURE + 1_000_000)
    assert refused(project, "film.gif").message == "issues/film.gif weighs 41 MB, more than 40"


def test_pictures_of_an_earlier_build_are_taken_away(project: Project) -> None:
    folder = project.write_build("vol-1-issue-1", {"assets/old.png": b"old", "email.html": b"1"})
    project.write_build("vol-1-issue-1", {"assets/new.png": b"new", "email.html": b"2"})
    assert sorted(path.name for path in (folder / "assets").iterdir()) == ["new.png"]
