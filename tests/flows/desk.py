"""What a test of sending has on its desk: readers to add, a send to run, accounts to hold against each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from newsletter.core.audience.terms import Expression
from newsletter.core.delivery import Mailing, State
from newsletter.core.links import LinkMaker
from newsletter.core.orders import Wish
from newsletter.core.ports.feedback import Feedback
from newsletter.core.publication import SendMode
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.edges.feedback import NoFeedback
from newsletter.edges.store import Store
from newsletter.flows import control
from newsletter.flows.build import Edition
from newsletter.flows.office import Office
from newsletter.flows.planning import Plan, Request, plan
from newsletter.flows.progress import Progress
from newsletter.flows.send import Sent, send
from tests.fakes import FakeClock, FakeTransport

LINKS = LinkMaker("https://news.example.org", ["k" * 32])


def reader(number: int) -> str:
    return f"reader{number}@example.net"


@dataclass
class Desk:
    made: Edition
    store: Store
    clock: FakeClock = field(default_factory=FakeClock)
    feedback: Feedback = field(default_factory=NoFeedback)

    def add(self, count: int, *tags: str) -> None:
        self.put(*(Subscriber(address=reader(number), tags=frozenset(tags)) for number in range(count)))

    def put(self, *people: Subscriber) -> None:
        self.store.subscribers.put(people, self.clock.now())

    def leave(self, address: str) -> None:
        self.put(Subscriber(address=address, standing=Standing.UNSUBSCRIBED))

    def office(self, transport: FakeTransport) -> Office:
        store = self.store
        return Office(
            mailings=store.mailings,
            senders=store.senders,
            ledger=store.ledger,
            feedback=self.feedback,
            tests=store.test_sends,
            transport=transport,
            clock=self.clock,
            links=LINKS,
        )

    def plan(self, transport: FakeTransport, audience: Expression | None = None, **asked: Any) -> Plan:
        return plan(self.made, Request(audience, **asked), self.office(transport))

    def send(
        self,
        transport: FakeTransport,
        audience: Expression | None = None,
        *,
        tell: Callable[[Progress], None] = lambda _: None,
        stop_asked: Callable[[], bool] = lambda: False,
        office: Office | None = None,
        **asked: Any,
    ) -> Sent:
        """Send as asked for; `asked` are fields of the request, such as `orders`."""
        planned = self.plan(transport, audience, **asked)
        return send(planned, office or self.office(transport), tell=tell, stop_asked=stop_asked)

    def tell(self, wish: Wish, name: str = "outbox") -> None:
        """Pause, resume or cancel, as from another terminal."""
        store = self.store
        desk = control.Desk(store.mailings, store.ledger, store.events, self.clock, name)
        control.tell(desk, self.made.build.issue, wish)

    def freeze(self, audience: Expression | None = None) -> Mailing:
        """Leave a mailing as a process does that ends before its first claim."""
        return self.send(FakeTransport(), audience, stop_asked=lambda: True).mailing

    def changed(self, subject: str) -> Desk:
        build = dataclasses.replace(self.made.build, subject=subject)
        return dataclasses.replace(self, made=dataclasses.replace(self.made, build=build))

    def in_bulk(self) -> Desk:
        """Return the desk of a publication that sends in bulk."""
        ses = self.made.publication.ses.model_copy(update={"mode": SendMode.BULK})
        by = self.made.publication.model_copy(update={"ses": ses})
        return dataclasses.replace(self, made=dataclasses.replace(self.made, publication=by))

    def addresses(self, mailing: Mailing, state: State) -> list[str]:
        return [each.address for each in self.store.ledger.named(mailing, state)]

    def where(self, mailing: Mailing) -> dict[str, State]:
        """Return the state of everybody in the mailing."""
        return {each.address: state for state in State for each in self.store.ledger.named(mailing, state)}


def polled(times: int) -> Callable[[], bool]:
    """Return a Ctrl-C that is pressed after so many questions whether it was."""
    left = iter(range(times))
    return lambda: next(left, None) is None
