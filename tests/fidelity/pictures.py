"""Pictures of HTML in Chromium, and where two of them differ."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from newsletter.core.assets import Asset
from tests.fidelity.rendering import with_pictures
from tests.screens import Scheme


@dataclass(frozen=True, slots=True)
class Box:
    """A region of a picture, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


class Camera:
    """A page that takes lossless pictures, one device pixel for a CSS pixel."""

    def __init__(self, page: Page, assets: Sequence[Asset] = ()) -> None:
        self.page = page
        self._assets = assets
        self._session = page.context.new_cdp_session(page)
        self._shown = ""

    def show(self, html: str, width: int, scheme: Scheme) -> None:
        """Show a document as a reader with this width and colour scheme sees it; what is shown is not loaded again."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.emulate_media(color_scheme=scheme)
        if html != self._shown:
            self.page.set_content(with_pictures(html, self._assets))
            self._shown = html

    def picture(self, html: str, width: int, scheme: Scheme) -> bytes:
        """Return the whole document as PNG."""
        self.show(html, width, scheme)
        height: int = self.page.evaluate("document.documentElement.scrollHeight")
        return self.taken(Box(0, 0, self.page.evaluate("document.documentElement.scrollWidth"), height))

    def taken(self, box: Box) -> bytes:
        """Return a region of what is shown as PNG; playwright would spend its time on making the file small."""
        clip = {"x": box.left, "y": box.top, "width": box.right - box.left, "height": box.bottom - box.top, "scale": 1}
        wanted = {"format": "png", "optimizeForSpeed": True, "captureBeyondViewport": True, "clip": clip}
        return base64.b64decode(self._session.send("Page.captureScreenshot", wanted)["data"])

    def differences(self, one: bytes, other: bytes) -> list[Box]:
        """Return the regions in which two pictures differ in any pixel; a missing part differs."""
        if one == other:
            return []
        self._clear()
        found: list[list[int]] = self.page.evaluate(_DIFFERENCES, [_url(picture) for picture in (one, other)])
        return [Box(*box) for box in found]

    def unequal(self, one: bytes, other: bytes, places: Sequence[Box]) -> list[bool]:
        """Tell of each region whether two pictures of one size differ in any of its pixels."""
        if one == other:
            return [False] * len(places)
        self._clear()
        regions = [[place.left, place.top, place.right, place.bottom] for place in places]
        found: list[bool] = self.page.evaluate(_UNEQUAL, [*map(_url, (one, other)), regions])
        return found

    def _clear(self) -> None:
        self.page.set_content("")
        self._shown = ""


def _url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def kept(folder: Path, ours: bytes, official: bytes, boxes: list[Box]) -> str:
    """Write both pictures and what differs, to look at, and return the words for a failing test."""
    (folder / "ours.png").write_bytes(ours)
    (folder / "official.png").write_bytes(official)
    (folder / "boxes.txt").write_text("".join(f"{box}\n" for box in boxes), encoding="utf-8")
    return f"{len(boxes)} regions differ, the first is {boxes[0]}; see ours.png, official.png, boxes.txt in {folder}"


# Pixels that differ, gathered in cells of 16 by 16; adjacent cells make one box.
_DIFFERENCES = """async (urls) => {
  const [one, other] = await Promise.all(urls.map(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  }));
  const width = Math.max(one.width, other.width), height = Math.max(one.height, other.height);
  const pixels = (image) => {
    const canvas = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    canvas.drawImage(image, 0, 0);
    return new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  };
  const [a, b] = [pixels(one), pixels(other)];
  const size = 16, cells = new Map();
  for (let at = 0; at < a.length; at++) {
    if (a[at] === b[at]) continue;
    const x = at % width, y = (at - x) / width, key = `${Math.floor(x / size)},${Math.floor(y / size)}`;
    const box = cells.get(key) ?? [x, y, x, y];
    cells.set(key, [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)]);
  }
  const boxes = [];
  for (const key of [...cells.keys()]) {
    const waiting = [key], whole = [width, height, 0, 0];
    while (waiting.length) {
      const each = waiting.pop(), box = cells.get(each);
      if (!box) continue;
      cells.delete(each);
      whole[0] = Math.min(whole[0], box[0]);
      whole[1] = Math.min(whole[1], box[1]);
      whole[2] = Math.max(whole[2], box[2] + 1);
      whole[3] = Math.max(whole[3], box[3] + 1);
      const [x, y] = each.split(',').map(Number);
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) waiting.push(`${x + dx},${y + dy}`);
    }
    if (whole[2]) boxes.push(whole);
  }
  return boxes;
}"""
_UNEQUAL = """async ([one, other, regions]) => {
  const [a, b] = await Promise.all([one, other].map(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d', { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return context;
  }));
  return regions.map(([left, top, right, bottom]) => {
    const pixels = (context) => new Uint32Array(
      context.getImageData(left, top, right - left, bottom - top).data.buffer);
    const [mine, theirs] = [pixels(a), pixels(b)];
    return mine.some((pixel, at) => pixel !== theirs[at]);
  });
}"""
