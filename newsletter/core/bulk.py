"""A build as one inline template of SES (SendBulkEmail) and the entries that fill it: up to 50 recipients a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from newsletter.core.assets import located, referenced
from newsletter.core.build import Build, Variant
from newsletter.core.delivery import DELIVERY_HEADER
from newsletter.core.facts import reading
from newsletter.core.links import inert_link
from newsletter.core.merge import Context, Field, Source
from newsletter.core.message import Recipient, list_id, mailbox, one_line
from newsletter.core.placeholders import Variables, placeholder
from newsletter.core.publication import Publication
from newsletter.core.slots import Template, escaped, escaping
from newsletter.core.subscriber import Addressed

# What SES takes: of a header, name and value together (API reference, MessageHeader); of an address, with its name
# ("Address length is more than 320 characters long" is the error).
_LONGEST_HEADER = 996
_LONGEST_MAILBOX = 320
_SUBJECT = "subject"
_ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")

Headers = tuple[tuple[str, str], ...]
_Names = tuple[tuple[str, Callable[[str], str]], ...]  # variables, and what escapes the value for each


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is the same for all recipients of a call; the three texts are templates of SES with simple names only.

    `defaults` has a value for every name, since SES takes a message with a missing one and never sends it.
    """

    sender: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    defaults: Mapping[str, str]


class Entry(NamedTuple):
    """One recipient of a call: the mailbox for the To header, and what fills the sheet for them."""

    delivery_id: str
    to: str
    values: Mapping[str, str]
    headers: Headers


class BulkComposer:
    """Makes the sheets and entries of one build: what `core.message` composes, but for what SES writes itself.

    SES escapes nothing: values are escaped here, each for where it stands. All headers are in the entry, in the order
    of `core.message`; SES may put those of the template anywhere.
    """

    def __init__(self, build: Build, publication: Publication) -> None:
        """Make the sheet of each variant.

        Raises:
            ValueError: the build has pictures, and the publication no address for them.
        """
        self._readers = reading(build.asked)
        self._subject = build.subject_template()
        self._forms = [_form(build, variant, self._subject, publication) for variant in build.variants]
        self._keys = {readers: key for key, variant in enumerate(build.variants) for readers in variant.readers}
        self._list_id = _header("List-Id", _short_list_id(publication))

    def key(self, subscriber: Addressed) -> int:
        """Return which sheet a subscriber gets; those with the same can be in one call."""
        return self._keys[self._readers(subscriber)]

    def sheet(self, key: int) -> Sheet:
        """Return the sheet for subscribers with this key."""
        return self._forms[key].sheet

    def entry(self, recipient: Recipient) -> Entry:
        """Return what fills the sheet for one recipient.

        Raises:
            UnmailableAddress: the address cannot stand in a header.
        """
        subscriber, delivery_id, links = recipient
        form = self._forms[self.key(subscriber)]
        unsubscribe = links("unsubscribe")
        values = {name: escape(unsubscribe) for name, escape in form.unsubscribe}
        for source, variables in form.slots:
            value = source(subscriber, links)
            for name, escape in variables:
                values[name] = escape(value)
        if self._subject.slots:
            values[_SUBJECT] = one_line(self._subject.fill(lambda field: field.value(subscriber, links)))
        to = _mailbox(subscriber.display_name, subscriber.address)
        headers = (
            _header("List-Unsubscribe", f"<{unsubscribe}>"),
            _ONE_CLICK,
            _header(DELIVERY_HEADER, delivery_id),
            self._list_id,
        )
        return Entry(delivery_id, to, values, headers)


@dataclass(frozen=True, slots=True)
class _Form:
    """A sheet and the variables that wait for a recipient; the unsubscribe link is in a header too, and made once."""

    sheet: Sheet
    unsubscribe: _Names
    slots: tuple[tuple[Source, _Names], ...]


def _form(build: Build, variant: Variant, subject: Template, publication: Publication) -> _Form:
    public, sender = publication.public, publication.sender
    variables = Variables(plain_links=escaped(public, Context.HTML) == public)
    text = variables.template(build.text_template(variant))
    if publication.pictures_at is None and referenced(variant.html):
        raise ValueError("the pictures have no address, and SES takes no attachments in bulk")
    placed = replace(variant, html=located(variant.html, publication.pictures_at or ""))
    html = variables.template(build.html_template(placed))
    # A subject with slots is one variable: only as a whole can it be made one line.
    fixed = Template((one_line(subject.segments[0]),), ())
    sheet = Sheet(
        sender=_mailbox(sender.name, sender.address),
        reply_to=publication.reply_to,
        subject=placeholder(_SUBJECT) if subject.slots else variables.template(fixed),
        text=text,
        html=html,
        defaults=_defaults(variables, subject, public),
    )
    slots = {
        field: tuple((name, escaping(context)) for name, context in names.items())
        for field, names in variables.slots.items()
    }
    unsubscribe = tuple(each for field, names in slots.items() if _unsubscribes(field) for each in names)
    rest = tuple((field.source(), names) for field, names in slots.items() if not _unsubscribes(field))
    return _Form(sheet, unsubscribe, rest)


def _defaults(variables: Variables, subject: Template, public: str) -> Mapping[str, str]:
    def stand_in(field: Field) -> str:
        return inert_link(public, field.name) if field.of == "links" else field.default

    defaults = dict(variables.braces)
    if subject.slots:
        defaults[_SUBJECT] = one_line(subject.fill(stand_in))
    for field, names in variables.slots.items():
        defaults |= {name: escaped(stand_in(field), context) for name, context in names.items()}
    return defaults


def _unsubscribes(field: Field) -> bool:
    return (field.of, field.name) == ("links", "unsubscribe")


def _mailbox(name: str, address: str) -> str:
    """Return a mailbox on one line; a name that SES would refuse the whole call for is left out."""
    whole = mailbox(name, address)
    if "\n" in whole:
        whole = whole.replace("\r\n", "")
    return whole if len(whole) <= _LONGEST_MAILBOX else address


def _short_list_id(publication: Publication) -> str:
    value = list_id(publication).replace("\r\n", "")
    return value if len("List-Id") + len(value) <= _LONGEST_HEADER else f"<{publication.list_id}>"


def _header(name: str, value: str) -> tuple[str, str]:
    """Return a header that SES takes: one line of printable ASCII, and not too long."""
    if not value.isascii() or not value.isprintable() or len(name) + len(value) > _LONGEST_HEADER:
        raise ValueError(f"the {name} header is not printable ASCII or longer than {_LONGEST_HEADER} octets")
    return name, value
