"""Every format: the files in tests/data/exports are as the services write them, of people who are made up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.core.arrivals.account import Account
from newsletter.core.arrivals.columns import Wish
from newsletter.core.roster import csv_lines
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.edges.exports import sheets
from newsletter.errors import BadInput
from newsletter.flows.move_in import move_in
from tests.core.arrivals.reading import AT, Listening, people, sheet

EXPORTS = Path(__file__).parents[1] / "data" / "exports"


def moved(*names: str, wish: Wish | None = None) -> tuple[dict[str, Subscriber], Account]:
    listening = Listening()
    found = [each for name in names for each in sheets(EXPORTS / name)]
    account = move_in(listening, found, wish or Wish(), at=AT)
    assert (account.refused.first, account.noted.first) == ([], [])
    return {row.address.partition("@")[0]: row for row in listening.rows}, account


def standings(rows: Iterable[Subscriber]) -> dict[str, tuple[Standing, str]]:
    return {row.address.partition("@")[0]: (row.standing, row.reason) for row in rows}


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]  # a tuple of any length


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        *((f"mailchimp-{kind}.csv", "Mailchimp") for kind in ("subscribed", "unsubscribed", "cleaned", "german")),
        *((f"substack{kind}.csv", "Substack") for kind in ("", "-old", "-paid", "-dashboard")),
        *((f"{name.lower()}.csv", name) for name in ("Buttondown", "Ghost", "beehiiv", "Kit", "listmonk", "Keila")),
    ],
)
def test_every_file_is_recognised_by_its_header(name: str, format_: str) -> None:
    assert [each.format for each in moved(name)[1].files] == [format_]


@pytest.mark.parametrize("name", sorted(file.name for file in EXPORTS.glob("*.csv")))
def test_what_comes_in_goes_out_and_comes_in_again_without_loss(name: str) -> None:
    rows = list(moved(name)[0].values())
    fields = sorted({field for row in rows for field in row.fields})
    again = people("".join(csv_lines(rows, fields)))
    assert [(row.address, row.display_name, row.tags, row.fields, row.standing) for row in again] == [
        (row.address, row.display_name, row.tags, row.fields, row.standing) for row in rows
    ]
    assert [row.consent.at for row in again] == [row.consent.at for row in rows]


def test_mailchimp_subscribers_keep_their_consent_names_and_tags() -> None:
    found, _ = moved("mailchimp-subscribed.csv")
    ana = found["ana"]
    assert (ana.first_name, ana.last_name, ana.standing) == ("Ana", "Reyes", Standing.ACTIVE)
    assert ana.tags == {"VIP", "Berlin Mitte"}
    assert ana.consent == Consent(
        "Mailchimp", utc(2021, 4, 1, 9), "192.0.2.10", utc(2021, 4, 1, 9, 3, 20), "192.0.2.11"
    )
    assert ana.fields["company"] == "Depot & Sons"
    assert found["Bo.Lindqvist"].consent.confirmed_at == utc(2022, 8, 15, 17, 45, 1)


def test_mailchimp_says_by_a_column_what_a_file_is_even_where_its_cells_are_empty() -> None:
    found, _ = moved("mailchimp-unsubscribed.csv", "mailchimp-cleaned.csv")
    assert standings(found.values()) == {
        "cy": (Standing.UNSUBSCRIBED, "unsubscribed at Mailchimp: NORMAL"),
        "dee": (Standing.UNSUBSCRIBED, "unsubscribed at Mailchimp: OTHER; too many letters"),
        "eli": (Standing.BOUNCED, "cleaned by Mailchimp"),
    }
    assert found["cy"].since == utc(2023, 11, 30, 6, 12, 44)
    assert found["dee"].since is None
    assert found["eli"].since == utc(2022, 2, 20, 14, 0, 9)


def test_whom_mailchimp_knows_and_who_never_subscribed_is_not_mailed() -> None:
    listening = Listening()
    data = (EXPORTS / "mailchimp-subscribed.csv").read_bytes()
    file = sheet(data, "audience.zip/lists/nonsubscribed_email_audience_export_0f1e2d.csv")
    move_in(listening, [file], Wish(), at=AT)
    assert {(row.standing, row.reason) for row in listening.rows} == {
        (Standing.UNCONFIRMED, "never subscribed at Mailchimp")
    }


def test_a_mailchimp_file_in_another_language_is_understood_by_what_its_columns_hold() -> None:
    found, account = moved("mailchimp-german.csv")
    joerg = found["joerg"]
    assert (joerg.display_name, *joerg.tags) == ("Jörg Weiß", "Süd")
    assert (joerg.fields["firma"], joerg.fields["address"]) == ("Stadtwerke Süd", "1 Sample Street  Bath  GB")
    assert account.files[0].encoding == "Windows-1252 (assumed, since it is not UTF-8)"


@pytest.mark.parametrize("name", ["substack.csv", "substack-old.csv", "substack-paid.csv"])
def test_substack_readers_who_switched_email_off_are_not_mailed(name: str) -> None:
    assert standings(moved(name)[0].values()) == {
        "ana": (Standing.ACTIVE, ""),
        "bo": (Standing.DISABLED, "email disabled at Substack"),
    }


def test_the_list_of_substack_s_dashboard_is_understood_too() -> None:
    found, _ = moved("substack-dashboard.csv")
    assert (found["ana"].first_name, found["ana"].last_name) == ("Ana", "van Reyes")
    assert found["ana"].consent == Consent("Substack", utc(2022, 3, 4, 15, 2, 11, 123_000))
    assert standings(found.values())["bo"] == (Standing.DISABLED, "receives no emails from Substack")


def test_buttondown_types_become_standings_and_metadata_fields() -> None:
    found, _ = moved("buttondown.csv")
    assert standings(found.values()) == {
        "ana": (Standing.ACTIVE, ""),
        "bo": (Standing.UNCONFIRMED, "unactivated at Buttondown"),
        "cy": (Standing.UNSUBSCRIBED, "unsubscribed at Buttondown"),
        "dee": (Standing.COMPLAINED, "complained at Buttondown"),
        "eli": (Standing.BOUNCED, "undeliverable at Buttondown"),
        "fay": (Standing.REMOVED, "removed at Buttondown"),
        "gus": (Standing.DISABLED, "blocked at Buttondown"),
        "hal": (Standing.ACTIVE, ""),
    }
    ana = found["ana"]
    assert ana.tags == {"corporate", "nyc"}
    assert ana.fields.items() >= {"city": "Bath", "seats": "3", "note": "Ana's depot", "lead": "true"}.items()
    assert "empty" not in ana.fields
    assert ana.consent == Consent("Buttondown", utc(2021, 11, 5, 14, 13, 12, 123_456), "192.0.2.10")
    assert found["cy"].since == utc(2023, 5, 1, 7)


def test_ghost_guards_formulas_and_that_is_undone_where_it_did() -> None:
    found, _ = moved("ghost.csv")
    assert found["ana"].fields["note"] == "=SUM(A1)"
    assert (found["bo"].first_name, found["bo"].fields["note"]) == ("-Bo", "+44 1225 000000")
    assert (found["cy"].first_name, found["cy"].fields["note"]) == ("O'Hara", "'tis mine")
    assert found["ana"].tags == {"VIP", "nyc"}
    assert found["bo"].standing is Standing.UNSUBSCRIBED


def test_beehiiv_s_times_are_read_and_who_once_unsubscribed_stays_so() -> None:
    found, _ = moved("beehiiv.csv")
    assert standings(found.values()) == {
        "ana": (Standing.ACTIVE, ""),
        "bo": (Standing.UNSUBSCRIBED, "inactive at beehiiv"),
        "cy": (Standing.UNCONFIRMED, "pending at beehiiv"),
        "dee": (Standing.UNSUBSCRIBED, "unsubscribed at beehiiv"),
    }
    assert found["ana"].consent.at == utc(2023, 3, 24, 10, 23, 10)
    assert found["bo"].since == utc(2023, 9, 1, 0, 0, 1)
    assert found["ana"].fields == {"tier": "free", "gold": "No", "city": "Bath"}


def test_kit_s_states_become_standings() -> None:
    assert [standing for standing, _ in standings(moved("kit.csv")[0].values()).values()] == [
        Standing.ACTIVE,
        Standing.UNSUBSCRIBED,
        Standing.BOUNCED,
        Standing.COMPLAINED,
        Standing.UNCONFIRMED,
    ]


def test_listmonk_s_attributes_become_fields_and_its_times_are_read() -> None:
    found, _ = moved("listmonk.csv")
    ana = found["ana"]
    assert ana.fields.items() >= {"city": "Bath", "fleet": '{"buses": 3}', "good": "true"}.items()
    assert ana.consent.at == utc(2026, 7, 21, 12, 53, 4, 123_456)
    assert found["bo"].consent.at == utc(2026, 7, 21, 12, 53, 4)
    assert standings(found.values())["cy"] == (Standing.DISABLED, "blocklisted at listmonk")


def test_keila_s_data_become_fields_under_names_that_mean_nothing_else() -> None:
    found, _ = moved("keila.csv")
    assert found["ana"].fields == {"city": "Bath", "keila_tags": '["a", "b"]', "external_id": "crm-1"}
    assert found["ana"].consent == Consent("import of keila.csv", AT)
    assert [row.standing for row in found.values()] == [Standing.ACTIVE, Standing.UNSUBSCRIBED, Standing.BOUNCED]


def archive(**files: str) -> tuple[list[Subscriber], Account]:
    listening = Listening()
    found = [sheet(text, f"all.zip/{name}.csv") for name, text in files.items()]
    return listening.rows, move_in(listening, found, Wish(), at=AT)


def test_of_an_archive_the_lists_alone_are_taken() -> None:
    rows, account = archive(
        opens="post_id,timestamp,email,country\n1,2024-01-01,stranger@example.org,GB\n",
        broken='"\n',
        email_list=(EXPORTS / "substack.csv").read_text(encoding="utf-8"),
        posts="post_id,title\n1,One\n",
    )
    assert [row.address for row in rows] == ["ana@example.org", "bo@example.net"]
    assert [each.name for each in account.files] == ["all.zip/email_list.csv"]
    assert [name for name, _ in account.passed_over] == [f"all.zip/{name}.csv" for name in ("broken", "opens", "posts")]


def test_a_single_list_of_no_known_format_in_an_archive_is_taken() -> None:
    rows, _ = archive(readers="email\nana@example.org\n", posts="post_id,title\n1,One\n")
    assert [row.address for row in rows] == ["ana@example.org"]


def test_an_archive_with_several_files_that_may_be_lists_is_not_guessed_at() -> None:
    with pytest.raises(BadInput, match="none of its files is a list of a format"):
        archive(one="email\nana@example.org\n", two="email\nbo@example.org\n")


def test_a_row_that_two_files_of_an_archive_share_is_merged_by_the_door(tmp_path: Path) -> None:
    subscribed = (EXPORTS / "mailchimp-subscribed.csv").read_text(encoding="utf-8")
    unsubscribed = (EXPORTS / "mailchimp-unsubscribed.csv").read_text(encoding="utf-8")
    rows, _ = archive(subscribed=subscribed, unsubscribed=unsubscribed.replace("cy@example.org", "ANA@example.org"))
    assert [row.address for row in rows if row.address.lower() == "ana@example.org"] == [
        "ana@example.org",
        "ANA@example.org",
    ]
