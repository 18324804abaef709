"""However events come, in what order, how often, before or after our own settling: in the end all stands the same."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from newsletter.core.acts import Block, By, Confirm, Release
from newsletter.core.delivery import Accepted, InDoubt, Outcome, Sender, Settlement
from newsletter.core.feedback import Event, Kind
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Standing
from newsletter.edges.store import Store, open_store
from newsletter.edges.store.opening import open_database
from newsletter.edges.store.tables import deliveries, events, subscribers
from tests.edges.store.examples import AT, EVERYBODY, build, claims, person

READERS, ISSUES = 3, 6
DAY = timedelta(days=1)
BACK = AT + 10 * DAY

WHAT: list[dict[str, Any]] = [
    {"kind": Kind.SEND},
    {"kind": Kind.DELIVERY},
    {"kind": Kind.DELAY, "type": "MailboxFull"},
    {"kind": Kind.BOUNCE, "type": "Permanent", "subtype": "General", "detail": "5.1.1"},
    {"kind": Kind.BOUNCE, "type": "Permanent", "subtype": "OnAccountSuppressionList"},
    {"kind": Kind.BOUNCE, "type": "Transient", "subtype": "MailboxFull"},
    {"kind": Kind.BOUNCE, "type": "Transient", "subtype": "General"},
    {"kind": Kind.BOUNCE, "type": "Undetermined", "subtype": "Undetermined"},
    {"kind": Kind.COMPLAINT, "type": "abuse"},
    {"kind": Kind.COMPLAINT, "type": "not-spam"},
    {"kind": Kind.REJECT, "detail": "Bad content"},
    {"kind": Kind.OPEN},
    {"kind": Kind.CLICK, "detail": "https://example.com/"},
    {"kind": Kind.SUBSCRIPTION, "type": "unsubscribe"},
]
ANSWERS: list[Outcome] = [Accepted("m"), InDoubt("no answer")]


@dataclass(frozen=True)
class Told:
    """An event to come: of which reader and issue, what and on which day."""

    reader: int
    issue: int
    what: int
    day: int

    def event(self, names: Sequence[str]) -> Event:
        at = AT + self.day * DAY
        name = names[self.issue * READERS + self.reader]
        return Event(delivery=name, message_id="m", at=at, sent_at=AT, key=f"{self.what} {self.day}", **WHAT[self.what])


@dataclass(frozen=True)
class Answer:
    """The answer of SES to a sending, as the sender writes it down."""

    reader: int
    issue: int
    outcome: int


TOLD = st.builds(
    Told,
    st.integers(0, READERS - 1),
    st.integers(0, ISSUES - 1),
    # Soft bounces often: of these it takes several.
    st.sampled_from([*range(len(WHAT)), 5, 5, 6, 6, 7]),
    st.integers(0, 20),
)
# One answer for each delivery at most; those without one are lost with their sender.
ANSWERED = st.dictionaries(
    st.tuples(st.integers(0, READERS - 1), st.integers(0, ISSUES - 1)), st.integers(0, len(ANSWERS) - 1), max_size=12
).map(lambda answers: [Answer(*place, outcome) for place, outcome in answers.items()])


@cache
def _prepared() -> tuple[bytes, Sequence[str], Sequence[Sender]]:
    """Make a store in which six issues are being sent to three readers, one of whom was blocked and came back."""
    names, senders = list[str](), list[Sender]()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "base.db"
        with open_store(f"sqlite:///{file}") as store:
            store.subscribers.put([person(f"reader{number}") for number in range(READERS)], AT)
            for act, at in (
                (Block(Standing.DISABLED, "", By.EDITOR), AT),
                (Release("a mistake"), BACK),
                (Confirm(), BACK),
            ):
                store.readers.change(Whom("reader0@example.org"), act, at)
            for number in range(ISSUES):
                mailing = store.mailings.freeze(build(f"issue-{number}"), EVERYBODY, AT)
                senders.append(store.senders.join(mailing, AT, alone=True))
                names += [claim.delivery_id for claim in claims(store, senders[-1])]
        assert len(names) == READERS * ISSUES
        return file.read_bytes(), names, senders


# A run takes long, and to find the smallest failing one would take hundreds of them.
FEW = settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])

Outcomes = tuple[list[Any], list[Any], list[Any]]


def after(steps: Sequence[Told | Answer] | Sequence[Told], portions: Iterable[int] = itertools.repeat(1)) -> Outcomes:
    """Do these steps on a fresh store, so many events in one portion at a time; return where everything stands."""
    base, names, senders = _prepared()
    sizes, waiting = iter(portions), list[Event]()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "store.db").write_bytes(base)
        url = f"sqlite:///{folder}/store.db"
        with open_store(url) as store:
            size = next(sizes)
            for step in steps:
                if isinstance(step, Told):
                    waiting.append(step.event(names))
                    if len(waiting) >= size:
                        _apply(store, waiting)
                        size = next(sizes)
                else:
                    name = names[step.issue * READERS + step.reader]
                    settlement = Settlement(name, ANSWERS[step.outcome])
                    store.ledger.settle(senders[step.issue], [settlement], AT)
            _apply(store, waiting)
        return _standings(url)


def _day(told: Told | Answer) -> int:
    return told.day if isinstance(told, Told) else 0


def _apply(store: Store, waiting: list[Event]) -> None:
    store.events.apply(waiting, AT, track={Kind.OPEN, Kind.CLICK})
    waiting.clear()


def _standings(url: str) -> Outcomes:
    people = select(subscribers.c.address, subscribers.c.standing, subscribers.c.standing_reason,
                    subscribers.c.standing_since).order_by(subscribers.c.id)  # fmt: skip
    sent = select(deliveries.c.id, deliveries.c.state, deliveries.c.reason, deliveries.c.message_id)
    engine = open_database(url).engine
    with engine.connect() as connection:
        found = tuple(
            [tuple(row) for row in connection.execute(query)]
            for query in (people, sent.order_by(deliveries.c.id), select(events).order_by(*events.primary_key))
        )
    engine.dispose()
    return found  # type: ignore[return-value]


@FEW
@given(st.lists(TOLD, max_size=25), st.data())
def test_the_order_of_events_is_no_matter(told: list[Told], data: st.DataObject) -> None:
    assert after(data.draw(st.permutations(told))) == after(sorted(told, key=_day))


@FEW
@given(st.lists(TOLD, min_size=1, max_size=15), st.data())
def test_what_comes_again_changes_nothing(told: list[Told], data: st.DataObject) -> None:
    again = data.draw(st.permutations([*told, *data.draw(st.lists(st.sampled_from(told), max_size=15))]))
    assert after(again) == after(told)


@FEW
@given(st.lists(TOLD, max_size=25), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_how_many_come_at_once_is_no_matter(told: list[Told], sizes: list[int]) -> None:
    assert after(told, itertools.cycle(sizes)) == after(told)


@FEW
@given(st.lists(TOLD, max_size=15), ANSWERED, st.data())
def test_whether_an_event_or_the_answer_of_ses_comes_first_is_no_matter(
    told: list[Told], answered: list[Answer], data: st.DataObject
) -> None:
    steps: list[Told | Answer] = [*answered, *told]
    assert after(data.draw(st.permutations(steps))) == after(steps)
