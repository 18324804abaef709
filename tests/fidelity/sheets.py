"""Many documents in one picture: each in a frame of its own, the two engines' in turn, at one width after the other."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from itertools import islice

from playwright.sync_api import Browser, Route

from tests.fidelity.corpus import PICTURE
from tests.fidelity.pictures import Box, Camera
from tests.fidelity.rendering import Pair
from tests.screens import SCHEMES, Scheme

WIDTHS = (600, 375)


def unequal(
    browser: Browser, pairs: Mapping[str, Pair], schemes: Sequence[Scheme] = SCHEMES, *, at_once: int = 24
) -> dict[str, list[str]]:
    """Return the documents that the engines draw differently in any pixel, and by how much, at which widths."""
    context, other = browser.new_context(viewport={"width": 6 * max(WIDTHS), "height": 1000}), browser.new_context()
    context.route("**/*", _answer)
    # In one context the second page would hide the first, and what is hidden is drawn once a second.
    camera, desk = Camera(context.new_page()), Camera(other.new_page())
    found: dict[str, list[str]] = {}
    waiting = iter(pairs.items())
    while batch := dict(islice(waiting, at_once)):
        for name, seen in _unequal(camera, desk, batch, schemes):
            found.setdefault(name, []).append(seen)
    context.close()
    other.close()
    return found


def _unequal(
    camera: Camera, desk: Camera, batch: Mapping[str, Pair], schemes: Sequence[Scheme]
) -> Iterator[tuple[str, str]]:
    """Yield what differs in some documents; `desk` is where two pictures are laid upon each other."""
    camera.page.set_content(_page(batch))
    for width in WIDTHS:  # to load a document takes longer than to lay it out anew
        sizes: list[tuple[int, int]] = camera.page.evaluate(_FITTED, width)
        places = [Box(*place) for place in camera.page.evaluate(_PLACES)]
        for scheme in schemes:
            camera.page.emulate_media(color_scheme=scheme)
            one, other = (camera.taken(Box(*camera.page.evaluate(_SHEET, each))) for each in ("ours", "official"))
            different = desk.unequal(one, other, places)
            for name, (ours, official), differs in zip(batch, sizes, different, strict=True):
                if differs or ours != official:
                    yield (
                        name,
                        f"{width} px, {scheme}" + (f", {ours} for {official} px high" if ours != official else ""),
                    )


def _page(batch: Mapping[str, Pair]) -> str:
    sheets = {"ours": [pair.ours for pair in batch.values()], "official": [pair.official for pair in batch.values()]}
    return _PAGE + "".join(
        f'<div id="{name}">' + "".join(map(_frame, htmls)) + "</div>" for name, htmls in sheets.items()
    )


def _frame(html: str) -> str:
    html = html.replace(PICTURE, _picture_url())
    return f'<iframe scrolling="no" srcdoc="{escape(html)}"></iframe>'


@cache
def _picture_url() -> str:
    return "data:image/png;base64," + base64.b64encode(picture(400, 50)).decode()


def _answer(route: Route) -> None:
    """Answer every request for a picture with the same one; nothing leaves this machine."""
    if route.request.resource_type == "image":
        route.fulfill(body=picture(400, 50), content_type="image/png")
    else:
        route.abort()


@cache
def picture(width: int, height: int) -> bytes:
    """Return a PNG of two triangles, which shows when it is moved, turned or stretched."""
    rows = (
        b"\0"
        + bytes(part for x in range(width) for part in ((10, 98, 74) if x < width * y / height else (216, 212, 204)))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


_PAGE = """<!DOCTYPE html><style>
body { margin: 0; }
div { position: absolute; top: 0; left: 0; width: 100%; display: flex; flex-wrap: wrap; align-items: flex-start; }
iframe { border: 0; flex: none; }
</style>"""
# Gives each frame and its twin a width and the height of the higher one, and returns both heights.
_FITTED = """(width) => {
  const [ours, official] = ['ours', 'official'].map((id) => [...document.getElementById(id).children]);
  for (const frame of [...ours, ...official]) Object.assign(frame.style, { width: `${width}px`, height: '1px' });
  const height = (frame) => frame.contentDocument.documentElement.scrollHeight;
  const sizes = ours.map((frame, at) => [height(frame), height(official[at])]);
  sizes.forEach((both, at) => {
    for (const frame of [ours[at], official[at]]) frame.style.height = `${Math.max(...both)}px`;
  });
  return sizes;
}"""
_PLACES = """() => [...document.getElementById('ours').children].map((frame) => {
  const { left, top, right, bottom } = frame.getBoundingClientRect();
  return [left, top, right, bottom];
})"""
# Both sheets lie at the same place, because how an edge is smoothed depends on where it is.
_SHEET = """(id) => {
  for (const sheet of document.querySelectorAll('div')) {
    sheet.style.visibility = sheet.id === id ? 'visible' : 'hidden';
  }
  const { left, top, right, bottom } = document.getElementById(id).getBoundingClientRect();
  return [left, top, right, bottom].map(Math.round);
}"""
