"""The way out that the publication names, and everything that sending needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from newsletter.core.publication import Publication, TransportName
from newsletter.core.ways import Transport
from newsletter.wiring.amazon import picture_place
from newsletter.wiring.feedback import feedback
from newsletter.wiring.keys import links
from newsletter.wiring.project import Here, clock, kept, store

if TYPE_CHECKING:
    from newsletter.flows.office import Office


@contextmanager
def transport(where: Here, publication: Publication) -> Iterator[Transport]:
    """Open the way out that the publication names."""
    if publication.transport is TransportName.SES:
        from newsletter.edges.ses import Ses

        with closing(Ses(publication.ses)) as way:
            yield way
    else:
        from newsletter.edges.outbox import Outbox

        yield Outbox(where.project.state / "outbox")


def way_out(where: Here, publication: Publication, mailing_uid: str) -> str:
    """Return where the messages of a mailing went, for the editor to look."""
    if publication.transport is TransportName.SES:
        return "Amazon SES"
    return str(where.project.state / "outbox" / mailing_uid)


@contextmanager
def office(where: Here, publication: Publication, warn: Callable[[str], None]) -> Iterator[Office]:
    """Open everything that sending needs; `warn` is told what goes wrong beside it."""
    from newsletter.flows.office import Office

    signer = links(where, publication)
    with (
        transport(where, publication) as way,
        store(where, publication) as opened,
        picture_place(publication) as pictures,
    ):
        yield Office(
            mailings=opened.mailings,
            senders=opened.senders,
            ledger=opened.ledger,
            feedback=feedback(where, publication, opened, warn),
            tests=opened.test_sends,
            transport=way,
            clock=clock(),
            links=signer,
            pictures=pictures,
            kept=kept(where),
        )
