"""Take in what SES tells: receive -> read -> apply, and only then delete from the queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.core.feedback import Event, Kind
from newsletter.core.ports.feedback import Applied, Events, FeedbackInbox, Received, Shelf
from newsletter.core.ports.sending import Clock
from newsletter.core.ses_events import NoEvent, read_event

WAIT = 1.0  # seconds; SQS then asks all of its servers, and not only some
MOST_A_TRANSACTION = 1_000  # events; others who write to the store wait for so long


@dataclass(frozen=True, slots=True)
class Post:
    """The ports that taking in feedback needs, and which of opens and clicks are kept."""

    inbox: FeedbackInbox
    events: Events
    shelf: Shelf
    clock: Clock
    track: Collection[Kind] = ()


@dataclass(frozen=True, slots=True)
class Haul:
    """What some messages were: events by kind, notices of SNS, what was set aside by its name in the queue.

    `ignored` counts opens and clicks that are not kept.
    """

    messages: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    notices: int = 0
    ignored: int = 0
    set_aside: tuple[str, ...] = ()
    applied: Applied = field(default_factory=Applied)

    def plus(self, other: Haul) -> Haul:
        """Return both together."""
        return Haul(
            self.messages + other.messages,
            Counter(self.kinds) + Counter(other.kinds),
            self.notices + other.notices,
            self.ignored + other.ignored,
            self.set_aside + other.set_aside,
            _plus(self.applied, other.applied),
        )


def drain(post: Post, *, wait: float) -> Haul:
    """Take in messages until none comes any more; for the first, `wait` so many seconds.

    Raises:
        EdgeError: the queue, the store or the disk failed; what was not deleted from the queue comes again.
        NotConfigured: there are no credentials for the queue.
    """
    haul = more = take_some(post, wait=wait)
    while more.messages:
        more = take_some(post, wait=min(wait, WAIT))
        haul = haul.plus(more)
    return haul


def take_some(post: Post, *, wait: float) -> Haul:
    """Take in what the queue gives at once."""
    received = post.inbox.receive(wait)
    haul = Haul()
    for begin in range(0, len(received), MOST_A_TRANSACTION):
        part = received[begin : begin + MOST_A_TRANSACTION]
        haul = haul.plus(_take(post, part))
        post.inbox.delete(part)
    return haul


def _take(post: Post, received: Sequence[Received]) -> Haul:
    """Apply what can be read, and set aside what cannot: it would be in the way for good."""
    told, poison = list[Event](), list[str]()
    for each in received:
        try:
            event = read_event(each.body)
        except NoEvent as err:
            post.shelf.set_aside(each, str(err), post.clock.now())
            poison.append(each.name)
        else:
            told += [event] if event else []
    applied = post.events.apply(told, post.clock.now(), track=post.track)
    kinds = Counter(event.kind for event in told)
    ignored = sum(kinds[kind] for kind in (Kind.OPEN, Kind.CLICK) if kind not in post.track)
    notices = len(received) - len(told) - len(poison)
    return Haul(len(received), kinds, notices, ignored, tuple(poison), applied)


def _plus(one: Applied, other: Applied) -> Applied:
    return Applied(
        one.news + other.news,
        one.repeated + other.repeated,
        one.unknown + other.unknown,
        one.settled + other.settled,
        Counter(one.suppressed) + Counter(other.suppressed),
    )
