"""The only place that chooses a real edge for a port. Heavy edges are imported when they are chosen."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.core.feedback import Kind
from newsletter.core.library import Kept
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.ports import Clock, Copying, Feedback, FeedbackInbox
from newsletter.core.publication import Publication, TransportName, parse_publication
from newsletter.core.source import read
from newsletter.core.ways import AssetPlace, AssetStore, SuppressionList, Transport
from newsletter.edges.clock import SystemClock
from newsletter.edges.feedback import NoFeedback, SetAside
from newsletter.edges.files import Project
from newsletter.edges.kept import KeptBuilds
from newsletter.errors import NewsletterError, NotConfigured

if TYPE_CHECKING:
    from newsletter.core.arrivals.text import Sheet
    from newsletter.core.aws.cloud import Cloud
    from newsletter.core.diagnosis.facts import RoundTrip, Unseen
    from newsletter.edges.store import Store
    from newsletter.edges.wishes import Wishes
    from newsletter.flows.deliver import Office
    from newsletter.flows.doctor import Ground, Outside
    from newsletter.flows.feedback import Post
    from newsletter.flows.readers import Reception
    from newsletter.flows.report import Desk, Source

SECRET = "NEWSLETTER_SECRET"  # noqa: S105 - the name of the variable, not its value
# Messages in the outbox never leave the machine, so their links may be signed with a key that is no secret.
OUTBOX_KEY = "outbox"
SHORTEST_SECRET = 32
DNS = "NEWSLETTER_DNS"  # another DNS server than the machine's, as host or host:port


@dataclass(frozen=True, slots=True)
class Here:
    """The project that a command works on, and the environment it runs in."""

    project: Project
    environment: Mapping[str, str]

    def publication(self) -> Publication:
        """Return the publication, with what the environment says for this machine."""
        return parse_publication(read(self.project.publication(), "publication.yaml"), self.environment)


def here(start: Path | None) -> Here:
    """Find the project around a folder, by default the current one."""
    return Here(Project.around(start or Path.cwd()), os.environ)


def clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


@contextmanager
def store(where: Here, publication: Publication) -> Iterator[Store]:
    """Open the publication's store; a relative SQLite path is relative to the project."""
    from newsletter.edges.store import open_store

    with open_store(_placed(where, publication.store)) as opened:
        yield opened


def copying(where: Here, source: str, target: str) -> Copying:
    """Return how everything gets from one store to another; both are URLs."""
    from newsletter.edges.store.copying import StoreCopying

    return StoreCopying(_placed(where, source), _placed(where, target))


def _placed(where: Here, url: str) -> str:
    scheme = "sqlite:///"
    if url.startswith(scheme) and not url.startswith("sqlite:////"):
        return scheme + str(where.project.root / url.removeprefix(scheme))
    return url


def exported(file: Path) -> Sequence[Sheet]:
    """Return the CSV files that a file is or holds."""
    from newsletter.edges.exports import sheets

    return sheets(file)


def transport(where: Here, publication: Publication) -> Transport:
    """Return the way out that the publication names."""
    if publication.transport is TransportName.SES:
        from newsletter.edges.ses import Ses

        return Ses(publication.ses)
    from newsletter.edges.outbox import Outbox

    return Outbox(where.project.state / "outbox")


@contextmanager
def asset_store(publication: Publication) -> Iterator[tuple[AssetStore, str]]:
    """Open the publication's place for pictures, with what their addresses begin with."""
    from newsletter.edges.s3 import S3
    from newsletter.edges.s3_errors import SETUP

    if publication.assets is None:
        raise NotConfigured("assets is not set: pictures have no place to go", hint=SETUP)
    store = S3(publication.assets)
    try:
        yield store, publication.assets.base
    finally:
        store.close()


@contextmanager
def picture_place(publication: Publication) -> Iterator[AssetPlace | None]:
    """Open the place where pictures are looked for before SES sends: the bucket if it is known, else the web."""
    if publication.assets is None or publication.transport is not TransportName.SES:
        yield None
    elif publication.assets.bucket is None:
        from newsletter.edges.web import Web

        yield Web(publication.assets.base)
    else:
        with asset_store(publication) as (store, _):
            yield store


@contextmanager
def suppression_list(publication: Publication) -> Iterator[SuppressionList]:
    """Open the suppression list of the SES account."""
    from newsletter.edges.ses_suppressions import SesSuppressions

    opened = SesSuppressions(publication.ses)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def cloud(publication: Publication, name: str) -> Iterator[Cloud]:
    """Open the stack of that name, by the account and region that mail is sent with."""
    from newsletter.edges.cloudformation import CloudFormation

    stack = CloudFormation(name, publication.ses)
    try:
        yield stack
    finally:
        stack.close()


def way_out(where: Here, publication: Publication, mailing_uid: str) -> str:
    """Return where the messages of a mailing went, for the editor to look."""
    if publication.transport is TransportName.SES:
        return "Amazon SES"
    return str(where.project.state / "outbox" / mailing_uid)


def links(where: Here, publication: Publication) -> LinkMaker:
    """Return the maker of per-subscriber links."""
    return LinkMaker(publication.public, _keys(where.environment, publication.transport))


@contextmanager
def post(where: Here, publication: Publication) -> Iterator[Post]:
    """Open everything that taking in feedback needs."""
    inbox = _inbox(publication)
    try:
        with store(where, publication) as opened:
            yield _post(where, publication, opened, inbox)
    finally:
        inbox.close()


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


def _feedback(where: Here, publication: Publication, opened: Store, warn: Callable[[str], None]) -> Feedback:
    if publication.transport is not TransportName.SES or publication.ses.feedback_queue is None:
        return NoFeedback()
    from newsletter.flows.listening import Listening

    return Listening(opened.events, lambda: _post(where, publication, opened, _inbox(publication)), warn)


def keys_of_links(where: Here) -> str:
    """Return what a door without a database needs to know real links; empty if nothing is set."""
    return ",".join(_keys(where.environment, TransportName.SES)) if where.environment.get(SECRET) else ""


@contextmanager
def reporting(where: Here, publication: Publication) -> Iterator[Desk]:
    """Open everything that a report is made from."""
    from newsletter.flows.report import Desk

    with store(where, publication) as opened:
        yield Desk(
            mailings=opened.mailings,
            ledger=opened.ledger,
            events=opened.events,
            reports=opened.reports,
            statistics=opened.statistics,
            clock=clock(),
            publication=publication,
            source=lambda name: _source(where, name),
        )


def _source(where: Here, name: str) -> Source | None:
    from newsletter.errors import NewsletterError
    from newsletter.flows.build import edition
    from newsletter.flows.report import Source

    try:
        made = edition(where.project, name, where.environment)
    except NewsletterError:  # a report must not fail for what became of the files since
        return None
    return Source(made.issue.blocks, made.build)


@contextmanager
def office(where: Here, publication: Publication, warn: Callable[[str], None]) -> Iterator[Office]:
    """Open everything that sending needs; `warn` is told what goes wrong beside it."""
    from newsletter.flows.deliver import Office

    signer = links(where, publication)
    way = transport(where, publication)
    with store(where, publication) as opened, picture_place(publication) as pictures:
        yield Office(
            mailings=opened.mailings,
            senders=opened.senders,
            ledger=opened.ledger,
            feedback=_feedback(where, publication, opened, warn),
            tests=opened.test_sends,
            transport=way,
            clock=clock(),
            links=signer,
            pictures=pictures,
            kept=kept(where),
        )


def kept(where: Here) -> Kept:
    """Return the builds of mailings that were sent from this project."""
    return KeptBuilds(where.project.state / "mailings")


def wishes(publication: Publication) -> Wishes:
    """Return the queue that wishes of readers go into where there is no store."""
    from newsletter.edges.wishes import Wishes

    return Wishes(publication.ses)


@contextmanager
def reception(
    where: Here, publication: Publication, tell: Callable[[str], None], report: Callable[[Exception], object]
) -> Iterator[Reception]:
    """Open everything that the public doors need; `tell` is told in one line what went wrong, `report` of defects."""
    from newsletter.flows.errands import Errands
    from newsletter.flows.letters import Post, letters
    from newsletter.flows.readers import Reception

    post = Post(transport(where, publication), clock(), links(where, publication), publication)
    with picture_place(publication) as pictures:
        made = letters(where.project, where.environment, pictures)
    with store(where, publication) as opened, closing(Errands(tell, report)) as errands:
        yield Reception(
            readers=opened.readers,
            mailings=opened.mailings,
            kept=kept(where),
            post=post,
            letters=made,
            new_uid=lambda: secrets.token_urlsafe(16),
            tell=tell,
            later=errands,
        )


def ground(where: Here, *, online: bool) -> Ground:
    """Return what the doctor looks at on this machine; a database server may be on another."""
    from newsletter.core.diagnosis.facts import OFFLINE
    from newsletter.edges.store.looking import Looking
    from newsletter.flows.doctor import Ground

    keys = tuple(map(len, _given_keys(where.environment)))
    try:
        url = where.publication().store
        store = Looking(_placed(where, url)) if online or url.startswith("sqlite:") else OFFLINE
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
        keys = _given_keys(where.environment)
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


def _given_keys(environment: Mapping[str, str]) -> Sequence[str]:
    return [key.strip() for key in environment.get(SECRET, "").split(",") if key.strip()]


def _keys(environment: Mapping[str, str], way: TransportName) -> Sequence[str]:
    """Return the signing keys, oldest first; several stand in the variable separated by commas, the newest last."""
    keys = _given_keys(environment)
    if not keys and way is TransportName.OUTBOX:
        return [OUTBOX_KEY]
    make = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
    if not keys:
        raise NotConfigured(f"{SECRET} is not set; it signs the unsubscribe links", hint=make)
    if any(len(key) < SHORTEST_SECRET for key in keys):
        raise NotConfigured(f"{SECRET} is shorter than {SHORTEST_SECRET} characters", hint=make)
    return keys
