"""What people and mail servers write, however odd, goes through both databases alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.core.audience.spelling import quoted
from newsletter.core.delivery import NewMailing, Refused, State
from newsletter.core.ports.readers import Change
from newsletter.edges.store import Store
from tests.edges.store.examples import AT, LATER, claims, joined, of_tags, person, remove, settle

KEPT = [
    "🎉 fête",
    "Zoë",
    "\u202eright to left",
    'it\'s "quoted" \\ %s :name',
    "line\nbreak\ttab",
    "漢字",
    "\U0010ffff",
    "",
]
BROKEN = {"nul\x00byte": "nul\ufffdbyte", "half \ud83d of an emoji": "half \ufffd of an emoji"}


@pytest.mark.parametrize(("text", "stored"), [*((text, text) for text in KEPT), *BROKEN.items()])
def test_any_text_can_be_stored_and_what_no_database_takes_is_replaced(store: Store, text: str, stored: str) -> None:
    odd = replace(person("ann", text), first_name=text, last_name=text, fields={f"k{text}": f"v{text}"})
    assert store.subscribers.put([odd], AT)[Change.NEW] == 1
    found = store.subscribers.get("ann@example.org")
    assert found is not None
    assert (found.first_name, found.last_name, *found.tags) == (stored, stored, stored)
    assert found.fields == {f"k{stored}": f"v{stored}"}
    assert store.subscribers.put([odd], LATER)[Change.UNCHANGED] == 1
    assert [reader.uid for reader in store.subscribers.stream(of_tags(text))] == [found.uid]


@pytest.mark.parametrize("text", BROKEN)
def test_an_address_with_unstorable_characters_is_found_again(store: Store, text: str) -> None:
    store.subscribers.put([person(text)], AT)
    assert store.subscribers.get(f"{text}@example.org") is not None
    remove(store, text)


@pytest.mark.parametrize(("text", "stored"), BROKEN.items())
def test_the_account_does_not_fail_on_what_a_mail_server_says(store: Store, text: str, stored: str) -> None:
    sender = joined(store, person("ann"))
    settle(store, sender, claims(store, sender), Refused(text))
    assert [named.reason for named in store.ledger.named(sender.mailing, State.REFUSED)] == [stored]


@pytest.mark.parametrize(("text", "stored"), BROKEN.items())
def test_a_mailing_is_found_by_the_issue_it_was_begun_with(store: Store, text: str, stored: str) -> None:
    begun = store.mailings.freeze(NewMailing(text, text, text, "outbox"), of_tags(text), AT)
    assert (begun.issue, begun.subject, begun.audience) == (stored, stored, f"tag:{quoted(stored)}")
    assert store.mailings.unfinished(text, "outbox") == begun
    assert list(store.mailings.of(text)) == [begun]
