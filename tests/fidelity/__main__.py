"""Measure how often the tool's output equals the official engine's: `python -m tests.fidelity FOLDER`, with MJML in it.

Of MJML's own collection (https://github.com/mjmlio/email-templates at 69b6157), 21 of 25 are: not loyalty-client (an
attribute stands twice), onepage and sphero-mini (fractions of a pixel), and ugg-royale (a carousel).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from newsletter.errors import InvalidSource
from tests.browser import ARGUMENTS, CHROMIUM
from tests.fidelity import sheets
from tests.fidelity.rendering import Filled, pairs_of


def main(folder: Path) -> None:
    """Print what of a folder's documents differs, and how many are equal."""
    files = sorted(folder.rglob("*.mjml"))
    filled = {str(path.relative_to(folder)): Filled(path.read_text(encoding="utf-8")) for path in files}
    refused = dict(_refused(filled))
    pairs = pairs_of({name: each for name, each in filled.items() if name not in refused})
    with sync_playwright() as playwright:
        program = os.environ.get(CHROMIUM, "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        unequal = sheets.unequal(browser, pairs, ("light",), at_once=3)
        browser.close()
    sys.stdout.writelines(f"{name}: {'; '.join(seen)}\n" for name, seen in unequal.items())
    sys.stdout.writelines(f"{name}: refused, {why}\n" for name, why in refused.items())
    sys.stdout.write(f"{len(pairs) - len(unequal)} of {len(files)} are equal at {sheets.WIDTHS} px\n")


def _refused(filled: dict[str, Filled]) -> Iterator[tuple[str, str]]:
    for name, each in filled.items():
        try:
            each.ours()
        except InvalidSource as err:
            yield name, err.problems[0].message


if __name__ == "__main__":
    main(Path(sys.argv[1]))
