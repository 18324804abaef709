"""Messages composed per second: joined from encoded pieces, against `email.message` for each recipient.

Both make the same message for the same subscribers: same headers, same text, same HTML; the last ones are parsed and
compared, so that neither side can win by doing less. An entry of a bulk call is measured against the message that it
replaces; it holds no more than what differs by recipient.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from statistics import median

from newsletter.core.bulk import BulkComposer
from newsletter.core.delivery import DELIVERY_HEADER
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.merge import Field
from newsletter.core.message import Composer, Recipient, list_id
from newsletter.core.subscriber import Subscriber
from newsletter.edges.files import Project
from newsletter.flows.build import Edition, edition
from tests.bench.measuring import paired
from tests.bench.publication import ISSUE, SECRET, publication

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
NAIVE, OURS = 100, 5_000
ROUNDS = 9


def main() -> None:
    """Print both rates and their ratio."""
    with publication() as root:
        made = edition(Project(root), ISSUE, {})
    links = LinkMaker(made.publication.public, [SECRET])
    people = [
        Subscriber(address=f"reader{n}@example.com", first_name=f"Reader{n}", last_name="Example", uid=f"uid{n:019}")
        for n in range(OURS)
    ]

    def recipient(person: Subscriber) -> Recipient:
        bearer = Bearer(person.uid, "mailing00000")
        return Recipient(person, f"delivery{person.uid}", lambda name: links.make(name, bearer))

    composer, bulk = Composer(made.build, made.publication), BulkComposer(made.build, made.publication)
    naive = _naive(made)
    _check_same(composer.compose(recipient(people[7]), AT), naive(recipient(people[7])))
    rounds = paired(
        lambda: sum(len(composer.compose(recipient(one), AT)) for one in people),
        lambda: sum(len(naive(recipient(one))) for one in people[:NAIVE]),
        rounds=ROUNDS,
    )
    in_bulk = paired(
        lambda: sum(len(bulk.entry(recipient(one)).to) for one in people),
        lambda: sum(len(composer.compose(recipient(one), AT)) for one in people),
        rounds=ROUNDS,
    )
    ours_s, naive_s = median(ours for ours, _ in rounds) / OURS, median(theirs for _, theirs in rounds) / NAIVE
    ratio = median((theirs / NAIVE) / (ours / OURS) for ours, theirs in rounds)
    bulk_s = median(entries for entries, _ in in_bulk) / OURS
    bulk_ratio = median(messages / entries for entries, messages in in_bulk)
    size = len(composer.compose(recipient(people[0]), AT))
    print(f"composing messages of {size:,} bytes      per second    CPU us each")
    for label, seconds in (
        ("email.message for each recipient", naive_s),
        ("joined from encoded pieces", ours_s),
        ("entry of a bulk call", bulk_s),
    ):
        print(f"{label:<33}{1 / seconds:16,.0f}{seconds * 1e6:15,.1f}")
    print(f"joined to email.message, median of {ROUNDS} rounds{ratio:8,.0f}")
    print(f"bulk entry to joined, median of {ROUNDS} rounds   {bulk_ratio:8,.1f}")


def _naive(made: Edition) -> Callable[[Recipient], bytes]:
    build, publication = made.build, made.publication
    text, html, subject = build.text_template(), build.html_template(), build.subject_template()
    policy = email.policy.SMTP.clone(max_line_length=998)  # the default policy would encode List-Unsubscribe

    def compose(recipient: Recipient) -> bytes:
        person = recipient.subscriber

        def value(field: Field) -> str:
            return field.value(person, recipient.links)

        message = EmailMessage(policy)
        message["From"] = f"{publication.sender.name} <{publication.sender.address}>"
        message["To"] = f"{person.display_name} <{person.address}>"
        message["Subject"] = subject.fill(value)
        message["Date"] = format_datetime(AT)
        message["Message-ID"] = f"<{recipient.delivery_id}@{publication.sender.address.rpartition('@')[2]}>"
        message["List-Unsubscribe"] = f"<{recipient.links('unsubscribe')}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message[DELIVERY_HEADER] = recipient.delivery_id
        message["Reply-To"] = publication.reply_to
        message["List-Id"] = list_id(publication)
        message.set_content(text.fill(value), cte="quoted-printable")
        message.add_alternative(html.fill(value), subtype="html", cte="quoted-printable")
        return message.as_bytes()

    return compose


def _check_same(ours: bytes, theirs: bytes) -> None:
    one, two = (email.message_from_bytes(data, policy=email.policy.SMTP) for data in (ours, theirs))
    for name in set(one.keys()) | set(two.keys()) - {"Content-Type"}:
        if name != "Content-Type":
            assert str(one[name]) == str(two[name]), name
    for kind in ("plain", "html"):
        bodies = [message.get_body((kind,)) for message in (one, two)]
        first, second = (body.get_content().replace("\r\n", "\n") if body else None for body in bodies)
        assert first == second, kind


if __name__ == "__main__":
    main()
