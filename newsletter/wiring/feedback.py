"""What SES tells of mail that is out: taken in by a command of its own, or while a mailing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsletter.core.feedback import Kind
from newsletter.core.ports.feedback import Feedback, FeedbackInbox
from newsletter.core.publication import Publication, TransportName
from newsletter.edges.feedback import NoFeedback, SetAside
from newsletter.wiring.project import Here, clock, store

if TYPE_CHECKING:
    from newsletter.edges.store import Store
    from newsletter.flows.feedback import Post


@contextmanager
def post(where: Here, publication: Publication) -> Iterator[Post]:
    """Open everything that taking in feedback needs."""
    inbox = _inbox(publication)
    try:
        with store(where, publication) as opened:
            yield _post(where, publication, opened, inbox)
    finally:
        inbox.close()


def feedback(where: Here, publication: Publication, opened: Store, warn: Callable[[str], None]) -> Feedback:
    """Return what listens to SES while a mailing is sent, or nothing where there is no queue to listen to."""
    if publication.transport is not TransportName.SES or publication.ses.feedback_queue is None:
        return NoFeedback()
    from newsletter.flows.listening import Listening

    return Listening(opened.events, lambda: _post(where, publication, opened, _inbox(publication)), warn)


def _inbox(publication: Publication) -> FeedbackInbox:
    from newsletter.edges.sqs import Sqs

    return Sqs(publication.ses)


def _post(where: Here, publication: Publication, opened: Store, inbox: FeedbackInbox) -> Post:
    from newsletter.flows.feedback import Post

    wanted = ((Kind.OPEN, publication.track.opens), (Kind.CLICK, publication.track.clicks))
    return Post(
        inbox=inbox,
        events=opened.events,
        shelf=SetAside(where.project.state / "feedback-set-aside.jsonl"),
        clock=clock(),
        track=frozenset(kind for kind, wish in wanted if wish),
    )
