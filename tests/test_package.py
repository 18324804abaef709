"""The wheel works elsewhere: it brings the layouts and the migrations, and needs nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PUBLICATION = """\
name: Elsewhere
site: https://elsewhere.example.com
archive: https://elsewhere.example.com/archive
sender:
  name: Elsewhere
  address: letter@elsewhere.example.com
postal_address: 1 Sample Street
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it where an installation would put it."""
    folder = tmp_path_factory.mktemp("wheel")
    building = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(building, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.slow
def test_a_publication_elsewhere_builds_and_sends_with_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "publication.yaml").write_text(PUBLICATION, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(installed)}

    def newsletter(*arguments: str) -> str:
        command = [sys.executable, "-P", "-m", "newsletter", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True, text=True).stdout

    newsletter("new")
    newsletter("build")
    newsletter("subscribers", "add", "ana@example.org")
    assert "1 intended = 1 accepted" in newsletter("send", "vol-1-issue-1", "--yes")


@pytest.mark.slow
def test_the_wheel_brings_types_migrations_and_the_preview_s_pages(installed: Path) -> None:
    package = installed / "newsletter"
    assert (package / "py.typed").exists()
    assert list(package.glob("edges/store/migrations/versions/0001*.py"))
    assert list(package.glob("web/preview/static/*.html"))
