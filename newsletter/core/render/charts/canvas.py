"""A canvas for shapes and words, which becomes a small PNG: the only module that knows Matplotlib.

Of Matplotlib it uses the renderer and the font that comes with it, and none of its habits: imported as usual, it makes
folders in the reader's home, takes in a matplotlibrc and searches the machine for fonts, for seconds.
https://matplotlib.org/stable/install/environment_variables_faq.html
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.core.assets import Asset
from newsletter.core.render.charts.sheet import EDGE, HALF, SIZE, Align, Point

if TYPE_CHECKING:
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.font_manager import FontProperties

_COLOURS = 48  # of the palette; two to four hues with their edges need no more


class Canvas:
    """Implements `Sheet`, with `scale` pixels of the file for each pixel of the sheet.

    A mirrored one is measured from its top right corner, and what is aligned to the left is aligned to the right.
    """

    def __init__(self, width: int, height: int, paper: str, *, scale: int = 2, mirrored: bool = False) -> None:
        self.width, self.height, self._scale, self._mirrored = width, height, scale, mirrored
        self._renderer = _renderer(width * scale, height * scale)
        self.polygon([(0, 0), (width, 0), (width, height), (0, height)], fill=paper)

    def polygon(self, corners: Sequence[Point], *, fill: str, edge: str = "", hatch: str = "") -> None:
        """Fill an area, and draw its edge and a pattern of the same colour over it if asked to."""
        pen = self._pen(edge or fill, EDGE if edge else 0)
        if hatch:
            pen.set_hatch(hatch)
            pen.set_hatch_color(_rgb(edge or fill))
            pen.set_hatch_linewidth(EDGE * self._scale)
        self._draw(pen, corners, fill=fill)

    def line(self, points: Sequence[Point], *, colour: str, width: float, dashes: Sequence[float] = ()) -> None:
        """Draw a line through points."""
        pen = self._pen(colour, width)
        pen.set_capstyle("butt")
        if dashes:
            pen.set_dashes(0, [each * self._scale for each in dashes])
        self._draw(pen, points)

    def write(
        self,
        text: str,
        at: Point,
        *,
        colour: str,
        align: Align = "left",
        bold: bool = False,
        up: bool = False,
    ) -> None:
        """Write one line of words beside a point of its base line.

        `up` turns it to be read from below, on the middle of its letters.
        """
        x, y = self._placed(at)
        across = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * length(text, bold=bold)
        if self._mirrored and not up:
            across = length(text, bold=bold) - across
        x, y = (x + HALF, y + across) if up else (x - across, y)
        where = round(x * self._scale), round(y * self._scale)
        pen = self._pen(colour, 1)
        self._renderer.draw_text(pen, *where, text, _font(SIZE * self._scale, bold=bold), 90 if up else 0)

    def png(self) -> Asset:
        """Return the picture: with a palette, and with nothing in the file but the picture."""
        from PIL import Image

        size = self.width * self._scale, self.height * self._scale
        whole = Image.frombytes("RGBA", size, bytes(self._renderer.buffer_rgba())).convert("RGB")
        file = io.BytesIO()
        whole.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        return Asset("image/png", *size, file.getvalue())

    def _placed(self, at: Point) -> Point:
        return (self.width - at[0], at[1]) if self._mirrored else at

    def _pen(self, colour: str, width: float) -> GraphicsContextBase:
        pen: GraphicsContextBase = self._renderer.new_gc()
        pen.set_foreground(_rgb(colour), isRGBA=True)
        pen.set_linewidth(width * self._scale)
        pen.set_joinstyle("round")
        return pen

    def _draw(self, pen: GraphicsContextBase, points: Sequence[Point], *, fill: str = "") -> None:
        from matplotlib.path import Path as Outline
        from matplotlib.transforms import Affine2D

        points = [self._placed(each) for each in points]
        outline = Outline([*points, points[0]] if fill else points, closed=bool(fill))
        place = Affine2D().scale(self._scale, -self._scale).translate(0, self.height * self._scale)
        self._renderer.draw_path(pen, outline, place, _rgb(fill) if fill else None)


def length(text: str, *, bold: bool = False) -> float:
    """Return how many pixels wide a line of words is."""
    return float(_renderer(1, 1).get_text_width_height_descent(text, _font(SIZE * 4, bold=bold), ismath=False)[0]) / 4


def missing(text: str) -> str:
    """Return the characters of a text that the font does not have."""
    return "".join(dict.fromkeys(each for each in text if ord(each) not in _characters()))


def _rgb(colour: str) -> tuple[float, float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, 1.0


@cache
def _characters() -> frozenset[int]:
    _prepare()
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(_font_file(bold=False))).get_charmap())


@cache
def _font(size: float, *, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    # The renderer looks once for each family that is named.
    return FontProperties(family="sans-serif", size=size, fname=str(_font_file(bold=bold)))


def _font_file(*, bold: bool) -> Path:
    return _folder() / "mpl-data/fonts/ttf" / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


def _folder() -> Path:
    spec = importlib.util.find_spec("matplotlib")
    return Path(spec.origin).parent if spec and spec.origin else Path()


def _renderer(width: int, height: int) -> Any:  # it has no types
    _prepare()
    from matplotlib.backends.backend_agg import RendererAgg

    return RendererAgg(width, height, 72)  # type: ignore[no-untyped-call]  # at 72 dpi a point is a pixel


@cache
def _prepare() -> None:
    """Import Matplotlib without a trace on the machine, and without its settings."""
    with _settings_from(_folder() / "mpl-data/matplotlibrc"):
        import matplotlib as mpl

    # A matplotlibrc in the current folder was read all the same; asking for every default would start a backend.
    for name in mpl.rcParamsDefault:
        if name.startswith(("agg.", "font.", "hatch.", "path.", "text.")):
            mpl.rcParams[name] = mpl.rcParamsDefault[name]
    kept, mpl.get_cachedir = mpl.get_cachedir, _without_search
    try:
        importlib.import_module("matplotlib.backends.backend_agg")
    finally:
        mpl.get_cachedir = kept


@contextmanager
def _settings_from(file: Path) -> Iterator[None]:
    """Name the settings file while Matplotlib is imported: only then does it not make a folder for one."""
    name = "MATPLOTLIBRC"
    before = os.environ.get(name)
    os.environ[name] = str(file)
    try:
        yield
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def _without_search() -> str:
    """Stand in for the question where things are kept; the list of fonts asks it before it begins to search.

    If the search is not where it was, the machine is searched after all, and the list is not kept.
    """
    font_manager = sys.modules["matplotlib.font_manager"]
    font_manager.findSystemFonts = lambda *_, **__: []  # type: ignore[attr-defined]
    font_manager.json_dump = lambda *_: None  # type: ignore[attr-defined]
    return str(_folder() / "nowhere")
