"""What other processes do to a store in these tests; each function is the whole of a process."""

from __future__ import annotations

from multiprocessing.connection import Connection
from time import sleep

from newsletter.core.delivery import Accepted, Mailing, Settlement
from newsletter.core.subscriber import Subscriber
from newsletter.edges.store import open_store
from tests.edges.store.examples import AT


def wait_for_start(answers: Connection) -> None:
    """Say that everything is imported, so that all processes begin at the same moment."""
    answers.send("ready")
    answers.recv()


def open_and_count(url: str, answers: Connection) -> None:
    """Open a store when told to, say how many are on its list."""
    wait_for_start(answers)
    with open_store(url) as store:
        answers.send(store.subscribers.count())


def claim_all(url: str, mailing: Mailing, answers: Connection) -> None:
    """Claim and settle until nothing is pending; answer with all that was claimed."""
    wait_for_start(answers)
    ours: list[str] = []
    with open_store(url) as store:
        while claims := store.ledger.claim(mailing, 7, AT):
            ours += [claim.delivery_id for claim in claims]
            store.ledger.settle([Settlement(claim.delivery_id, Accepted("1")) for claim in claims], AT)
    answers.send(ours)


def put_people(url: str, people: list[Subscriber], answers: Connection) -> None:
    """Put people on the list when told to; answer with the counts."""
    wait_for_start(answers)
    with open_store(url) as store:
        answers.send(store.subscribers.put(people, AT))


def hold(url: str, mailing: Mailing, answers: Connection) -> None:
    """Hold a mailing, claim one delivery of it, say so, and never come back."""
    with open_store(url) as store, store.ledger.sole_sender(mailing):
        store.ledger.claim(mailing, 1, AT)
        answers.send("held")
        sleep(60)
