from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.core.kept import packed, unpacked
from newsletter.core.subscriber import Subscriber
from newsletter.edges.files import Project
from newsletter.flows.build import Edition, edition
from tests.conftest import REPOSITORY
from tests.golden.cases import ROOT, Shelf


def filled(made: Edition, reader: Subscriber) -> str:
    build = unpacked(packed(made.build))
    return build.html_template(build.seen_by(reader.tags)).fill(lambda field: field.value(reader, str))


@pytest.mark.parametrize("case", ["everything", "only"])
def test_a_build_is_the_same_after_it_was_kept(case: str) -> None:
    shelf = Shelf(ROOT / "tests/golden" / case)
    build = edition(shelf, shelf.issue_name(None), {}).build
    assert build.assets or build.others
    kept = unpacked(packed(build))
    assert kept == replace(build, tokens=kept.tokens)
    assert kept.digest == build.digest
    assert kept.tokens.fields == build.tokens.fields


def test_readers_of_a_kept_build_see_what_they_got() -> None:
    made = edition(Project(REPOSITORY), "vol-2-issue-3", {})
    for reader in (Subscriber(address="a@example.org", first_name="<Ann>"), Subscriber(address="b@example.org")):
        now = made.build.html_template(made.build.seen_by(reader.tags))
        assert filled(made, reader) == now.fill(lambda field, reader=reader: field.value(reader, str))  # type: ignore[misc]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"fields": 1}', b"\xff"])
def test_what_is_no_build_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a build"):
        unpacked(data)
