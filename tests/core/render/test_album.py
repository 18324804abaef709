from __future__ import annotations

import subprocess
import sys

import pytest

from newsletter.core.assets import Asset
from newsletter.core.picture import Picture
from newsletter.core.render.album import Album, Original
from newsletter.core.source import Document
from tests.conftest import REPOSITORY
from tests.core.examples import PICTURES

PLAN = Picture(src="plan.png", alt="A plan")


def album() -> Album:
    return Album({"plan.png": Original((PICTURES / "plan.png").read_bytes())})


def test_an_album_keeps_each_picture_once_in_the_order_in_which_they_were_asked_for() -> None:
    pictures = album()
    drawn = Asset("image/png", 1, 1, b"drawn")
    wide, cut = pictures.shown(PLAN, 560), pictures.shown(PLAN, 96, 72, cut=True)
    pictures.add(drawn)
    assert pictures.shown(PLAN, 560) == wide
    assert [each.reference for each in pictures.assets] == [wide.reference, cut.reference, drawn.reference]
    assert (wide.width, wide.height, wide.alt) == (560, 350, "A plan")
    assert (cut.width, cut.height) == (96, 72)


def test_what_is_shown_does_not_depend_on_what_was_shown_before() -> None:
    assert album().shown(PLAN, 300) == album().shown(PLAN, 300)
    assert album().assets == ()


def test_a_broken_file_is_one_problem_for_each_place_that_asks_for_it() -> None:
    source = Document("issue.yaml", {})
    pictures = Album({"plan.png": Original(b"", ((source, ("blocks", 0, "src")), (source, ("blocks", 3, "src"))))})
    for _ in range(2):
        pictures.shown(PLAN, 560)
    assert [problem.path for problem in pictures.problems] == ["blocks[0].src", "blocks[3].src"]
    assert {problem.message for problem in pictures.problems} == {"issues/plan.png is empty"}
    assert pictures.assets == ()


@pytest.mark.parametrize(("case", "loaded"), [("vol-1-issue-6", "False"), ("block-figure", "True")])
def test_pillow_is_loaded_for_issues_with_pictures_alone(case: str, loaded: str) -> None:
    program = (
        "import sys; from tests.golden.cases import ROOT, files_of;"
        f"files_of(ROOT / 'tests/golden/{case}'); print('PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == loaded
