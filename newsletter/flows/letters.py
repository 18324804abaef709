"""The mails that the public doors send by themselves: one that asks to confirm, one that welcomes, the latest issue.

They are rendered as issues are, in the publication's layout. They are no mailings: no ledger holds them, and each is
handed to the transport once. What they are called names their reader, so that a bounce or complaint finds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.core.build import Build
from newsletter.core.delivery import Outcome, Refused, letter_id
from newsletter.core.door_words import door_words
from newsletter.core.library import Library
from newsletter.core.links import LinkMaker
from newsletter.core.message import Composer, Recipient, UnmailableAddress
from newsletter.core.ports.sending import Clock
from newsletter.core.publication import Publication, parse_publication
from newsletter.core.source import Document, read
from newsletter.core.subscriber import Subscriber
from newsletter.core.ways import AssetPlace, Parcel, Transport
from newsletter.errors import InvalidSource, NotFound
from newsletter.flows.assets import in_place
from newsletter.flows.build import Edition, edition

CONFIRM, WELCOME = "confirm", "welcome"


@dataclass(frozen=True, slots=True)
class Letters:
    """The mails of a publication's doors, rendered."""

    confirmation: Edition
    welcome: Edition | None

    @property
    def publication(self) -> Publication:
        """Return the publication that they are of."""
        return self.confirmation.publication


@dataclass(frozen=True, slots=True)
class Post:
    """What takes a letter to its reader."""

    transport: Transport
    clock: Clock
    links: LinkMaker
    publication: Publication

    def send(self, build: Build, reader: Subscriber, *, kind: str, mailing_uid: str = "") -> Outcome:
        """Hand one mail to the transport, once; its links name the mailing it is from, or what kind of mail it is."""
        now = self.clock.now()
        delivery_id = letter_id(kind, reader.uid, now)
        recipient = Recipient(reader, delivery_id, self.links.of(reader.uid, mailing_uid or kind))
        try:
            message = Composer(build, self.publication).compose(recipient, now)
        except UnmailableAddress as err:
            return Refused(str(err))
        return self.transport.send(Parcel(delivery_id, kind, reader.address, message))


def letters(library: Library, environment: Mapping[str, str], pictures: AssetPlace | None) -> Letters:
    """Render the mails that the doors send.

    Raises:
        InvalidSource: publication, layout or the welcome have problems, or there is no such welcome.
        BadInput: its pictures are not where readers load them from.
    """
    about = read(library.publication(), "publication.yaml")
    publication = parse_publication(about, environment)
    welcome, given = publication.welcome, ("publication.yaml: words", _confirmation(publication))
    made = Letters(
        confirmation=edition(library, CONFIRM, environment, given),
        welcome=edition(library, _named(library, about, welcome), environment) if welcome else None,
    )
    for each in (made.confirmation, made.welcome):
        if each:
            in_place(each, pictures)
    return made


def _named(library: Library, about: Document, welcome: str) -> str:
    try:
        return library.issue_name(welcome)
    except NotFound as err:
        said = f"there is no issues/{welcome}.yaml"
        raise InvalidSource([about.problem(("welcome",), said, err.hint)]) from err


def _confirmation(publication: Publication) -> bytes:
    """Return the file of the mail that asks to confirm; JSON is YAML too."""
    say = door_words(publication.words, publication.name)
    return json.dumps(
        {
            "subject": say["mail_subject"],
            "preheader": say["mail_preheader"],
            "why": say["mail_why"],
            "links": [],
            "blocks": [
                {"kind": "letter", "text": say["mail_text"]},
                {"kind": "button", "label": say["mail_button"], "url": "{{ links.confirm }}"},
            ],
        }
    ).encode()
