"""What the doctor looks at on this machine, asks outside, and tries through the mailbox simulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.publication import Publication
from newsletter.errors import NewsletterError, NotConfigured
from newsletter.wiring.feedback import post
from newsletter.wiring.keys import SHORTEST_SECRET, given_keys
from newsletter.wiring.project import Here, clock, placed

if TYPE_CHECKING:
    from newsletter.core.diagnosis.facts import RoundTrip, Unseen
    from newsletter.flows.doctor import Ground, Outside

DNS = "NEWSLETTER_DNS"  # another DNS server than the machine's, as host or host:port


def ground(where: Here, *, online: bool) -> Ground:
    """Return what the doctor looks at on this machine; a database server may be on another."""
    from newsletter.core.diagnosis.facts import OFFLINE
    from newsletter.edges.store.looking import Looking
    from newsletter.flows.doctor import Ground

    keys = tuple(map(len, given_keys(where.environment)))
    try:
        url = where.publication().store
        store = Looking(placed(where, url)) if online or url.startswith("sqlite:") else OFFLINE
    except NewsletterError as err:
        return Ground(where.project, where.environment, _unseen(err), keys, SHORTEST_SECRET)
    return Ground(where.project, where.environment, store, keys, SHORTEST_SECRET)


@contextmanager
def outside(where: Here, publication: Publication) -> Iterator[Outside]:
    """Open everything that the doctor asks outside; what cannot be opened says why."""
    from newsletter.edges.dns import Dns
    from newsletter.edges.event_path import AwsEventPath
    from newsletter.edges.ses_identity import SesDesk
    from newsletter.edges.web import Visitor
    from newsletter.flows.doctor import Outside

    with ExitStack() as opened:
        desk: SesDesk | Unseen
        path: AwsEventPath | Unseen
        try:
            desk = SesDesk(publication.ses)
            opened.callback(desk.close)
            path = AwsEventPath(publication.ses)
        except NotConfigured as err:
            desk = path = _unseen(err)
        names = Dns(where.environment.get(DNS, ""))
        keys = given_keys(where.environment)
        nobody = Bearer("doctor", "doctor")
        signed = LinkMaker(publication.public, keys).make("unsubscribe", nobody) if keys else ""
        yield Outside(desk, path, names, Visitor(), clock(), signed=signed)


def trip(where: Here, publication: Publication) -> RoundTrip | Unseen:
    """Make the round trip through the mailbox simulator."""
    from newsletter.edges.ses import Ses
    from newsletter.flows.round_trip import round_trip

    try:
        with closing(Ses(publication.ses)) as way, post(where, publication) as opened:
            return round_trip(publication, way, opened)
    except NewsletterError as err:
        return _unseen(err)


def _unseen(err: NewsletterError) -> Unseen:
    from newsletter.core.diagnosis.facts import Cause, Unseen

    return Unseen(Cause.FAILED, err.message, err.hint)
