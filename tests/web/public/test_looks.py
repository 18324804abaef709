"""The pages as readers see them: valid, accessible, by day and night, on a phone, from right to left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from newsletter.core.subscriber import Subscriber
from tests.fidelity import node
from tests.web.public.conftest import MORE, Doors, publication_in, served

pytestmark = pytest.mark.browser
ANN = "ann@example.org"
PAGES = ("sign-up", "wrong", "asked", "confirm", "preferences", "saved", "wrong-day", "leave", "left", "lost")
OF_EVERY_KIND = {"wrong", "saved", "wrong-day", "left"}  # what the others have, these have too
RTL = MORE + "words:\n  sign_up_title: اشترك في {publication}\n  pause: إيقاف مؤقت حتى\n  first_name: الاسم\n"


@pytest.fixture(scope="module", params=["v2g", "plain", "rtl"])
def looks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = publication_in(tmp_path_factory.mktemp("looks") / "publication", RTL if request.param == "rtl" else MORE)
    file = folder / "publication.yaml"
    text = file.read_text(encoding="utf-8")
    if request.param == "rtl":
        text = text.replace("language: en", "language: ar")
    if request.param == "plain":
        text = text.replace("layout: v2g", "layout: plain")
    file.write_text(text, encoding="utf-8")
    with served(folder, {}) as doors:
        yield doors


@pytest.fixture(scope="module")
def bodies(looks: Doors) -> Mapping[str, str]:
    """Return every kind of page."""
    looks.store.subscribers.put([Subscriber(address=ANN, tags=frozenset({"us"}))], datetime.now(UTC))
    ann = looks.reader(ANN)
    preferences, leave = looks.path("preferences", ann), looks.path("unsubscribe", ann)
    answers = (
        looks.ask("/subscribe"),
        looks.sign_up("nobody"),
        looks.sign_up("bob@example.org"),
        looks.ask(looks.path("confirm", ann)),
        looks.ask(preferences),
        looks.ask(preferences, "first_name=Ann&topic=us"),
        looks.ask(preferences, "first_name=Ann&pause=never"),
        looks.ask(leave),
        looks.ask(leave, ""),
        looks.ask("/unsubscribe/x"),
    )
    return {name: answer.body for name, answer in zip(PAGES, answers, strict=True)}


def test_html_validate_finds_no_error(bodies: Mapping[str, str]) -> None:
    found: Mapping[str, Sequence[str]] = node.run("validate.mjs", dict(bodies))
    # Several boxes may say the same name: that is how a form has a list.
    rest = {name: [each for each in said if "form-dup-name" not in each] for name, said in found.items()}
    assert {name: said for name, said in rest.items() if said} == {}


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 375, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_and_nothing_runs_out_of_a_phone(
    bodies: Mapping[str, str], window: Page, scheme: Any
) -> None:
    node.require()
    axe = (node.INSTALLED / "axe-core/axe.min.js").read_text(encoding="utf-8")
    window.emulate_media(color_scheme=scheme)
    for name, html in bodies.items():
        window.set_content(html)
        assert window.evaluate("document.documentElement.scrollWidth") == 375, name
        if name not in OF_EVERY_KIND:
            continue
        window.evaluate(axe)
        found = window.evaluate("axe.run(document, {rules: {'target-size': {enabled: true}}})")
        assert [(name, each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
        assert len(found["passes"]) > 10


def test_pages_load_nothing_and_break_no_policy_of_theirs(looks: Doors, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{looks.url}/subscribe")
    assert [url for url in asked if not url.endswith("/favicon.ico")] == [f"{looks.url}/subscribe"]
    heading = page.locator("h1").evaluate("each => getComputedStyle(each).fontSize")
    assert heading == "32px"  # the style is in force


def test_a_logo_stands_in_place_of_the_name(tmp_path: Path, page: Page) -> None:
    folder = publication_in(tmp_path / "p", "logo: {src: masthead.png, alt: The News}\n")
    source = Path(__file__).parents[2] / "pictures"
    (folder / "issues/masthead.png").write_bytes(next(iter(sorted(source.glob("*.png")))).read_bytes())
    with served(folder, {}) as doors:
        page.goto(f"{doors.url}/subscribe")
        logo = page.get_by_role("img", name="The News")
        assert logo.evaluate("each => each.complete && each.naturalWidth > 0")
