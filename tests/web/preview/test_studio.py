"""The studio in a real browser: what the editor sees and does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Error, FrameLocator, Locator, Page, expect

from tests.conftest import REPOSITORY
from tests.web.preview.conftest import NEWEST, OLDER, Studio

pytestmark = pytest.mark.browser

ISSUE = f"issues/{NEWEST}.yaml"
SUBJECT = "What turns a V2G pilot into a product?"


@pytest.fixture
def opened(page: Page, studio: Studio) -> Page:
    """Open the studio and wait for the email."""
    page.goto(studio.url)
    expect(email(page).get_by_text("V2G News").first).to_be_visible()
    return page


def email(page: Page) -> FrameLocator:
    return page.frame_locator("iframe:not(.arriving)")


def seen(place: Locator, script: str) -> object:
    """Return what a script says of a place in the email; None while one email takes the place of another."""
    with suppress(Error):
        return place.evaluate(script)
    return None


def background(page: Page) -> object:
    return seen(email(page).locator("body"), "body => getComputedStyle(body).backgroundColor")


def eventually(check: Callable[[], bool], page: Page, seconds: float = 30) -> None:
    """Wait until something is so; the browser goes on meanwhile."""
    end = monotonic() + seconds
    while not check():
        assert monotonic() < end
        page.wait_for_timeout(20)


def test_the_newest_issue_is_shown_for_a_sample_reader_with_its_subject_and_preheader(opened: Page) -> None:
    expect(opened).to_have_title(re.compile(re.escape(SUBJECT)))
    expect(opened.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    expect(opened.locator("#preheader")).to_contain_text("Russell Vare on the lessons of ten years")
    expect(opened.get_by_label("Issue", exact=True)).to_have_value(NEWEST)
    expect(email(opened).get_by_text("Dear Robin").first).to_be_visible()


def test_size_against_the_clip_of_gmail_and_a_short_digest_are_shown(opened: Page) -> None:
    expect(opened.locator("#size")).to_have_text(re.compile(r"^\d+\.\d of 102 kB$"))
    expect(opened.locator("#digest")).to_have_text(re.compile(r"^[0-9a-f]{12}$"))


def test_the_phone_makes_the_email_375_pixels_wide_and_the_desktop_640(opened: Page) -> None:
    def is_wide(pixels: int) -> bool:
        return seen(email(opened).locator("html"), "() => innerWidth") == pixels

    for name, expected in (("Phone 375", 375), ("Desktop 640", 640), ("Full", 1280 - 2 * 32)):
        button = opened.get_by_role("button", name=name)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(opened.locator("button[data-key=width][aria-pressed=true]")).to_have_count(1)
        eventually(partial(is_wide, expected), opened)


def test_dark_switches_the_colours_inside_the_email_and_light_switches_them_back(opened: Page) -> None:
    light = background(opened)
    opened.get_by_role("button", name="Dark").click()
    eventually(lambda: background(opened) not in {light, None}, opened)
    opened.get_by_role("button", name="Light").click()
    eventually(lambda: background(opened) == light, opened)


def test_the_text_view_shows_the_plain_text_part(opened: Page) -> None:
    opened.get_by_role("button", name="Text").click()
    expect(opened.locator("#text")).to_be_visible()
    expect(opened.locator("#text")).to_contain_text("Dear Robin,")
    expect(opened.locator("iframe")).to_be_hidden()


def test_where_readers_see_different_blocks_each_variant_can_be_chosen(opened: Page, studio: Studio) -> None:
    expect(opened.locator("#variants")).to_be_hidden()
    studio.edit(
        ISSUE,
        "  - kind: letter\n",
        "  - kind: note\n    only: {tag: us}\n    text: Only in the States\n  - kind: letter\n",
    )
    readers = opened.get_by_label("For", exact=True)
    expect(readers).to_be_visible()
    expect(email(opened).get_by_text("Only in the States")).to_have_count(0)
    readers.select_option("us")
    expect(email(opened).get_by_text("Only in the States")).to_be_visible()
    opened.reload()
    expect(readers).to_have_value("1")
    opened.get_by_role("button", name="Text").click()
    expect(opened.locator("#text")).to_contain_text("Only in the States")
    studio.edit(ISSUE, "    only: {tag: us}\n", "")
    expect(opened.locator("#variants")).to_be_hidden()
    expect(opened.locator("#text")).to_contain_text("Only in the States")


def test_the_inbox_row_shows_sender_subject_and_preheader(opened: Page) -> None:
    opened.get_by_role("button", name="Inbox row").click()
    row = opened.locator(".row.ours")
    expect(row.locator(".sender")).to_have_text("V2G News")
    expect(row.locator(".subject")).to_have_text(SUBJECT)
    expect(row.locator(".preheader")).to_contain_text("Russell Vare")


def test_a_saved_change_appears_without_a_reload(
    opened: Page, studio: Studio, record_testsuite_property: Callable[[str, object], None]
) -> None:
    opened.evaluate("window.stayed = true")
    saved = monotonic()
    studio.edit(ISSUE, "Dear {{ subscriber", "Hello and welcome, {{ subscriber")
    expect(email(opened).get_by_text("Hello and welcome, Robin").first).to_be_visible(timeout=5000)
    record_testsuite_property("seconds from save to sight", round(monotonic() - saved, 3))
    assert opened.evaluate("window.stayed") is True


def test_the_scroll_position_stays_over_a_change_and_over_a_reload(opened: Page, studio: Studio) -> None:
    stage = opened.locator("#stage")
    stage.evaluate("each => { each.scrollTop = 700 }")
    studio.edit(ISSUE, "Dear {{ subscriber", "Hello and welcome, {{ subscriber")
    expect(email(opened).get_by_text("Hello and welcome, Robin")).to_be_attached()
    assert stage.evaluate("each => each.scrollTop") == 700
    opened.reload()
    eventually(lambda: stage.evaluate("each => each.scrollTop") == 700, opened)


def test_a_broken_issue_shows_where_and_what_and_recovers_when_it_is_mended(opened: Page, studio: Studio) -> None:
    studio.edit(ISSUE, "subject:", "subjekt:")
    problems = opened.get_by_role("region", name="Problems")
    expect(problems).to_contain_text(re.compile(rf"{re.escape(ISSUE)}:\d+:\d+"))
    expect(problems).to_contain_text("subjekt")
    expect(problems.locator("pre").filter(has_text="subjekt: ").locator(".caret")).to_have_text("^")
    expect(opened.locator("iframe")).to_be_hidden()
    studio.edit(ISSUE, "subjekt:", "subject:")
    expect(problems).to_be_hidden()
    expect(email(opened).get_by_text("Dear Robin").first).to_be_visible()


def test_the_caret_stands_under_the_column_that_the_problem_names(opened: Page, studio: Studio) -> None:
    studio.edit(ISSUE, "\nblocks:\n", "\nblocks:\n  - kind: poem\n")
    snippet = opened.locator("#broken pre").first
    expect(snippet).to_contain_text("kind: poem")
    source, below = snippet.inner_text().rstrip().split("\n")
    where = opened.locator(".where code").first.inner_text()
    column = int(where.rsplit(":", 1)[1])
    assert below.index("^") - below.index("|") - 2 == column - 1
    assert len(source) > below.index("^")


def test_a_broken_publication_is_shown_and_recovers(opened: Page, studio: Studio) -> None:
    studio.edit("publication.yaml", "name: V2G News\ntagline", "nam: V2G News\ntagline")
    expect(opened.locator("#broken")).to_contain_text(re.compile(r"publication\.yaml:\d+:\d+"))
    studio.edit("publication.yaml", "nam: V2G News\ntagline", "name: V2G News\ntagline")
    expect(opened.locator("#broken")).to_be_hidden()


def test_a_publication_that_is_replaced_rather_than_written_is_noticed_every_time(opened: Page, studio: Studio) -> None:
    for name in ("First Name", "Second Name"):
        text = (studio.folder / "publication.yaml").read_text(encoding="utf-8")
        other = studio.folder / ".publication.yaml.new"
        other.write_text(re.sub(r"(?m)^name: .*", f"name: {name}", text), encoding="utf-8")
        other.replace(studio.folder / "publication.yaml")
        expect(email(opened).locator("h1").first).to_have_text(name)


def test_a_changed_layout_is_shown(opened: Page, studio: Studio) -> None:
    studio.edit("layouts/v2g/layout.mjml.j2", "{{ publication.postal_address }}", "Printed on trees")
    expect(email(opened).get_by_text("Printed on trees").first).to_be_visible()


def test_a_broken_layout_is_shown_with_its_file_and_line(opened: Page, studio: Studio) -> None:
    studio.edit("layouts/v2g/layout.mjml.j2", "{{ publication.postal_address }}", "{{ publication.postal_address")
    expect(opened.locator("#broken")).to_contain_text(re.compile(r"layouts/v2g/layout\.mjml\.j2:\d+:\d+"))


def test_a_new_issue_appears_in_the_picker_and_the_shown_one_stays(opened: Page, studio: Studio) -> None:
    shutil.copy(studio.folder / ISSUE, studio.folder / "issues/vol-2-issue-4.yaml")
    picker = opened.get_by_label("Issue", exact=True)
    expect(picker.locator("option")).to_have_text(["vol-2-issue-4", NEWEST, OLDER])
    expect(picker).to_have_value(NEWEST)


def test_an_issue_that_is_deleted_is_said_to_be_gone(opened: Page, studio: Studio) -> None:
    (studio.folder / ISSUE).unlink()
    expect(opened.locator("#broken")).to_contain_text(f"there is no issue '{NEWEST}'", ignore_case=True)


def test_folders_that_go_and_come_back_are_followed(opened: Page, studio: Studio) -> None:
    issues, away = studio.folder / "issues", studio.folder / "elsewhere"
    issues.rename(away)
    expect(opened.locator("#broken")).to_contain_text("no issues")
    away.rename(issues)
    expect(opened.locator("#broken")).to_be_hidden()
    studio.edit(ISSUE, "Dear {{ subscriber", "Hello and welcome, {{ subscriber")
    expect(email(opened).get_by_text("Hello and welcome, Robin").first).to_be_visible()


def test_keys_do_what_their_hints_say(opened: Page) -> None:
    pressed = opened.locator("button[aria-pressed=true]")
    for key, name in (("1", "Phone"), ("3", "Full"), ("d", "Dark"), ("t", "Text"), ("i", "Inbox"), ("h", "HTML")):
        button = opened.locator(f"button[aria-keyshortcuts='{key}']")
        expect(button.locator("kbd")).to_have_text(key.upper())
        opened.keyboard.press(key)
        expect(pressed.filter(has_text=name)).to_have_count(1)
    opened.keyboard.press("o")
    expect(opened.get_by_label("Issue", exact=True)).to_have_value(OLDER)
    opened.keyboard.press("n")
    expect(opened.get_by_label("Issue", exact=True)).to_have_value(NEWEST)


def test_keys_work_while_the_email_has_the_focus_and_not_with_ctrl(opened: Page) -> None:
    email(opened).locator("h1").first.click()
    opened.keyboard.press("Control+1")
    expect(opened.locator("button[aria-pressed=true]").filter(has_text="Phone")).to_have_count(0)
    opened.keyboard.press("1")
    expect(opened.locator("button[aria-pressed=true]").filter(has_text="Phone")).to_have_count(1)


def test_the_url_keeps_what_was_chosen_over_a_reload(opened: Page) -> None:
    opened.get_by_label("Issue", exact=True).select_option(OLDER)
    for key in ("1", "d", "t"):
        opened.locator("body").press(key)
    query = parse_qs(urlsplit(opened.url).query)
    assert query == {"issue": [OLDER], "view": ["text"], "width": ["phone"], "scheme": ["dark"]}
    opened.reload()
    expect(opened.locator("#text")).to_contain_text("Ten years of projects")
    for name in ("Phone", "Dark", "Text"):
        expect(opened.locator("button[aria-pressed=true]").filter(has_text=name)).to_have_count(1)


def test_a_url_that_asks_for_nonsense_shows_the_default(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}?view=nonsense&width=&scheme=%3Cscript%3E")
    expect(email(page).locator("h1").first).to_be_visible()
    expect(page.locator("button[aria-pressed=true]")).to_have_text(
        [re.compile("HTML"), re.compile("640"), re.compile("Light")]
    )


def test_markup_in_the_issue_stays_text_in_the_studio(opened: Page, studio: Studio) -> None:
    studio.edit(ISSUE, SUBJECT, "<img src=x onerror=alert(1)> & <b>bold</b>")
    expect(opened.get_by_role("heading", level=1)).to_have_text("<img src=x onerror=alert(1)> & <b>bold</b>")


def test_the_email_runs_no_scripts_and_its_links_open_in_a_new_tab(opened: Page, studio: Studio) -> None:
    frame = opened.locator("iframe")
    assert "allow-scripts" not in str(frame.get_attribute("sandbox"))
    assert "allow-popups" in str(frame.get_attribute("sandbox"))
    expect(email(opened).locator("base")).to_have_attribute("target", "_blank")


def test_a_server_that_went_away_is_said_to_be_gone(browser: Browser, studio: Studio) -> None:
    page = browser.new_page()  # the browser will complain about the connection, so nothing is asserted on that
    page.goto(studio.url)
    expect(page.get_by_role("status")).to_contain_text("Updated")
    studio.server.stop()
    expect(page.get_by_role("status")).to_have_text("Connection lost")
    page.close()


def test_pictures_are_shown_and_follow_their_files(opened: Page, studio: Studio) -> None:
    shutil.copy(REPOSITORY / "tests/pictures/small.png", studio.folder / "issues/plan.png")
    studio.edit(ISSUE, "blocks:\n", "blocks:\n  - {kind: figure, src: plan.png, alt: A plan}\n")
    picture = email(opened).get_by_alt_text("A plan")
    expect(picture).to_be_visible()
    eventually(lambda: seen(picture, "each => each.naturalWidth") == 160, opened)
    expect(opened.locator("#pictures")).to_have_text(re.compile(r"^1, \d\.\d kB$"))
    shutil.copy(REPOSITORY / "tests/pictures/plan.png", studio.folder / "issues/plan.png")
    eventually(lambda: seen(picture, "each => each.naturalWidth") == 1120, opened)
    (studio.folder / "issues/plan.png").unlink()
    expect(opened.locator("#broken")).to_contain_text("there is no issues/plan.png")
