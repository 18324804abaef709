"""Open the store of the publication that a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from newsletter.edges.store import Store


@contextmanager
def opened(context: typer.Context) -> Iterator[Store]:
    """Open the store; it is closed with the block."""
    from newsletter import wiring

    here = wiring.here(context.obj)
    with wiring.store(here, here.publication()) as store:
        yield store
