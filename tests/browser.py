"""A real browser for tests, offline: the one that Playwright drives on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "NEWSLETTER_CHROMIUM"
ARGUMENTS = [
    "--no-sandbox",  # containers have no user namespaces for it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
expect.set_options(timeout=30_000)  # milliseconds, on a machine that is busy


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run Chromium; without one the test is skipped, or fails where CI promises one."""
    program = Path(os.environ.get(CHROMIUM, "/usr/bin/chromium"))
    if not program.exists():
        reason = f"no browser at {program}; install Chromium or name yours in {CHROMIUM}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page of its own; the test fails on any console error and on any request that leaves this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US", color_scheme="light")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda err: complaints.append(str(err)))
    context.on("request", lambda asked: None if _is_here(asked.url) else complaints.append(f"left: {asked.url}"))
    yield opened
    context.close()
    assert not complaints


def _is_here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "about:", "blob:"))
