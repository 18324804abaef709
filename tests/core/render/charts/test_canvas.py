"""The picture file is small and the same everywhere, and making it leaves no trace on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from newsletter.core.render.charts.canvas import Canvas, length, missing

REPOSITORY = Path(__file__).parents[4]
DRAW = """
import sys
from newsletter.core.render.charts.canvas import Canvas
before = "matplotlib" in sys.modules
canvas = Canvas(100, 50, "#FFFFFF")
canvas.write("Words", (10, 30), colour="#000000")
canvas.polygon([(5, 5), (20, 5), (20, 20)], fill="#FFFFFF", edge="#0A624A", hatch="//")
print(before, canvas.png().name)
"""


def drawn_by_a_process(home: Path, folder: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-W", "error", "-c", DRAW]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    return ran.stdout


def test_drawing_leaves_nothing_in_the_home_and_takes_nothing_from_the_folder(tmp_path: Path) -> None:
    home, bare, set_up = (tmp_path / name for name in ("home", "bare", "set_up"))
    for folder in (home, bare, set_up):
        folder.mkdir()
    (set_up / "matplotlibrc").write_text("text.hinting: none\nhatch.linewidth: 9\npath.simplify: False\n")

    said = drawn_by_a_process(home, bare)

    assert said.startswith("False ")
    assert said == drawn_by_a_process(home, set_up)
    assert list(home.rglob("*")) == list(bare.rglob("*")) == []


def test_a_file_holds_the_picture_and_nothing_else() -> None:
    asset = Canvas(30, 20, "#FFFFFF").png()
    chunks, at = [], 8
    while at < len(asset.data):
        size = int.from_bytes(asset.data[at : at + 4], "big")
        chunks.append(asset.data[at + 4 : at + 8])
        at += size + 12
    assert asset.data[:8] == b"\x89PNG\r\n\x1a\n"
    assert chunks == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert (asset.media_type, asset.width, asset.height) == ("image/png", 60, 40)


def test_the_length_of_words_is_known_before_they_are_written() -> None:
    assert 0 < length("i") < length("m") < length("m", bold=True) < length("mm")


def test_characters_that_the_font_has_not_are_named_once() -> None:
    assert missing("Zürich Łódź Αθήνα Київ שלום عربي 5 °C €") == ""
    assert missing("電力 and 電") == "電力"
