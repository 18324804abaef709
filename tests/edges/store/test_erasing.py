from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select

from newsletter.core.acts import Amend, Block, By, Confirm, SignUp
from newsletter.core.delivery import InDoubt, Refused, State
from newsletter.core.ports.readers import Change, Whom
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.edges.store import Store, open_store
from newsletter.edges.store.tables import metadata
from newsletter.errors import BadInput
from tests.edges.store.examples import AT, EVERYBODY, LATER, claims, crowd, frozen, joined, person, settle
from tests.stores import on_the_list

ADA = Subscriber(
    address="Ada.Lovelace@Example.org",
    first_name="Augusta",
    last_name="Byron",
    tags=frozenset({"countess"}),
    fields={"title": "analyst"},
    consent=Consent("salon", AT, "192.0.2.7", AT, "192.0.2.8"),
)
HER = Whom(ADA.address)
TRACES = ("ada.lovelace", "augusta", "byron", "countess", "analyst", "salon", "192.0.2.")


def everything(url: str) -> str:
    """Return all that the tables hold as one text."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = " ".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table))
        )
    engine.dispose()
    return found.lower()


def mailed(store: Store) -> None:
    """Mail her and Bob; both are refused, in words that repeat her address."""
    sender = joined(store, ADA, person("bob"))
    mine, other = claims(store, sender)
    settle(store, sender, [mine], Refused("550 <ADA.lovelace@example.org>: no"), LATER)
    settle(store, sender, [other], InDoubt("?"), LATER)


def test_nothing_about_an_erased_person_is_left_in_any_table(store: Store, url: str) -> None:
    mailed(store)
    store.readers.change(HER, Amend(by=By.EDITOR, last_name="King"), LATER)
    assert all(trace in everything(url) for trace in ("ada.lovelace", "countess", "192.0.2.7"))
    assert store.readers.erase(Whom("ADA.lovelace@example.org"), LATER)
    left = everything(url)
    assert [trace for trace in (*TRACES, "king") if trace in left] == []
    assert store.readers.find(HER) is None
    assert on_the_list(store) == 1


def test_the_account_of_a_mailing_stays_as_it_was(store: Store) -> None:
    mailed(store)
    (mailing,) = store.mailings.of()
    before = store.ledger.account(mailing)
    store.readers.erase(HER, LATER)
    assert store.ledger.account(mailing) == before
    (named,) = store.ledger.named(mailing, State.REFUSED)
    assert (named.address, named.reason) == ("(erased)", "550 <(erased)>: no")


def test_whoever_is_erased_while_a_mailing_waits_does_not_get_it(store: Store) -> None:
    mailing = frozen(store, ADA, person("bob"))
    store.readers.erase(HER, AT)
    sender = store.senders.join(mailing, AT, alone=True)
    assert [claim.subscriber.address for claim in claims(store, sender)] == ["bob@example.org"]
    assert store.ledger.account(mailing)[State.SUPPRESSED] == 1


def test_several_can_be_erased_and_their_old_links_lead_to_nobody(store: Store) -> None:
    store.subscribers.put([ADA, person("bob")], AT)
    uids = [found.uid for found in store.subscribers.stream(EVERYBODY)]
    for address in (ADA.address, "bob@example.org"):
        assert store.readers.erase(Whom(address), LATER)
    assert [store.readers.find(Whom(uid=uid)) for uid in uids] == [None, None]


def test_who_is_not_there_or_was_erased_cannot_be_erased(store: Store) -> None:
    store.subscribers.put([ADA], AT)
    assert not store.readers.erase(Whom("bob@example.org"), AT)
    assert store.readers.erase(HER, AT)
    assert not store.readers.erase(HER, AT)
    assert not store.readers.erase(Whom("(erased)"), AT)


def test_no_import_brings_an_erased_person_back(store: Store) -> None:
    store.subscribers.put([ADA], AT)
    store.readers.erase(HER, AT)
    shouting = replace(ADA, address=" ADA.LOVELACE@EXAMPLE.ORG")
    counts = store.subscribers.put([shouting, person("bob"), ADA], LATER)
    assert (counts[Change.KEPT_OUT], counts[Change.NEW]) == (1, 1)
    assert [found.address for found in store.subscribers.stream(EVERYBODY)] == ["bob@example.org"]


def test_neither_a_block_nor_a_changed_address_brings_an_erased_person_back(store: Store) -> None:
    store.subscribers.put([ADA, person("bob")], AT)
    store.readers.erase(HER, AT)
    assert store.readers.change(HER, Block(Standing.BOUNCED, "why", By.SES), LATER) is None
    with pytest.raises(BadInput, match="was erased"):
        store.readers.change(Whom("bob@example.org"), Amend(by=By.EDITOR, address=ADA.address), LATER)


def test_no_import_brings_an_erased_person_back_under_an_address_that_they_had_before(store: Store) -> None:
    store.subscribers.put([ADA], AT)
    for by, address in ((By.EDITOR, "ada+1@example.org"), (By.READER, "king@example.org")):
        [found] = store.subscribers.stream(EVERYBODY)
        store.readers.change(Whom(found.address), Amend(by=by, address=address, last_name="King"), LATER)
    store.readers.erase(Whom("king@example.org"), LATER)
    former = [replace(ADA, address=address) for address in (ADA.address.upper(), "ada+1@example.org")]
    assert store.subscribers.put(former, LATER)[Change.KEPT_OUT] == 2
    assert on_the_list(store) == 0


def test_a_former_address_that_is_somebody_elses_now_stays_theirs(store: Store) -> None:
    store.subscribers.put([ADA], AT)
    store.readers.change(HER, Amend(by=By.EDITOR, address="king@example.org"), LATER)
    store.subscribers.put([replace(ADA, first_name="Another")], LATER)
    store.readers.erase(Whom("king@example.org"), LATER)
    assert store.subscribers.put([replace(ADA, last_name="Ada")], LATER)[Change.CHANGED] == 1


def test_a_former_address_is_taken_out_of_what_mail_servers_said(store: Store, url: str) -> None:
    mailed(store)
    store.readers.change(HER, Amend(by=By.EDITOR, address="king@example.org"), LATER)
    store.readers.erase(Whom("king@example.org"), LATER)
    assert [trace for trace in TRACES if trace in everything(url)] == []


def test_an_erased_person_comes_back_by_signing_up_and_can_be_erased_again(store: Store) -> None:
    store.subscribers.put([ADA], AT)
    store.readers.erase(HER, AT)
    store.readers.change(HER, SignUp(consent=Consent("form", LATER)), LATER)
    store.readers.change(HER, Confirm(), LATER)
    found = store.readers.find(HER)
    assert found is not None
    assert (found.standing, found.first_name, found.consent.source) == (Standing.ACTIVE, "", "form")
    assert store.subscribers.put([ADA], LATER)[Change.KEPT_OUT] == 0
    assert store.readers.erase(HER, LATER + timedelta(days=1))
    assert store.subscribers.put([ADA], LATER)[Change.KEPT_OUT] == 1


def test_the_hash_tells_nothing_without_the_salt_of_its_store(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "two"):
        url = f"sqlite:///{tmp_path}/{name}.db"
        with open_store(url) as store:
            store.subscribers.put([ADA], AT)
            store.readers.erase(HER, AT)
        engine = create_engine(url)
        with engine.connect() as connection:
            hashes.add(connection.scalar(select(func.max(metadata.tables["erasures"].c.hash))))
        engine.dispose()
    assert len(hashes) == 2


def test_a_sqlite_file_keeps_no_trace_of_an_erased_person(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    with open_store(url) as store:
        mailed(store)
        store.subscribers.put(crowd(300), AT)
    with open_store(url) as store:  # what was in the log is in the file now
        store.readers.change(HER, Amend(by=By.EDITOR, fields={"motto": "that brain of mine" * 30}), LATER)
        assert b"augusta" in legible(tmp_path)
        store.readers.erase(HER, LATER)
        assert [trace for trace in TRACES if trace.encode() in legible(tmp_path)] == []


def legible(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir())).lower()
