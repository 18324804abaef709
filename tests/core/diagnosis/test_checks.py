"""Rules that need no world of doubles: what is said when facts are missing, and the fine print of some."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.diagnosis import amazon, domain, events, here, letter, policies
from newsletter.core.diagnosis.all import diagnose
from newsletter.core.diagnosis.facts import (
    Account,
    Caller,
    Cause,
    ConfigurationSet,
    Destination,
    Facts,
    Identity,
    Letter,
    OpenMailing,
    Queue,
    Reply,
    StoreState,
    Subscription,
    Unseen,
)
from newsletter.core.diagnosis.line import Group, Line, Status, listed, worst
from newsletter.core.diagnosis.names import Fate, Lookup, Question
from newsletter.core.diagnosis.rules import RULES
from tests.core.examples import publication

SENDER = "letter@news.example.com"


def facts(**known: Any) -> Facts:
    return Facts(publication=publication(sender={"name": "The Letter", "address": SENDER}), **known)


def only(lines: Iterable[Line], check: str) -> Line:
    (line,) = [line for line in lines if line.check == check]
    return line


def identity(**known: Any) -> Identity:
    given = {"name": "news.example.com", "verified": True, "signing": True, "dkim": "SUCCESS", "tokens": ("k1",)}
    return Identity(**{**given, **known})


def policy(text: str, at: str = "news.example.com") -> dict[Question, Lookup]:
    return {Question(f"_dmarc.{at}", "TXT"): Lookup(Fate.FOUND, (text,))}


def test_without_any_facts_outside_no_line_is_ok_or_wrong_for_want_of_them() -> None:
    lines = [line for line in diagnose(facts()) if line.group in {Group.ACCOUNT, Group.DOMAIN, Group.DOOR}]

    assert {line.status for line in lines} == {Status.UNSEEN}
    assert {line.seen for line in lines} == {"needs --online"}


def test_without_a_publication_one_line_is_an_error() -> None:
    lines = diagnose(Facts(publication=Unseen(Cause.FAILED, "publication.yaml:1:1: name: is missing"), keys=(43,)))

    assert [line.check for line in lines if line.status is Status.ERROR] == ["publication"]


def test_every_line_that_is_wrong_says_what_to_do() -> None:
    failed = Unseen(Cause.FAILED, "no answer within 15 seconds", "look again")
    names = ("layout", "letter", "store", "caller", "account", "identity", "configuration_set", "queue", "get", "post")
    for line in diagnose(facts(**dict.fromkeys(names, failed))):
        assert line.remedy or line.status in {Status.OK, Status.UNSEEN}, line


@pytest.mark.parametrize(
    ("one", "other", "tags", "aligned"),
    [
        ("news.example.com", "bounce.news.example.com", "", True),
        ("example.com", "bounce.example.com", "", True),  # both under the domain above
        ("example.com", "", "adkim=s;", False),
        ("news.example.com", "", "adkim=s;", True),
        ("other.example.com", "", "", False),  # nothing says that they belong together
    ],
)
def test_alignment_is_that_of_rfc_7489(one: str, other: str, tags: str, *, aligned: bool) -> None:
    known = facts(
        identity=identity(name=one, mail_from=other, mail_from_status="SUCCESS" if other else ""),
        lookups=policy(f"v=DMARC1; p=none; {tags}"),
    )
    assert (only(policies.alignment(known), "alignment").status is Status.OK) == aligned


def test_siblings_are_aligned_below_a_domain_that_has_a_policy() -> None:
    known = facts(identity=identity(name="mail.example.com"), lookups=policy("v=DMARC1; p=none", "example.com"))
    assert only(policies.alignment(known), "alignment").status is Status.OK


def test_spf_alone_is_a_warning() -> None:
    known = facts(
        identity=identity(signing=False, mail_from="bounce.news.example.com", mail_from_status="SUCCESS"),
        lookups=policy("v=DMARC1; p=none"),
    )
    line = only(policies.alignment(known), "alignment")
    assert (line.status, "forwarded mail loses" in line.seen) == (Status.WARNING, True)


def test_a_domain_below_lives_by_the_policy_for_domains_below() -> None:
    known = facts(lookups=policy("v=DMARC1; p=reject; sp=quarantine; rua=mailto:a@example.com", "example.com"))
    assert only(policies.dmarc(known), "dmarc").seen.endswith("(policy quarantine)")


def test_a_key_of_one_s_own_is_a_text_record() -> None:
    (record,) = domain.dkim_records(identity(own_key=True, tokens=("mine",)))
    assert (record.name, record.type) == ("mine._domainkey.news.example.com", "TXT")


def test_keys_lie_in_the_zone_that_ses_names() -> None:
    (record,) = domain.dkim_records(identity(zone="dkim.eu-central-2.amazonses.com"))
    assert record.value == "k1.dkim.eu-central-2.amazonses.com"


def test_what_may_not_be_asked_is_named_once_and_its_lines_wait() -> None:
    denied = Unseen(Cause.DENIED, "no", action="ses:GetEmailIdentity")
    lines = diagnose(facts(account=Account(rate=1.0), identity=denied))

    assert [line.seen for line in lines if line.check == "permissions"] == [
        "ses:GetEmailIdentity is not allowed; the doctor needs it to look, sending does not"
    ]
    assert only(lines, "dkim").seen == "ses:GetEmailIdentity is not allowed"


def test_what_iam_calls_otherwise_is_named_as_it_does() -> None:
    denied = Unseen(Cause.DENIED, "no", action="ses:SendRawEmail")
    line = only(amazon.permissions(facts(account=Account(rate=1.0), sends={"ses:SendEmail": denied})), "permissions")
    assert (line.status, "allow ses:SendRawEmail" in line.remedy) == (Status.ERROR, True)


def test_mail_one_by_one_does_without_bulk_calls() -> None:
    denied = Unseen(Cause.DENIED, "no", action="ses:SendBulkEmail")
    known = facts(account=Account(rate=1.0), sends={"ses:SendEmail": None, "ses:SendBulkEmail": denied})
    single = replace(known, publication=publication(ses={"mode": "single"}))

    assert only(amazon.permissions(known), "permissions").status is Status.ERROR
    assert only(amazon.permissions(single), "permissions").status is Status.OK


def test_an_account_without_limit_has_no_quota_to_spend() -> None:
    line = only(amazon.standing(facts(account=Account(rate=200.0, sent=5.0))), "quota")
    assert (line.status, line.seen) == (Status.OK, "200 a second, without limit a day; 5 used in 24 hours")


@pytest.mark.parametrize(
    ("state", "status", "seen"),
    [
        (StoreState("s", there=False), Status.WARNING, "not there yet"),
        (StoreState("s", there=True, version="9999", unknown=True), Status.ERROR, "newer newsletter"),
        (StoreState("s", there=True, version="0002", pending=("0003 (Readers)",)), Status.WARNING, "0003 (Readers)"),
        (StoreState("s", there=True, version="made up", readers=0), Status.WARNING, "nobody on the list"),
        (StoreState("s", there=True, version="made up", readers=1200), Status.OK, "1,200 on the list"),
    ],
)
def test_a_store_is_told_by_how_it_lies_there(state: StoreState, status: Status, seen: str) -> None:
    line = only(here.store(facts(store=state)), "store")
    assert (line.status, seen in line.seen, bool(line.remedy)) == (status, True, status is not Status.OK)


MAILING = OpenMailing("vol-2-issue-4", "abc", "ses")


def test_an_open_mailing_that_can_go_on_is_ok_and_without_one_there_is_no_line() -> None:
    assert only(here.mailings(facts(builds={MAILING: "abc"})), "open-mailings").status is Status.OK
    assert list(here.mailings(facts())) == []


@pytest.mark.parametrize(
    ("now", "seen"),
    [("abd", "began with other contents"), (Unseen(Cause.FAILED, "issues/x.yaml:1:1: no"), "issues/x.yaml:1:1: no")],
)
def test_an_open_mailing_whose_files_were_changed_is_an_error(now: str | Unseen, seen: str) -> None:
    other = replace(MAILING, issue="vol-2-issue-5")
    line = only(here.mailings(facts(builds={other: "abc", MAILING: now})), "open-mailings")
    assert (line.status, seen in line.seen, "vol-2-issue-5" in line.seen) == (Status.ERROR, True, False)
    assert "newsletter cancel" in line.remedy


def test_events_that_go_elsewhere_are_a_warning() -> None:
    to_bridge = Destination("bridge", enabled=True, types=events.MUST, elsewhere="EventBridge")
    line = only(
        events.destination(facts(configuration_set=ConfigurationSet(name="e", destinations=(to_bridge,)))),
        "event-destination",
    )
    assert (line.status, "bridge (EventBridge)" in line.seen) == (Status.WARNING, True)


@pytest.mark.parametrize(
    "other",
    [
        Destination("old", enabled=False, types=events.MUST | events.SHOULD, topic="arn:old"),
        Destination("old", enabled=True, types=frozenset({"OPEN", "CLICK"}), topic="arn:old"),
    ],
)
def test_the_path_is_followed_from_the_topic_that_bounces_are_published_to(other: Destination) -> None:
    used = Destination("events", enabled=True, types=events.MUST | events.SHOULD, topic="arn:topic")
    known = facts(
        configuration_set=ConfigurationSet(name="e", destinations=(other, used)),
        subscriptions=(Subscription("sqs", "arn:queue"),),
        queue=Queue("arn:queue", policy=queue_policy("arn:topic")),
    )
    assert events.topic_of(known) == "arn:topic"
    assert only(events.destination(known), "event-destination").seen.endswith(" to arn:topic")
    assert only(events.path(known), "event-path").status is Status.OK


def queue_policy(source: str | list[str] | None) -> str:
    """Return a policy of a queue that lets SNS send, as SQS gives it; None: without a condition."""
    condition = {"Condition": {"ArnLike": {"AWS:SourceArn": source}}} if source else {}
    let = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**let, **condition}]})


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("arn:aws:sns:eu-west-1:1:letter", True),
        ("arn:aws:sns:*:1:*", True),
        ("arn:aws:sns:eu-west-?:1:letter", True),
        (["arn:aws:sns:eu-west-1:1:alarms", "arn:aws:sns:eu-west-1:1:l*"], True),
        ("arn:aws:sns:eu-west-1:1:letter-of-others", False),
        ("arn:aws:sns:*:2:*", False),
        (["arn:aws:sns:eu-west-1:1:alarms"], False),
        (None, False),
    ],
)
def test_a_policy_names_a_topic_as_iam_reads_it(source: str | list[str] | None, *, names: bool) -> None:
    topic = "arn:aws:sns:eu-west-1:1:letter"
    used = Destination("events", enabled=True, types=events.MUST | events.SHOULD, topic=topic)
    known = facts(
        configuration_set=ConfigurationSet(name="e", destinations=(used,)),
        subscriptions=(Subscription("sqs", "arn:queue"),),
        queue=Queue("arn:queue", policy=queue_policy(source)),
    )
    assert only(events.path(known), "event-path").status is (Status.OK if names else Status.WARNING)


def test_an_outbox_needs_no_events_yet() -> None:
    line = only(events.queue(facts()), "queue")
    assert line.status is Status.WARNING
    assert isinstance(facts(queue=Queue("arn")).queue, Queue)


def test_a_domain_without_mx_whose_address_nobody_could_look_up_is_not_called_deaf() -> None:
    without = {Question("news.example.com", "MX"): Lookup(Fate.NO_RECORD)}
    silent = without | {Question("news.example.com", "A"): Lookup(Fate.SILENT)}
    none = without | {Question("news.example.com", "A"): Lookup(Fate.NO_RECORD)}

    line = only(letter.replies(facts(lookups=silent)), "reply-to")
    assert (line.status, "A of news.example.com" in line.seen) == (Status.WARNING, True)
    assert only(letter.replies(facts(lookups=none)), "reply-to").status is Status.ERROR


def test_the_region_stands_in_the_records() -> None:
    known = facts(caller=Caller("us-west-2", "env", "1234"), identity=identity())
    assert "feedback-smtp.us-west-2.amazonses.com" in str(only(domain.mail_from(known), "mail-from").records[0])


def test_the_gravest_counts_and_what_nobody_looked_at_is_no_ok() -> None:
    assert worst([Status.OK, Status.UNSEEN]) is Status.UNSEEN
    assert worst([Status.WARNING, Status.ERROR, Status.UNSEEN]) is Status.ERROR
    assert worst([]) is Status.OK


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [listed("abc"[:count]) for count in range(4)] == ["", "a", "a and b", "a, b and c"]


_TEXT = (
    st.sampled_from(["", "SUCCESS", "PENDING", "x.example.com", "news.example.com", "%", ";=;", "v=spf1"]) | st.text()
)
_UNSEEN = st.builds(Unseen, st.sampled_from(Cause), _TEXT, _TEXT, _TEXT)
_LOOKUPS = st.dictionaries(
    st.sampled_from(["_dmarc.news.example.com", "_dmarc.example.com", "bounce.news.example.com", "amazonses.com"]).map(
        lambda name: Question(name, "TXT")
    ),
    st.builds(
        Lookup,
        st.sampled_from(Fate),
        st.lists(
            st.sampled_from(["v=DMARC1;", "v=spf1 "]).flatmap(lambda head: _TEXT.map(head.__add__)), max_size=3
        ).map(tuple),
    ),
)
_FACTS = st.builds(
    Facts,
    publication=st.just(publication(sender={"name": "The Letter", "address": SENDER})) | _UNSEEN,
    layout=_TEXT | _UNSEEN,
    letter=st.builds(Letter, _TEXT, st.binary()) | _UNSEEN,
    store=st.builds(StoreState, _TEXT, st.booleans(), readers=st.none() | st.integers(0, 9)) | _UNSEEN,
    keys=st.lists(st.integers(0, 99), max_size=2).map(tuple),
    caller=st.builds(Caller, _TEXT, _TEXT, _TEXT) | _UNSEEN,
    account=st.builds(Account, rate=st.floats(-1, 99), per_day=st.none() | st.floats(0, 99), review=_TEXT) | _UNSEEN,
    skew=st.none() | st.floats(-1e6, 1e6),
    identity=st.builds(
        Identity,
        name=_TEXT,
        verified=st.booleans(),
        signing=st.booleans(),
        dkim=_TEXT,
        tokens=st.lists(_TEXT, max_size=3).map(tuple),
        mail_from=_TEXT,
        mail_from_status=_TEXT,
    )
    | _UNSEEN,
    configuration_set=st.builds(ConfigurationSet, name=_TEXT, sending=st.booleans()) | _UNSEEN,
    queue=st.builds(Queue, _TEXT, policy=_TEXT) | _UNSEEN,
    lookups=_LOOKUPS,
    get=st.builds(Reply, st.integers(100, 599), _TEXT) | _UNSEEN,
    post=st.builds(Reply, st.integers(100, 599), _TEXT) | _UNSEEN,
)


@given(_FACTS)
def test_whatever_the_facts_there_is_a_diagnosis_and_each_rule_is_as_bad_as_its_worst_check(known: Facts) -> None:
    lines = diagnose(known)

    by_check = {line.check: line.status for line in lines}
    for rule in RULES:
        resting = [line.status for line in lines if line.check in rule.checks]
        assert by_check[rule.name] is (worst(resting) if resting else Status.UNSEEN)
