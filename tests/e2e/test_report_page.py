"""The page of a report in a browser: wide and narrow, by day, by night and on paper; it asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page

from newsletter.core.publication import parse_publication
from newsletter.core.report.page import page as page_of
from newsletter.core.source import read
from newsletter.edges.clock import SystemClock
from newsletter.edges.files import Project
from newsletter.edges.store import open_store
from newsletter.flows.build import edition
from newsletter.flows.report import Desk, Source, report
from tests.conftest import REPOSITORY
from tests.fidelity import node
from tests.mailed import made_up
from tests.stores import empty_store

pytestmark = pytest.mark.browser

_AXE = """async () => (await axe.run(document)).violations.flatMap(
  ({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = read(Project(REPOSITORY).publication(), "publication.yaml")
    publication = parse_publication(settings, {"NEWSLETTER_TRANSPORT": "ses"})
    made = edition(Project(REPOSITORY), "vol-2-issue-3", {})
    with open_store(empty_store(tmp_path_factory.mktemp("reported"))) as store:
        made_up(store)
        desk = Desk(
            mailings=store.mailings,
            ledger=store.ledger,
            events=store.events,
            reports=store.reports,
            statistics=store.statistics,
            clock=SystemClock(),
            publication=publication,
            source=lambda _: Source(made.issue.blocks, made.build.digest),
        )
        yield page_of(report(desk, None), publication.name)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1200])
def test_the_page_is_accessible_and_fits(
    written: str, page: Page, width: int, scheme: Literal["light", "dark"]
) -> None:
    node.require()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.set_content(written)
    page.evaluate((node.INSTALLED / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    assert page.evaluate(_AXE) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    shown = page.evaluate("[...document.images].map((each) => [each.naturalWidth, each.alt.length > 20])")
    assert shown == [[960, True]] * 4


def test_on_paper_it_is_as_by_day(written: str, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_content(written)
    colour = "getComputedStyle(document.body).backgroundColor"
    source = "document.images[0].currentSrc"
    night = page.evaluate(colour), page.evaluate(source)
    page.emulate_media(color_scheme="dark", media="print")
    page.wait_for_function(f"{source} != {night[1]!r}")
    assert (night[0], page.evaluate(colour)) == ("rgb(29, 28, 26)", "rgb(255, 255, 255)")


def test_every_chart_stands_beside_a_table_of_its_figures(written: str, page: Page) -> None:
    page.set_content(written)
    assert page.locator("section:has(figure):not(:has(table))").count() == 0
    assert page.locator("section:has(figure):has(table)").count() == 4
