from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from newsletter.cli import talk
from tests.cli.running import Terminal

EXPORTS = Path(__file__).parents[1] / "data" / "exports"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def archive(newsletter: Terminal) -> str:
    """A ZIP file as Mailchimp makes it of an audience."""
    with zipfile.ZipFile(newsletter.folder / "audience.zip", "w", zipfile.ZIP_DEFLATED) as found:
        for kind in ("subscribed", "unsubscribed", "cleaned"):
            found.write(EXPORTS / f"mailchimp-{kind}.csv", f"{kind}_email_audience_export_0f1e2d.csv")
        found.writestr("readme.html", "<p>Thank you</p>")
    return "audience.zip"


def test_every_import_ends_with_the_account_of_every_row(newsletter: Terminal, archive: str) -> None:
    answer = newsletter("subscribers", "import", archive)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "audience.zip/subscribed_email_audience_export_0f1e2d.csv: Mailchimp, UTF-8, 2 rows\n"
        "audience.zip/unsubscribed_email_audience_export_0f1e2d.csv: Mailchimp, UTF-8, 2 rows\n"
        "audience.zip/cleaned_email_audience_export_0f1e2d.csv: Mailchimp, UTF-8, 1 row\n"
        "5 rows = 5 new + 0 changed + 0 unchanged + 0 kept out + 0 duplicates merged + 0 refused\n"
        "not to be mailed, of these: 2 unsubscribed, 1 bounced\n"
        "5 on the list\n"
    )
    assert "bounced      eli@example.com  Eli Stone\n" in newsletter("subscribers", "list").out


def test_a_dry_run_gives_the_same_account_and_imports_nothing(newsletter: Terminal, archive: str) -> None:
    rehearsed = newsletter("subscribers", "import", archive, "--dry-run", "--json").data
    assert newsletter("subscribers", "list").out == ""
    done = newsletter("subscribers", "import", archive, "--json").data
    assert rehearsed == done | {"dry run": True}
    assert newsletter("subscribers", "import", archive, "--dry-run").out.endswith("had this been no dry run\n")


def test_rows_that_are_refused_are_named_and_do_not_stop_the_rest(newsletter: Terminal) -> None:
    text = "email,first_name\nana@example.org,Ana\nbob.example.org,Bob\n\nANA@example.org,Anna\n,Cy\n"
    (newsletter.folder / "bad.csv").write_text(text, encoding="utf-8")
    answer = newsletter("subscribers", "import", "bad.csv")
    assert answer.code == 1
    assert answer.err.startswith("refused: bad.csv:3:1: email: 'bob.example.org' is not an email address")
    assert "refused: bad.csv:6:1: email: there is no address" in answer.err
    assert answer.out.splitlines()[1:] == [
        "4 rows = 1 new + 0 changed + 0 unchanged + 0 kept out + 1 duplicate merged + 2 refused",
        "1 on the list",
    ]
    account = newsletter("subscribers", "import", "bad.csv", "--json").data
    assert [(each["line"], each["column"]) for each in account["refusals"]] == [(3, "email"), (6, "email")]
    assert (account["refused"], account["unchanged"]) == (2, 1)


def test_a_long_list_of_refused_rows_is_cut_on_the_terminal_and_whole_as_json(newsletter: Terminal) -> None:
    text = "email\n" + "".join(f"nobody-{number}\n" for number in range(30))
    (newsletter.folder / "bad.csv").write_text(text, encoding="utf-8")
    said = newsletter("subscribers", "import", "bad.csv").err.splitlines()
    assert len(said) == talk.SHOWN + 1
    assert said[-1] == "and 10 more; --json names them all"
    assert len(newsletter("subscribers", "import", "bad.csv", "--json").data["refusals"]) == 30


def test_a_header_that_cannot_be_used_imports_nothing(newsletter: Terminal) -> None:
    (newsletter.folder / "list.csv").write_text("Wer,Mail\nAna,ana@example.org\n", encoding="utf-8")
    answer = newsletter("subscribers", "import", "list.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "list.csv:1:1: no column holds the email address; say which does: --map 'Mail=email'" in answer.err
    again = newsletter("subscribers", "import", "list.csv", "--map", "Mail=email", "--map", "Wer=first_name")
    assert again.code == 0
    assert newsletter("subscribers", "list").out == "active       ana@example.org  Ana\n"


def test_a_file_that_breaks_off_leaves_the_list_as_it_was(newsletter: Terminal) -> None:
    rows = "".join(f"reader-{number}@example.org\n" for number in range(1_500))
    (newsletter.folder / "list.csv").write_text(f'email\n{rows}"ana@example.org\n', encoding="utf-8")
    answer = newsletter("subscribers", "import", "list.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "list.csv:1502:1: not CSV: unexpected end of data" in answer.err
    assert newsletter("subscribers", "list").out == ""


def test_importing_again_changes_nothing_and_nobody_is_taken_back(newsletter: Terminal) -> None:
    shutil.copy(EXPORTS / "buttondown.csv", newsletter.folder / "b.csv")
    first = newsletter("subscribers", "import", "b.csv", "--json").data
    assert (first["new"], first["on the list"]) == (8, 7)
    newsletter("subscribers", "remove", "ana@example.org")
    again = newsletter("subscribers", "import", "b.csv", "--json").data
    assert (again["unchanged"], again["kept out"], again["on the list"]) == (7, 1, 6)
    assert newsletter("subscribers", "import", "b.csv").out.splitlines()[2].startswith("not to be mailed, of these: ")


def test_all_get_the_tag(newsletter: Terminal) -> None:
    shutil.copy(EXPORTS / "keila.csv", newsletter.folder / "k.csv")
    assert newsletter("subscribers", "import", "k.csv", "--tag", "moved", "--from", "keila").code == 0
    assert len(newsletter("subscribers", "list", "--tag", "moved").out.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.csv",), "nowhere.csv cannot be read: No such file"),
        (("issues",), "issues is a folder"),
        (("list.csv", "--from", "mailchip"), "did you mean 'mailchimp'?"),
        (("list.csv", "--map", "email"), "'email' does not name a column"),
        (("list.csv", "--map", "E-Post=email"), "no column is called 'E-Post'"),
        (("list.csv", "--tag", "a,b"), "'a,b' is not a tag"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(newsletter: Terminal, arguments: tuple[str, ...], said: str) -> None:
    (newsletter.folder / "list.csv").write_text("email\nana@example.org\n", encoding="utf-8")
    answer = newsletter("subscribers", "import", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert newsletter("subscribers", "list").out == ""


def test_an_export_as_json_comes_back_as_it_was(newsletter: Terminal, archive: str) -> None:
    newsletter("subscribers", "import", archive)
    newsletter("subscribers", "add", "ada@example.org", "--first-name", " Ada", "--tag", "us", "-f", "home town=Bath")
    exported = newsletter("subscribers", "export", "--json").out
    (newsletter.folder / "readers.jsonl").write_text(exported, encoding="utf-8")
    assert newsletter("subscribers", "import", "readers.jsonl").out.splitlines() == [
        "readers.jsonl: an export of this tool, UTF-8, 6 rows",
        "6 rows = 0 new + 0 changed + 6 unchanged + 0 kept out + 0 duplicates merged + 0 refused",
        "not to be mailed, of these: 2 unsubscribed, 1 bounced",
        "6 on the list",
    ]
    (newsletter.folder / "publication.yaml").write_text(
        (newsletter.folder / "publication.yaml").read_text(encoding="utf-8") + "\nstore: sqlite:///other.db\n",
        encoding="utf-8",
    )
    assert newsletter("subscribers", "import", "readers.jsonl").code == 0
    again = newsletter("subscribers", "export", "--json").out
    assert [*map(json.loads, again.splitlines())] == [*map(json.loads, exported.splitlines())]


def test_a_broken_line_of_json_is_named_and_a_file_that_is_no_json_imports_nothing(newsletter: Terminal) -> None:
    ana = '{"email": "ana@example.org"}\n'
    (newsletter.folder / "list.jsonl").write_text(ana + '{"email": \n', encoding="utf-8")
    answer = newsletter("subscribers", "import", "list.jsonl", "--json")
    assert (answer.code, answer.data["new"], answer.data["refusals"][0]["line"]) == (1, 1, 2)
    (newsletter.folder / "list.jsonl").write_text("{email\n" + ana, encoding="utf-8")
    answer = newsletter("subscribers", "import", "list.jsonl")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("list.jsonl:1:2: not JSON: expecting property name")


@pytest.mark.parametrize(("argument", "shown"), [("--tag=us", "1,000 rows read"), ("--json", "")])
def test_at_a_terminal_rows_are_counted_as_they_are_read(newsletter: Terminal, argument: str, shown: str) -> None:
    text = "email\n" + "".join(f"r{number}@example.org\n" for number in range(1_200))
    (newsletter.folder / "list.csv").write_text(text, encoding="utf-8")
    screen = Screen()
    newsletter.patch.setattr("sys.stderr", screen)
    newsletter.patch.setenv("TERM", "xterm")
    assert newsletter("subscribers", "import", "list.csv", argument).code == 0
    assert shown in screen.getvalue()
    assert bool(shown) == bool(screen.getvalue())


def test_history_says_who_was_imported_or_added_and_whom_an_import_stopped(newsletter: Terminal, archive: str) -> None:
    for address in ("eli@example.com", "new@example.org"):
        assert newsletter("subscribers", "add", address).code == 0
    newsletter("subscribers", "import", archive)
    newsletter("subscribers", "add", "new@example.org", "--tag", "us")

    def history(address: str) -> list[str]:
        found = newsletter("subscribers", "show", address, "--json").data["history"]
        return [f"{each['what']} {each['detail']}" for each in found]

    assert history("new@example.org") == ["added by the editor"]
    assert history("dee@example.org") == ["imported by the editor: audience.zip"]
    assert history("eli@example.com") == [
        "added by the editor",
        "imported by the editor: audience.zip, bounced, was active",
    ]


def test_what_is_no_text_in_json_is_named_in_the_account_whichever_form_that_has(newsletter: Terminal) -> None:
    rows = ['{"email": "ana@example.org", "city": "\\ud800"}', '{"email": "bob@example.org", "\\ud800": "x"}']
    (newsletter.folder / "odd.jsonl").write_text("\n".join(rows), encoding="utf-8")
    shown = newsletter("subscribers", "import", "odd.jsonl", "--dry-run")
    assert "refused: odd.jsonl:2:1: a key holds U+D800" in shown.err
    assert "taken, but: odd.jsonl:1:1: city: U+D800 is no character" in shown.err
    told = newsletter("subscribers", "import", "odd.jsonl", "--json")
    assert (told.code, told.data["new"], told.data["refused"], told.data["refusals"][0]["line"]) == (1, 1, 1, 2)
    assert newsletter("subscribers", "list", "field.city = \ufffd").out.startswith("active       ana@example.org")
