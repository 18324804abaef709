"""A reader's whole way, in a real browser and through the real commands: in, an issue, out, and no more issues."""

from __future__ import annotations

import email
import email.policy
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.publications import ISSUE, bare_environment, copy_publication

pytestmark = pytest.mark.browser
ADDRESS = "ann@example.net"
TOPICS = """
public_url: {url}
topics:
  us: News from the United States
welcome: welcome
welcome_with_latest: true
"""
WELCOME = """\
subject: Welcome
preheader: Glad that you are here
why: You get this once.
blocks:
  - kind: letter
    text: Dear {{ subscriber.first_name | default("reader") }}, welcome.
"""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run `newsletter serve`; yield the address of its sign-up form, which is the public one."""
    command = [sys.executable, "-m", "newsletter", "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=folder, env=bare_environment(folder)
    ) as program:
        assert program.stdout
        try:
            yield program.stdout.readline().strip()
        finally:
            program.terminate()
            program.communicate()


def send(folder: Path, issue: str = ISSUE, *more: str) -> str:
    """Run `newsletter send`; return the account."""
    (account,) = re.findall(r"\d+ intended = .*", run(folder, "send", issue, "--yes", *more))
    return str(account)


def run(folder: Path, *arguments: str) -> str:
    """Run a command; return what it answers."""
    command = [sys.executable, "-m", "newsletter", *arguments]
    ended = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=bare_environment(folder), check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def html_of(folder: Path, subject: str) -> str:
    """Return the newest mail with a subject in the outbox, as HTML, or nothing."""
    found = ""
    for file in sorted(folder.glob(".newsletter/outbox/*/*.eml"), key=lambda path: path.stat().st_mtime):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = mail.get_body(("html",))
        assert body
        if mail["To"] and ADDRESS in mail["To"] and subject in mail["Subject"]:
            found = body.get_content()
    return found


def link(html: str, name: str, url: str) -> str:
    """Return a link of a mail, as it is reached on this machine."""
    (found,) = set(re.findall(rf'https?://[^/"]+(/{name}/[^"<>\s]+)', html))
    return url.removesuffix("/subscribe") + str(found)


def heading(page: Page) -> str:
    return str(page.locator("h1").inner_text())


def test_from_sign_up_to_the_issue_that_no_longer_comes(tmp_path: Path, page: Page) -> None:
    folder = tmp_path / "publication"
    folder.mkdir()
    copy_publication(folder)
    next_issue = (folder / f"issues/{ISSUE}.yaml").read_text(encoding="utf-8").replace("number: 6", "number: 7", 1)
    (folder / "issues/vol-1-issue-7.yaml").write_text(next_issue, encoding="utf-8")
    (folder / "issues/welcome.yaml").write_text(WELCOME, encoding="utf-8")
    with (folder / "publication.yaml").open("a", encoding="utf-8") as file:
        file.write(TOPICS.format(url="https://v2gnews.example.com"))
    with serving(folder) as url:
        page.goto(url)
        page.get_by_label("Email address").fill(ADDRESS)
        page.get_by_label("First name").fill("Ann")
        page.get_by_label("News from the United States").check()
        page.get_by_role("button", name="Subscribe").click()
        assert heading(page) == "Look into your mailbox"
        run(folder, "subscribers", "add", "bob@example.net")
        assert "1 accepted + 0 refused + 1 suppressed" in send(folder)  # nobody is mailed before they confirm

        page.goto(link(html_of(folder, "Please confirm"), "confirm", url))
        page.get_by_role("button", name="Subscribe me").click()
        assert heading(page) == "You are on the list"
        assert "Dear Ann, welcome." in html_of(folder, "Welcome")
        assert len(list(folder.glob(".newsletter/outbox/latest/*.eml"))) == 1
        assert send(folder, ISSUE, "--only-missing").startswith("1 intended = 1 accepted")

        issue = html_of(folder, "")
        page.goto(link(issue, "view", url))
        assert "V2G Finds" in page.content()
        assert page.evaluate("document.querySelectorAll('a[href*=\"/unsubscribe/\"]').length") == 0
        page.get_by_role("link", name="Unsubscribe").click()
        assert heading(page) == "This link is in your own mail"

        page.goto(link(issue, "preferences", url))
        assert page.get_by_label("News from the United States").is_checked()
        page.goto(link(issue, "unsubscribe", url))
        assert heading(page) == "Leave V2G News?"
        page.get_by_role("button", name="Unsubscribe").click()
        assert heading(page) == "You have left"
        assert send(folder, "vol-1-issue-7").startswith("2 intended = 1 accepted + 0 refused + 1 suppressed")
