"""What other processes do to a store in these tests; each function is the whole of a process."""

from __future__ import annotations

from datetime import timedelta
from multiprocessing.connection import Connection
from time import sleep

from newsletter.core.delivery import Mailing
from newsletter.core.subscriber import Subscriber
from newsletter.edges.store import open_store
from tests.edges.store.examples import AT, claims, settle
from tests.stores import on_the_list


def wait_for_start(answers: Connection) -> None:
    """Say that everything is imported, so that all processes begin at the same moment."""
    answers.send("ready")
    answers.recv()


def open_and_count(url: str, answers: Connection) -> None:
    """Open a store when told to, say how many are on its list."""
    wait_for_start(answers)
    with open_store(url) as store:
        answers.send(on_the_list(store))


def claim_all(url: str, mailing: Mailing, answers: Connection) -> None:
    """Claim and settle until nothing is pending; answer with all that was claimed."""
    ours: list[str] = []
    with open_store(url) as store:
        sender = store.senders.join(mailing, AT, alone=False)
        wait_for_start(answers)
        while claimed := claims(store, sender, 7):
            ours += [claim.delivery_id for claim in claimed]
            settle(store, sender, claimed)
    answers.send(ours)


def take_places(url: str, mailing: Mailing, rate: float, answers: Connection) -> None:
    """Claim at a rate until nothing is pending; answer with the places taken, in seconds since the first moment."""
    places: list[float] = []
    with open_store(url) as store:
        sender = store.senders.join(mailing, AT, alone=False)
        wait_for_start(answers)
        while (batch := store.ledger.claim(sender, 3, AT, rate=rate)).claims:
            start = (batch.start - AT) / timedelta(seconds=1)
            places += [start + number / rate for number in range(len(batch.claims))]
    answers.send(places)


def put_people(url: str, people: list[Subscriber], answers: Connection) -> None:
    """Put people on the list when told to; answer with the counts."""
    wait_for_start(answers)
    with open_store(url) as store:
        answers.send(store.subscribers.put(people, AT))


def hold(url: str, mailing: Mailing, answers: Connection) -> None:
    """Join a mailing, claim one delivery of it, say so, and never come back."""
    with open_store(url) as store:
        claims(store, store.senders.join(mailing, AT, alone=True), 1)
        answers.send("held")
        sleep(60)
