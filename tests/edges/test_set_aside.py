"""What nobody can read is kept, whole, for its owner alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.core.ports.feedback import Received
from newsletter.edges.feedback import SetAside
from newsletter.errors import EdgeError

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_each_message_is_a_line_with_its_name_and_why_it_is_there(tmp_path: Path) -> None:
    shelf = SetAside(tmp_path / "state" / "aside.jsonl")
    bodies = ["{", "line\nbreak and ü", "\ud800 alone"]
    for number, body in enumerate(bodies):
        shelf.set_aside(Received(f"n-{number}", "r", body), "is no event of SES", AT)

    lines = [json.loads(line) for line in shelf.path.read_text(encoding="utf-8").splitlines()]

    assert [line["body"] for line in lines] == bodies
    assert lines[1] == {
        "at": "2026-03-02T12:00:00+00:00",
        "message": "n-1",
        "why": "is no event of SES",
        "body": bodies[1],
    }
    assert shelf.path.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_does_not_take_it_is_an_error_that_says_that_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EdgeError, match="cannot be written") as raised:
        SetAside(tmp_path / "file" / "aside.jsonl").set_aside(Received("n", "r", "b"), "why", AT)
    assert "stays in the queue" in raised.value.hint
