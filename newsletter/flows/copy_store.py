"""Copy a store: everything it holds, to another database."""

from __future__ import annotations

from newsletter.core.ports.sending import Clock, Contents, Copying


def copy_store(copying: Copying, clock: Clock) -> Contents:
    """Copy the first store into the second, and return what both hold.

    Raises:
        NotFound: there is no first store.
        BadInput: the second store is not empty.
        MailingBusy: somebody is sending from the first store.
    """
    return copying.copy(clock.now())
