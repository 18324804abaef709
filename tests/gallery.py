"""One page with everything a reader may see of the issues: `make gallery` writes build/gallery/index.html."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import ARGUMENTS, CHROMIUM
from tests.fidelity.rendering import Filled, issues, with_pictures
from tests.screens import ISSUES, REPOSITORY, SCHEMES, WIDTHS, shown

FOLDER = REPOSITORY / "build/gallery"
# Both real issues, and the golden case with every kind of block and every key.
SHOWN = (*ISSUES, "everything")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Gallery</title>
<style>
  body {{ margin: 24px; background: #8a8a8a; color: #000; font: 16px/1.5 sans-serif; }}
  .row {{ display: flex; gap: 24px; align-items: flex-start; overflow-x: auto; }}
  figure {{ margin: 0; flex: none; }}
  img {{ display: block; }}
  pre {{ margin: 0; padding: 16px; background: #fff; font: 14px/1.4 monospace; }}
</style>
{issues}
</html>
"""


def write(folder: Path, browser: Browser) -> Path:
    """Write the pictures and the page that shows them; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    page, known = folder / "index.html", issues()
    page.write_text(
        _PAGE.format(issues="\n".join(_issue(folder, browser, name, known[name]) for name in SHOWN)), encoding="utf-8"
    )
    return page


def _issue(folder: Path, browser: Browser, name: str, filled: Filled) -> str:
    build, figures = filled.build, []
    assert build
    content = with_pictures(filled.ours(), build.assets)
    for scheme in SCHEMES:
        for width in WIDTHS:
            file, alt = f"{name}-{width}-{scheme}.png", f"{name}, {width} px, {scheme}"
            with shown(browser, content, width, scheme) as page:
                page.screenshot(path=folder / file, full_page=True)
            image = f'<img src="{file}" width="{width}" alt="{alt}">'
            figures.append(f"<figure><figcaption>{alt}</figcaption>{image}</figure>")
    text = escape(build.restored(build.text))
    figures.append(f"<figure><figcaption>{name}, plain text</figcaption><pre>{text}</pre></figure>")
    return f'<h1>{escape(build.restored(build.subject))}</h1>\n<div class="row">{"".join(figures)}</div>'


def main() -> None:
    """Write the gallery of the repository's issues and say where it is."""
    with sync_playwright() as playwright:
        program = os.environ.get(CHROMIUM, "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = write(FOLDER, browser)
        browser.close()
    print(f"Open {page.relative_to(REPOSITORY)} in a browser.")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
