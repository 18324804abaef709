"""Everything that the public doors need."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from newsletter.core.publication import Publication
from newsletter.wiring.amazon import picture_place
from newsletter.wiring.keys import links
from newsletter.wiring.project import Here, clock, kept, store
from newsletter.wiring.sending import transport

if TYPE_CHECKING:
    from newsletter.flows.readers import Reception


@contextmanager
def reception(
    where: Here, publication: Publication, tell: Callable[[str], None], report: Callable[[Exception], object]
) -> Iterator[Reception]:
    """Open everything that the public doors need; `tell` is told in one line what went wrong, `report` of defects."""
    from newsletter.flows.errands import Errands
    from newsletter.flows.letters import Post, letters
    from newsletter.flows.readers import Reception

    signer = links(where, publication)
    with picture_place(publication) as pictures:
        made = letters(where.project, where.environment, pictures)
    with (
        transport(where, publication) as way,
        store(where, publication) as opened,
        closing(Errands(tell, report)) as errands,
    ):
        yield Reception(
            readers=opened.readers,
            mailings=opened.mailings,
            kept=kept(where),
            post=Post(way, clock(), signer, publication),
            letters=made,
            new_uid=lambda: secrets.token_urlsafe(16),
            tell=tell,
            later=errands,
        )
