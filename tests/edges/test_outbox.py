"""The outbox: a file per delivery, and a full disk that puts nothing in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.core.delivery import Accepted, Deferred
from newsletter.core.ways import Parcel
from newsletter.edges.outbox import Outbox
from newsletter.errors import TransportError

PARCEL = Parcel("d-1", "m-1", "reader@example.net", b"Subject: x\r\n\r\n\xff\r\n")


def test_every_delivery_is_a_file_of_its_mailing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")

    assert outbox.send(PARCEL) == Accepted("d-1.eml")
    assert outbox.send(PARCEL) == Accepted("d-1.eml")
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")] == [Path("outbox/m-1/d-1.eml")]
    assert (tmp_path / "outbox/m-1/d-1.eml").read_bytes() == PARCEL.message


def test_there_are_no_limits_and_it_says_that_nothing_is_sent(tmp_path: Path) -> None:
    allowance = Outbox(tmp_path / "outbox").allowance()

    assert (allowance.per_second, allowance.left_today) == (None, None)
    assert "nothing is sent" in allowance.notice


def test_a_folder_that_cannot_be_made_is_told_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")

    with pytest.raises(TransportError, match="cannot be made"):
        Outbox(tmp_path / "outbox").allowance()


def test_a_disk_that_takes_nothing_stops_and_leaves_nothing_in_doubt(tmp_path: Path) -> None:
    (tmp_path / "m-1").write_text("in the way")

    outcome = Outbox(tmp_path).send(PARCEL)

    assert isinstance(outcome, Deferred)
    assert outcome.stop
    assert "cannot be written" in outcome.reason
    assert outcome.hint
