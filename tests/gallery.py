"""One page with everything a reader may see of the letters: `make gallery` writes build/gallery/index.html."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import ARGUMENTS, CHROMIUM
from tests.darkening import darken
from tests.fidelity.rendering import Filled, issues, with_pictures
from tests.screens import ISSUES, REPOSITORY, SCHEMES, WIDTHS, Scheme, shown

FOLDER = REPOSITORY / "build/gallery"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Gallery</title>
<style>
  body {{ margin: 24px; background: #8a8a8a; color: #000; font: 16px/1.5 sans-serif; }}
  nav {{ columns: 200px; }}
  a {{ color: #000; }}
  h2 {{ margin: 48px 0 8px; }}
  .row {{ display: flex; gap: 16px; align-items: flex-start; overflow-x: auto; }}
  figure {{ margin: 0; flex: none; }}
  img {{ display: block; max-height: 1600px; object-fit: cover; object-position: top; }}
  pre {{ margin: 0; padding: 16px; max-height: 1568px; overflow-y: auto; background: #fff; font: 12px/1.4 monospace; }}
</style>
<h1>Gallery</h1>
<p>A picture leads to its full size. What is long is cut off here, and whole there.</p>
<nav>{index}</nav>
{letters}
</html>
"""


def write(folder: Path, browser: Browser, letters: Mapping[str, Filled]) -> Path:
    """Write the pictures and the page that shows them; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    index = "<br>".join(f'<a href="#{name}">{name}</a>' for name in letters)
    rows = "\n".join(_letter(folder, browser, name, filled) for name, filled in letters.items())
    page = folder / "index.html"
    page.write_text(_PAGE.format(index=index, letters=rows), encoding="utf-8")
    return page


def ordered(known: Mapping[str, Filled]) -> dict[str, Filled]:
    """Return both real issues, then everything at once, each kind of block, and last what strains them."""
    first = [*ISSUES, "everything", *(name for name in known if name.startswith("block-"))]
    return {name: known[name] for name in [*first, *(name for name in known if name not in first)]}


def _letter(folder: Path, browser: Browser, name: str, filled: Filled) -> str:
    build, figures = filled.build, []
    assert build
    content = with_pictures(filled.ours(), build.assets)
    for view in _views(content):
        file = folder / f"{name}-{view.name}.png"
        with shown(browser, content, view.width, view.scheme) as page:
            view.change(page)
            page.screenshot(path=file, full_page=True)
        image = f'<img src="{file.name}" width="{view.width * 4 // 5}" alt="{view.said}" loading="lazy">'
        figures.append(f'<figure><figcaption>{view.said}</figcaption><a href="{file.name}">{image}</a></figure>')
    text = escape(build.restored(build.text))
    figures.append(f"<figure><figcaption>text</figcaption><pre>{text}</pre></figure>")
    return f'<h2 id="{name}">{name}</h2>\n<div class="row">{"".join(figures)}</div>'


@dataclass(frozen=True, slots=True)
class View:
    """A width and a scheme, and what a mail program does to the letter before it shows it."""

    said: str
    width: int
    scheme: Scheme
    change: Callable[[Page], object] = lambda page: None

    @property
    def name(self) -> str:
        return re.sub(r"\W+", "-", self.said.lower())


def _views(content: str) -> Iterator[View]:
    for width in WIDTHS:
        for scheme in SCHEMES:
            yield View(f"{width} {scheme}", width, scheme)
    for scheme in SCHEMES if "<img" in content else ():
        yield View(f"375 {scheme}, pictures off", 375, scheme, lambda page: page.evaluate(_PICTURES_OFF))
    yield View("375 darkened by Gmail on iOS", 375, "light", lambda page: darken(page, "Gmail on iOS"))
    yield View("375 darkened by Gmail on Android", 375, "light", lambda page: darken(page, "Gmail on Android"))


# An address that nothing answers: the browser shows what stands for the picture.
_PICTURES_OFF = """() => {
  for (const image of document.images) {
    image.removeAttribute('srcset');
    image.setAttribute('src', 'about:invalid');
  }
}"""


def main(names: Sequence[str]) -> None:
    """Write the gallery, of all letters or of some, and say where it is."""
    letters = ordered(issues())
    with sync_playwright() as playwright:
        program = os.environ.get(CHROMIUM, "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        # Pairs are a picture of 90,000 pixels, which only who asks for it should have to load.
        page = write(FOLDER, browser, {name: letters[name] for name in names or letters if names or name != "pairs"})
        browser.close()
    sys.stdout.write(f"Open {page.relative_to(REPOSITORY)} in a browser.\n")


if __name__ == "__main__":
    main(sys.argv[1:])
