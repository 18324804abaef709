"""The page of a report in a browser: wide and narrow, by day, by night and on paper; it asks nobody for anything."""

from __future__ import annotations

import re
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

_COLLIDING = """() => [...document.querySelectorAll('svg')].flatMap((svg) => {
  const sheet = svg.getBoundingClientRect();
  const words = [...svg.querySelectorAll('text')].map((each) => [each.textContent, each.getBoundingClientRect()]);
  const out = words.filter(([, box]) => box.left < sheet.left - 2 || box.right > sheet.right + 2 ||
    box.top < sheet.top - 2 || box.bottom > sheet.bottom + 2).map(([said]) => said);
  const over = words.flatMap(([said, one], at) => words.slice(at + 1).filter(([, other]) =>
    one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 6 && other.top < one.bottom - 6
  ).map(([other]) => `${said} / ${other}`));
  return [...out, ...over];
})"""


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
            source=lambda _: Source(made.issue.blocks, made.build),
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
    assert max(page.evaluate("[...document.querySelectorAll('svg')].map((each) => each.clientWidth)")) <= width - 32


def test_charts_are_as_light_or_dark_as_the_page_and_by_day_on_paper(written: str, page: Page) -> None:
    page.set_content(written)
    colours = """() => ["body", "svg text", "svg polygon"].map((each) => getComputedStyle(document.querySelector(each)))
      .map((style, at) => [style.backgroundColor, style.fill, style.fill][at])"""
    day = ["rgb(255, 255, 255)", "rgb(94, 90, 84)", "rgb(10, 98, 74)"]
    for media, scheme, expected in (
        ("screen", "light", day),
        ("screen", "dark", ["rgb(29, 28, 26)", "rgb(181, 175, 166)", "rgb(108, 207, 171)"]),
        ("print", "dark", day),
    ):
        page.emulate_media(media=media, color_scheme=scheme)  # type: ignore[arg-type]  # words, in a loop
        assert page.evaluate(colours) == expected


def test_screen_readers_say_what_each_chart_shows_and_where_its_figures_are(written: str, page: Page) -> None:
    page.set_content(written)
    charts = page.get_by_role("img")
    assert charts.count() == page.locator("figure > svg").count() == 4
    for name in ("Of those accepted, without those delivered", "The links with the most clicks", "Active readers"):
        assert page.get_by_role("img", name=name, exact=True).count() == 1
    assert set(
        page.evaluate("[...document.querySelectorAll('svg')].map((each) => each.ariaDescribedByElements.length)")
    ) == {1}


def test_words_in_charts_do_not_run_into_one_another_or_out_of_them(written: str, page: Page) -> None:
    page.set_content(written)
    assert page.evaluate(_COLLIDING) == []


def test_the_page_is_small_the_same_each_time_and_asks_nobody_for_anything(written: str, page: Page) -> None:
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(written)
    assert [each for each in asked if not each.startswith("data:")] == []
    assert len(written.encode()) < 60_000
    assert not re.search(r"<script|<img|url\((?!#)|@import", written)
    ids = re.findall(r' id="([^"]+)"', written)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:labelledby|describedby)="([^"]+)"|url\(#([^)]+)\)', written)) <= {
        *((each, "") for each in ids),
        *(("", each) for each in ids),
    }


def test_every_chart_stands_beside_a_table_of_its_figures(written: str, page: Page) -> None:
    page.set_content(written)
    assert page.locator("section:has(figure):not(:has(table))").count() == 0
    assert page.locator("section:has(figure):has(table)").count() == 4
