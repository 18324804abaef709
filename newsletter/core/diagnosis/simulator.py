"""Messages to Amazon's mailbox simulator, which answers like a mailbox, one that is not there, and one that complains.

Source: SES developer guide, "Using the mailbox simulator": they count towards no quota and no bounce rate, and work in
the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from newsletter.core.feedback import Kind
from newsletter.core.publication import Publication
from newsletter.core.ways import Parcel

HOST: Final = "simulator.amazonses.com"
ANSWERS: Final = {"success": Kind.DELIVERY, "bounce": Kind.BOUNCE, "complaint": Kind.COMPLAINT}


def parcels(publication: Publication, at: datetime) -> Iterator[tuple[Kind, Parcel]]:
    """Yield a message for each mailbox, with the kind of event that answers it; `at` tells this trial from others."""
    sender = Address(publication.sender.name, addr_spec=publication.sender.address)
    trial = f"doctor-{at:%Y%m%d%H%M%S}"
    for mailbox, kind in ANSWERS.items():
        address = f"{mailbox}@{HOST}"
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = sender, address
        message["Subject"] = f"[TEST] newsletter doctor: {mailbox}"
        message.set_content("Sent to the mailbox simulator, to see whether events come back.\n")
        yield kind, Parcel(f"{trial}-{mailbox}", trial, address, message.as_bytes())
