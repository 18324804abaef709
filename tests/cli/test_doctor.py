"""`newsletter doctor`: what it prints, what it asks before it sends, and how it ends."""

from __future__ import annotations

import re
import shutil
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from newsletter.core.diagnosis.line import Group, Status
from tests.cli.running import Terminal
from tests.clinic import Clinic, open_clinic
from tests.core.examples import yaml_of
from tests.doubles.door import KEY


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with pytest.MonkeyPatch.context() as patch, open_clinic(tmp_path_factory.mktemp("clinic"), patch) as clinic:
        yield clinic


@pytest.fixture
def readers(three_readers: Terminal) -> Terminal:
    """Three readers of a small letter: to look at a large one takes longer, and shows no more."""
    shutil.rmtree(three_readers.folder / "issues")
    (three_readers.folder / "issues").mkdir()
    (three_readers.folder / "issues/vol-1-issue-1.yaml").write_text(yaml_of(), encoding="utf-8")
    change(three_readers, layout="plain")
    return three_readers


@pytest.fixture
def clinic(shared: Clinic, readers: Terminal, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """Return the doubles in perfect health, and let the publication in this folder be theirs."""
    shared.heal()
    ours = {"NEWSLETTER_DNS": shared.zone.server, "NEWSLETTER_SECRET": KEY}
    for name, value in {**shared.environment, **ours}.items():
        monkeypatch.setenv(name, value)
    change(readers, **shared.settings())
    return shared


def change(terminal: Terminal, **keys: Any) -> None:
    yaml, file = YAML(typ="safe"), terminal.folder / "publication.yaml"
    with file.open("rb") as source:
        data = yaml.load(source)
    with file.open("wb") as target:
        yaml.dump({**data, **keys}, target)


def by_check(document: Any) -> dict[str, Any]:
    return {line["check"]: line for line in document["lines"]}


def test_without_online_nothing_leaves_the_machine_and_the_lines_say_so(
    readers: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it wanted to leave")

    for name in ("connect", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    answer = readers("doctor")

    assert answer.code == 0
    assert "  not looked at   dkim                  needs --online\n" in answer.out
    assert "3 on the list may be mailed" in answer.out
    assert "look further with: newsletter doctor --online" in answer.err


def test_when_all_is_right_it_ends_with_0(clinic: Clinic, newsletter: Terminal) -> None:
    answer = newsletter("doctor", "--online")

    assert (answer.code, answer.err) == (0, "")
    assert "0 warnings, 0 errors, 2 not looked at\n" in answer.out
    assert "\033" not in answer.out


def test_at_a_terminal_it_says_what_takes_long(
    clinic: Clinic, newsletter: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    assert newsletter("doctor", "--online").err == "looking at AWS, the DNS and the unsubscribe page ...\n"


def test_an_error_ends_with_1_and_shows_the_record_to_add_on_one_line(clinic: Clinic, newsletter: Terminal) -> None:
    clinic.zone.put("_dmarc.letter.example.com", "TXT")
    answer = newsletter("doctor", "--online")

    assert answer.code == 1
    assert "  error           dmarc                 no DMARC record for letter.example.com\n" in answer.out
    record = "_dmarc.letter.example.com  TXT  v=DMARC1; p=none; rua=mailto:dmarc@letter.example.com"
    assert record in [line.strip() for line in answer.out.splitlines()]


def test_a_warning_alone_ends_with_0(clinic: Clinic, newsletter: Terminal) -> None:
    del clinic.cloud.attributes["RedrivePolicy"]
    answer = newsletter("doctor", "--online", "--json")

    assert (answer.code, answer.data["verdict"]) == (0, "warning")


def test_json_keeps_its_shape(clinic: Clinic, newsletter: Terminal) -> None:
    clinic.zone.put("_dmarc.letter.example.com", "TXT")
    data = newsletter("doctor", "--online", "--json").data

    assert set(data) == {"format", "verdict", "online", "counts", "lines"}
    assert (data["format"], data["verdict"], data["online"]) == (1, "error", True)
    assert set(data["counts"]) == {"ok", "not looked at", "warning", "error"}
    assert sum(data["counts"].values()) == len(data["lines"])
    for line in data["lines"]:
        assert set(line) == {"group", "check", "status", "seen", "remedy", "records", "source"}
        assert line["group"] in set(Group)
        assert line["status"] in set(Status)
    assert by_check(data)["dmarc"]["records"] == [
        {
            "name": "_dmarc.letter.example.com",
            "type": "TXT",
            "value": "v=DMARC1; p=none; rua=mailto:dmarc@letter.example.com",
        }
    ]
    assert list(by_check(data)) == CHECKS


def test_lines_fit_a_terminal(readers: Terminal) -> None:
    answer = readers("doctor")

    assert [line for line in answer.out.splitlines() if len(line) > 112 and "://" not in line] == []


@pytest.mark.parametrize(("columns", "widest"), [("80", 80), ("40", 72)])
def test_lines_fit_a_narrow_terminal_too(
    readers: Terminal, monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = readers("doctor").out.splitlines()

    assert "  Google     Email sender guidelines" in "\n".join(lines)
    assert "(techcommunity.microsoft.com)" in "\n".join(lines)
    assert [line for line in lines if len(line) > widest and "://" not in line and "python3" not in line] == []


def test_colour_is_for_terminals_that_want_it(readers: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = readers("doctor").out
    monkeypatch.setenv("NO_COLOR", "1")
    plain = readers("doctor").out

    assert "  \033[32mok              \033[0mpublication" in coloured
    assert "\033" not in plain
    assert re.sub(r"\033\[[\d;]*m", "", coloured) == plain


def test_a_publication_that_cannot_be_read_is_an_error_and_the_rest_waits(newsletter: Terminal) -> None:
    change(newsletter, sender={"name": "The Letter"})
    lines = by_check(newsletter("doctor", "--online", "--json").data)

    assert lines["publication"]["status"] == "error"
    assert "publication.yaml:" in lines["publication"]["seen"]
    assert "sender.address" in lines["publication"]["seen"]
    assert lines["ses"]["seen"] == "needs a publication.yaml that can be read"


def test_an_issue_that_does_not_build_is_an_error(readers: Terminal) -> None:
    (readers.folder / "issues/vol-9-issue-1.yaml").write_text("volume: 9\n", encoding="utf-8")
    lines = by_check(readers("doctor", "--json").data)

    assert lines["issue"]["status"] == "error"
    assert "issues/vol-9-issue-1.yaml:" in lines["issue"]["seen"]
    assert lines["one-click"]["seen"] == "needs an issue that builds"


def test_a_scheduled_mailing_whose_issue_was_changed_is_an_error(readers: Terminal) -> None:
    assert readers("send", "vol-1-issue-1", "--at", "2099-01-01 09:00", "--yes").code == 0
    assert by_check(readers("doctor", "--json").data)["open-mailings"]["status"] == "ok"

    change(readers, name="Another name")

    line = by_check(readers("doctor", "--json").data)["open-mailings"]
    assert (line["status"], "vol-1-issue-1 began with other contents" in line["seen"]) == ("error", True)


def test_a_profile_that_is_not_there_is_named(readers: Terminal) -> None:
    change(readers, ses={"region": "eu-west-1", "profile": "nobody"})
    line = by_check(readers("doctor", "--online", "--json").data)["credentials"]

    assert (line["status"], "(nobody) could not be found" in line["seen"]) == ("error", True)
    assert "aws configure list-profiles" in line["remedy"]


def test_a_database_server_is_not_asked_offline(readers: Terminal) -> None:
    readers.patch.setenv("NEWSLETTER_STORE", "postgresql+psycopg://me@192.0.2.1/letter")
    line = by_check(readers("doctor", "--json").data)["store"]

    assert (line["status"], line["seen"]) == ("not looked at", "needs --online")


def test_a_missing_region_is_named(readers: Terminal) -> None:
    lines = by_check(readers("doctor", "--online", "--json").data)

    assert lines["credentials"]["status"] == "error"
    assert "region" in lines["credentials"]["seen"]
    assert "set ses.region" in lines["credentials"]["remedy"]


def test_a_free_mail_address_is_an_error(readers: Terminal) -> None:
    change(readers, sender={"name": "The Letter", "address": "letter@gmail.com"})
    line = by_check(readers("doctor", "--json").data)["from"]

    assert line["status"] == "error"
    assert "gmail.com, whose DMARC policy" in line["seen"]
    assert "a domain of your own" in line["remedy"]


def test_the_round_trip_needs_online_and_a_yes(clinic: Clinic, newsletter: Terminal) -> None:
    alone = newsletter("doctor", "--roundtrip")
    declined = newsletter("doctor", "--online", "--roundtrip", typed="no\n")

    assert (alone.code, "add --online" in alone.err) == (2, True)
    assert (declined.code, "hint: --yes sends without asking" in declined.err) == (1, True)
    assert clinic.ses.accepted() == []


def test_the_round_trip_comes_back_through_the_queue(clinic: Clinic, newsletter: Terminal) -> None:
    clinic.ses.configure(sns_envelope=True)
    clinic.cloud.source = clinic.ses.events
    answer = newsletter("doctor", "--online", "--roundtrip", "--json", typed="yes\n")

    line = by_check(answer.data)["round-trip"]
    assert (answer.code, line["status"]) == (0, "ok")
    assert "delivery, bounce and complaint" in line["seen"]
    assert sorted(each.address for each in clinic.ses.accepted()) == [
        f"{mailbox}@simulator.amazonses.com" for mailbox in ("bounce", "complaint", "success")
    ]
    assert clinic.cloud.queue == {}


CHECKS = [
    *("publication", "transport", "layout", "issue", "store", "keys", "public-url"),
    *("one-click", "list-id", "body-link", "from", "reply-to"),
    *("region", "credentials", "ses", "permissions", "clock", "production", "sending", "quota"),
    *("identity", "dkim", "dkim-records", "mail-from", "mail-from-mx", "spf", "dmarc", "alignment"),
    *("configuration-set", "event-destination", "queue", "event-path", "suppression", "round-trip"),
    *("unsubscribe-post", "unsubscribe-get", "unsubscribe-key"),
    *("rule-authentication", "rule-dmarc", "rule-one-click", "rule-visible-link", "rule-from", "rule-replies"),
    *("rule-hygiene", "rule-list-id", "rule-tls", "rule-ptr", "rule-spam-rate"),
]
