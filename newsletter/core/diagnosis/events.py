"""Events: whether bounces and complaints come back, from the configuration set to the queue, and what they stop.

Sources: SES developer guide, "Monitor email sending using event publishing" and "account-level suppression list".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from newsletter.core.diagnosis.blank import blank, dependent
from newsletter.core.diagnosis.facts import (
    Cause,
    ConfigurationSet,
    Destination,
    Facts,
    Queue,
    RoundTrip,
    Subscription,
    Unseen,
)
from newsletter.core.diagnosis.line import Group, Line, Status, listed
from newsletter.core.publication import TransportName

_GROUP = Group.EVENTS
MUST = frozenset({"BOUNCE", "COMPLAINT"})  # they take people off
SHOULD = frozenset({"SEND", "DELIVERY", "REJECT", "RENDERING_FAILURE"})  # they settle deliveries in doubt
_BOTH = frozenset({"BOUNCE", "COMPLAINT"})
_MAKE = "run `newsletter aws setup`, which makes one"
_SETUP = "or name the one that `newsletter aws setup` makes"
_SOURCE = re.compile(r'"aws:SourceArn"\s*:\s*("[^"]*"|\[[^\]]*\])', re.IGNORECASE)  # one or a list, in a policy's JSON


def configuration_set(facts: Facts) -> Iterator[Line]:
    """Say whether the configuration set is there, and lets mail out."""
    known = facts.configuration_set
    if isinstance(facts.publication, Unseen):
        return
    name = facts.publication.ses.configuration_set
    if name is None:
        seen = "none is named: SES tells nobody of bounces and complaints"
        remedy = f"{_MAKE}, and name it in ses.configuration_set"
        yield Line(_GROUP, "configuration-set", _grave(facts), seen, remedy)
    elif isinstance(known, Unseen) and known.cause is Cause.NOT_THERE:
        seen = f"SES has no configuration set {name} in this region; it refuses mail that names it"
        remedy = f"correct ses.configuration_set and ses.region, or {_MAKE}"
        yield Line(_GROUP, "configuration-set", Status.ERROR, seen, remedy)
    elif isinstance(known, Unseen):
        yield blank(_GROUP, "configuration-set", known)
    elif not known.sending:
        remedy = "turn sending on for it in the SES console"
        yield Line(_GROUP, "configuration-set", Status.ERROR, f"sending through {name} is turned off", remedy)
    else:
        yield Line(_GROUP, "configuration-set", Status.OK, f"{name}, sending is on")


def destination(facts: Facts) -> Iterator[Line]:
    """Say whether the configuration set tells a topic what it must."""
    known = facts.configuration_set
    if isinstance(known, Unseen):
        yield _depends("event-destination", known)
        return
    if isinstance(known.destinations, Unseen):
        yield blank(_GROUP, "event-destination", known.destinations)
        return
    status, seen, remedy = _destination(known, known.destinations)
    yield Line(_GROUP, "event-destination", status, seen, remedy)


def _destination(known: ConfigurationSet, every: tuple[Destination, ...]) -> tuple[Status, str, str]:
    to_topic = [each for each in every if each.topic]
    if not every:
        return Status.ERROR, f"{known.name} has no event destination", f"let it publish to an SNS topic, {_SETUP}"
    if not to_topic:
        names = listed(f"{each.name} ({each.elsewhere})" for each in every)
        return Status.WARNING, f"events go to {names}, not to an SNS topic", f"let them come to the queue, {_SETUP}"
    enabled = [each for each in to_topic if each.enabled]
    if not enabled:
        return Status.ERROR, f"the event destination {to_topic[0].name} is turned off", "turn it on in the SES console"
    types = frozenset().union(*(each.types for each in enabled))
    if lacking := sorted(MUST - types):
        return Status.ERROR, f"it does not publish {listed(lacking)}", "add the event types in the SES console"
    if lacking := sorted(SHOULD - types):
        seen = f"it does not publish {listed(lacking)}, which settle deliveries in doubt"
        return Status.WARNING, seen, "add the event types in the SES console"
    best = _best(enabled)
    return Status.OK, f"{best.name} publishes {listed(sorted(types))} to {best.topic}", ""


def _best(to_topic: Sequence[Destination]) -> Destination:
    """Return the destination that bounces and complaints come by, of those that go to a topic."""
    return max(to_topic, key=lambda each: (each.enabled, len(MUST & each.types)))


def queue(facts: Facts) -> Iterator[Line]:
    """Say whether there is a queue, and whether events pile up in it."""
    if isinstance(facts.publication, Unseen):
        return
    known, name = facts.queue, facts.publication.ses.feedback_queue
    if name is None:
        seen = "none is named: `newsletter feedback` has nothing to read"
        yield Line(_GROUP, "queue", _grave(facts), seen, f"{_MAKE}, and name its URL in ses.feedback_queue")
    elif isinstance(known, Unseen) and known.cause is Cause.NOT_THERE:
        remedy = f"correct ses.feedback_queue, or {_MAKE}"
        yield Line(_GROUP, "queue", Status.ERROR, f"there is no queue {name}", remedy)
    elif isinstance(known, Unseen):
        yield blank(_GROUP, "queue", known)
    elif not known.sets_aside:
        seen = f"{name}: {known.waiting:,} waiting, and no dead-letter queue"
        remedy = f"give it one, so that what cannot be read is not read for ever, {_SETUP}"
        yield Line(_GROUP, "queue", Status.WARNING, seen, remedy)
    else:
        yield Line(_GROUP, "queue", Status.OK, f"{name}: {known.waiting:,} waiting")


def path(facts: Facts) -> Iterator[Line]:
    """Say whether the topic tells the queue, and the queue lets it, as far as that can be seen."""
    topic = topic_of(facts)
    if topic is None:
        yield Line(_GROUP, "event-path", Status.UNSEEN, "needs an event destination with an SNS topic")
    elif isinstance(facts.subscriptions, Unseen):
        known = facts.subscriptions
        if known.cause is Cause.NOT_THERE:
            remedy = f"name another one, or {_MAKE}"
            yield Line(_GROUP, "event-path", Status.ERROR, f"there is no topic {topic}", remedy)
        else:
            yield blank(_GROUP, "event-path", known)
    elif isinstance(facts.queue, Unseen):
        yield Line(_GROUP, "event-path", Status.UNSEEN, "needs what the queue says of itself")
    else:
        status, seen, remedy = _path(topic, tuple(facts.subscriptions), facts.queue)
        yield Line(_GROUP, "event-path", status, seen, remedy)


def _path(topic: str, subscriptions: tuple[Subscription, ...], queue: Queue) -> tuple[Status, str, str]:
    ours = [each for each in subscriptions if each.protocol == "sqs" and each.endpoint == queue.arn]
    if not ours:
        others = listed(f"{each.protocol} {each.endpoint}" for each in subscriptions) or "nobody"
        return Status.ERROR, f"{topic} tells {others}, not {queue.arn}", f"subscribe the queue to the topic, {_SETUP}"
    if not ours[0].confirmed:
        return Status.ERROR, "the queue's subscription waits to be confirmed", "subscribe it anew, from its own account"
    if "sns.amazonaws.com" not in queue.policy:
        seen = "the queue's policy does not let SNS send to it, so events are lost"
        return Status.ERROR, seen, f"allow sqs:SendMessage to sns.amazonaws.com, with aws:SourceArn {topic}"
    if not any(fnmatchcase(topic, named) for named in _sources(queue.policy)):
        seen = f"the queue's policy lets SNS send to it, but does not name {topic}"
        return Status.WARNING, seen, f"put {topic} into the policy's condition aws:SourceArn"
    return Status.OK, f"{topic} tells {queue.arn}, which lets it", ""


def _sources(policy: str) -> Sequence[str]:
    """Return the ARNs of senders that a policy names, in which IAM reads * and ? as `fnmatch` does."""
    return [arn for named in _SOURCE.findall(policy) for arn in re.findall(r'"([^"]*)"', named)]


def topic_of(facts: Facts) -> str | None:
    """Return the topic that bounces and complaints are published to, as far as any is."""
    known = facts.configuration_set
    if isinstance(known, Unseen) or isinstance(known.destinations, Unseen):
        return None
    to_topic = [each for each in known.destinations if each.topic]
    return _best(to_topic).topic if to_topic else None


def suppression(facts: Facts) -> Iterator[Line]:
    """Say whether SES itself keeps mail from those who bounced or complained, should all else fail."""
    account, known = facts.account, facts.configuration_set
    if isinstance(account, Unseen):
        yield _depends("suppression", account)
        return
    of_set = None if isinstance(known, Unseen) else known.suppressed
    reasons = account.suppressed if of_set is None else of_set
    whose = "the account" if of_set is None else "the configuration set"
    if lacking := sorted(_BOTH - reasons):
        seen = f"{whose} does not put addresses on the suppression list for {listed(lacking, 'or')}"
        remedy = f"turn the suppression list on for {listed(sorted(_BOTH))} in the SES console"
        yield Line(_GROUP, "suppression", Status.ERROR, seen, remedy)
    else:
        yield Line(_GROUP, "suppression", Status.OK, f"on for bounces and complaints, by {whose}")


def round_trip(facts: Facts) -> Iterator[Line]:
    """Say whether a bounce and a complaint came back that were made on purpose."""
    known = facts.round_trip
    if isinstance(known, Unseen):
        if known.cause is Cause.FAILED:
            yield Line(_GROUP, "round-trip", Status.ERROR, known.why, known.hint)
        else:
            yield blank(_GROUP, "round-trip", known)
        return
    status, seen, remedy = _round_trip(known)
    yield Line(_GROUP, "round-trip", status, seen, remedy)


def _round_trip(known: RoundTrip) -> tuple[Status, str, str]:
    if known.not_sent:
        return Status.ERROR, f"not sent: {'; '.join(known.not_sent)}", "see the lines about the account above"
    if known.missing:
        seen = f"after {known.seconds:,.0f} seconds there was no event of {listed(known.missing, 'or')}"
        remedy = "see the lines about events above; if all are ok, another program may be reading the queue"
        return Status.ERROR, seen, remedy
    seen = f"delivery, bounce and complaint of the mailbox simulator came back within {known.seconds:,.0f} seconds"
    return Status.OK, seen, ""


def _grave(facts: Facts) -> Status:
    """Return how bad it is to have none: nothing comes back of what goes into the outbox."""
    known = facts.publication
    rehearses = not isinstance(known, Unseen) and known.transport is TransportName.OUTBOX
    return Status.WARNING if rehearses else Status.ERROR


def _depends(check: str, known: Unseen) -> Line:
    absent, failed = "needs a configuration set", "needs an answer of Amazon SES"
    return dependent(_GROUP, check, known, absent=absent, failed=failed)
