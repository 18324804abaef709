"""Pictures of issues in a real browser: `python -m tests.screens FOLDER` writes them, and README's, to look at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from newsletter.core.links import inert_link
from newsletter.core.merge import Field
from newsletter.edges.files import Project
from newsletter.flows.build import SAMPLE, edition
from tests.browser import ARGUMENTS

REPOSITORY = Path(__file__).parents[1]
LAYOUTS = ("plain", "v2g")
ISSUES = ("vol-1-issue-6", "vol-2-issue-3")
WIDTHS = (375, 640)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


class Redressed(Project):
    """The repository's publication in another of its layouts."""

    def __init__(self, layout: str) -> None:
        super().__init__(REPOSITORY)
        self._line = f"layout: {layout}".encode()

    def publication(self) -> bytes:
        return super().publication().replace(b"layout: v2g", self._line)


def html(issue: str, layout: str = "v2g") -> str:
    """Return an issue's HTML as the sample subscriber gets it."""
    made = edition(Redressed(layout), issue, {})

    def value(field: Field) -> str:
        return field.value(SAMPLE, lambda name: inert_link(made.publication.public, name))

    return made.build.html_template().fill(value)


@contextmanager
def shown(browser: Browser, content: str, width: int, scheme: Scheme) -> Iterator[Page]:
    """Show HTML at a width, at two device pixels each, in a colour scheme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, device_scale_factor=2, offline=True
    )
    page = context.new_page()
    page.set_content(content)
    yield page
    context.close()


def main(folder: Path) -> None:
    """Write a picture of each issue, width and scheme, and the one in README.md."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for issue in ISSUES:
            content = html(issue)
            for width in WIDTHS:
                for scheme in SCHEMES:
                    with shown(browser, content, width, scheme) as page:
                        page.screenshot(path=folder / f"{issue}-{width}-{scheme}.png", full_page=True)
        with shown(browser, html(ISSUES[1]), 700, "light") as page:
            page.set_viewport_size({"width": 700, "height": 1000})
            page.screenshot(path=folder / "screenshot.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
