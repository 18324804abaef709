from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused, State
from newsletter.core.orders import AT_ONCE, Orders, Wish
from newsletter.core.subscriber import Consent, Standing
from newsletter.edges.store import Store, open_store
from newsletter.edges.store.copying import StoreCopying
from newsletter.edges.store.opening import open_database
from newsletter.edges.store.tables import erasures, events, facts, history, metadata
from newsletter.errors import BadInput, MailingBusy, NotConfigured, NotFound, StoreError
from tests.edges.store.examples import AT, EVERYBODY, LATER, build, claims, crowd, finished, frozen, person, settle

WAYS = ["sqlite to postgresql", "postgresql to sqlite", "sqlite to sqlite"]
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(params=WAYS)
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The URLs of two databases that nobody has opened yet."""

    def new(dialect: str, name: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{tmp_path}/{name}.db"
        make: Callable[[], str] = request.getfixturevalue("new_postgresql")
        return make()

    source, target = str(request.param).split(" to ")
    return new(source, "source"), new(target, "target")


BOUNCE = {
    "mailing_id": 1, "kind": "bounce", "delivery_id": 1, "key": "0100-ü", "subscriber_id": 1, "at": AT,
    "type": "Transient", "subtype": "MailboxFull", "detail": "4.2.2", "machine": False,
}  # fmt: skip


def fill(store: Store, readers: int = 40) -> None:
    """Put something into every table: every state, every standing, odd text and empty columns."""
    odd = replace(
        person("Zoë 🎉", "漢字", "a;b"),
        first_name="\u202eא",
        last_name="'\\ %s :x",
        fields={"city": "Zürich", "": "line\nbreak"},
        consent=Consent("paper", AT),
    )
    everybody = [odd, *(person(standing.value, standing=standing) for standing in Standing), *crowd(readers)]
    sender = store.senders.join(frozen(store, *everybody), AT, alone=True)
    outcomes: list[Outcome] = [Accepted("0100-ü"), Refused("nein, ß"), InDoubt("?"), Deferred("boom", counts=True)]
    for outcome in outcomes:
        settle(store, sender, store.ledger.claim(sender, 3, AT, rate=100.0).claims, outcome, LATER)
    claims(store, sender, 5)
    store.mailings.order(sender.mailing, Wish.PAUSE, Orders(rate=3.5, wait=True), AT)
    cancelled = frozen(store, issue="june")
    store.mailings.order(cancelled, Wish.CANCEL, AT_ONCE, AT)
    store.mailings.finish(cancelled, LATER)
    store.test_sends.remember("may", "abc", 2, AT)


def everything(url: str) -> Rows:
    engine = open_database(url).engine
    with engine.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


@pytest.fixture
def filled(urls: tuple[str, str]) -> tuple[str, str]:
    with open_store(urls[0]) as store:
        fill(store)
    engine = open_database(urls[0]).engine
    with engine.begin() as connection:
        connection.execute(insert(history).values(subscriber_id=1, at=AT, what="unsubscribed", detail="ß"))
        connection.execute(insert(erasures).values(hash="4f", at=AT))
        connection.execute(insert(facts).values(name="salt", value="00"))
        connection.execute(insert(events).values(BOUNCE))
    engine.dispose()
    return urls


def test_everything_arrives_and_the_first_store_stays_as_it_is(filled: tuple[str, str]) -> None:
    before = everything(filled[0])
    assert all(before.values()), "every table has something to copy"
    contents = StoreCopying(*filled).copy(LATER)
    assert everything(filled[1]) == before == everything(filled[0])
    assert contents.rows == {name: len(rows) for name, rows in before.items()}


def test_the_copy_goes_on_where_the_first_store_stood(filled: tuple[str, str]) -> None:
    StoreCopying(*filled).copy(LATER)
    with open_store(filled[1]) as store:
        (may,) = store.mailings.of("may")
        sender = store.senders.join(may, LATER, alone=True)
        assert store.senders.renew(sender, LATER).orphans == 5
        finished(store, may, LATER)
        store.subscribers.put([person("new")], LATER)
        july = store.mailings.freeze(build("july"), EVERYBODY, LATER)
        assert store.ledger.account(july)[State.PENDING] == 43
        store.test_sends.remember("july", "abc", 1, LATER)


def test_a_store_that_was_copied_back_and_forth_is_the_same(filled: tuple[str, str], tmp_path: Path) -> None:
    third = f"sqlite:///{tmp_path}/third.db"
    there = StoreCopying(*filled).copy(LATER)
    assert StoreCopying(filled[1], third).copy(LATER) == there
    assert everything(third) == everything(filled[0])


@pytest.mark.slow
def test_a_list_longer_than_a_page_arrives_whole_and_in_order(urls: tuple[str, str]) -> None:
    with open_store(urls[0]) as store:
        fill(store, 4_500)
    before = everything(urls[0])
    StoreCopying(*urls).copy(LATER)
    assert everything(urls[1]) == before


def test_a_store_without_anything_can_be_copied(urls: tuple[str, str]) -> None:
    open_store(urls[0]).close()
    contents = StoreCopying(*urls).copy(AT)
    assert set(contents.rows.values()) == {0}
    with open_store(urls[1]) as store:
        assert store.mailings.freeze(build(), EVERYBODY, AT).id == 1


def test_a_store_that_is_not_empty_is_not_copied_to(filled: tuple[str, str]) -> None:
    with open_store(filled[1]) as store:
        store.test_sends.remember("may", "abc", 1, AT)
    before = everything(filled[1])
    with pytest.raises(BadInput, match="not empty") as caught:
        StoreCopying(*filled).copy(LATER)
    assert caught.value.hint
    assert everything(filled[1]) == before


def test_a_store_that_somebody_sends_from_is_not_copied(filled: tuple[str, str]) -> None:
    with pytest.raises(MailingBusy) as caught:
        StoreCopying(*filled).copy(AT)
    assert "20 s" in caught.value.hint


def test_a_copy_that_fails_half_way_leaves_the_second_store_empty(filled: tuple[str, str]) -> None:
    open_store(filled[1]).close()
    engine = create_engine(filled[1])
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE deliveries RENAME COLUMN reason TO because"))
    with pytest.raises(StoreError):
        StoreCopying(*filled).copy(LATER)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE deliveries RENAME COLUMN because TO reason"))
    engine.dispose()
    assert not any(everything(filled[1]).values())


def test_a_copy_that_is_not_the_same_is_not_kept(tmp_path: Path) -> None:
    source, target = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    for url in (source, target):
        open_store(url).close()
    with open_store(source) as store:
        fill(store)
    engine = create_engine(target)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER tamper AFTER INSERT ON deliveries WHEN new.state = 'refused' BEGIN"
                " UPDATE deliveries SET state = 'accepted' WHERE id = new.id; END"
            )
        )
    engine.dispose()
    with pytest.raises(StoreError, match="differs"):
        StoreCopying(source, target).copy(LATER)
    assert not any(everything(target).values())


def test_there_must_be_a_first_store_and_no_file_is_made_for_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"none\.db") as caught:
        StoreCopying(f"sqlite:///{tmp_path}/none.db", f"sqlite:///{tmp_path}/new.db").copy(AT)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", [0, 1])
def test_a_password_in_a_url_is_not_shown(tmp_path: Path, place: int) -> None:
    open_store(f"sqlite:///{tmp_path}/a.db").close()
    for odd, error in (("postgresql+psycopg", StoreError), ("mysql", NotConfigured)):
        urls = [f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"]
        urls[place] = f"{odd}://me:s3cret@127.0.0.1:1/x"
        with pytest.raises(error) as caught:
            StoreCopying(*urls).copy(AT)
        assert "s3cret" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert "s3cret" not in repr(StoreCopying(*urls))
