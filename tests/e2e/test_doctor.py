"""The doctor against doubles of everything outside: all right, and then one thing broken at a time."""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import pytest

from newsletter.core.diagnosis.all import diagnose
from newsletter.core.diagnosis.facts import Facts, Letter, Reply
from newsletter.core.diagnosis.line import Group, Line, Status
from newsletter.core.diagnosis.names import Fate, Lookup, Question
from newsletter.core.publication import SesSettings
from newsletter.edges.clock import SystemClock
from newsletter.edges.ses_identity import SesDesk
from newsletter.edges.web import Visitor
from newsletter.flows.doctor import Outside, facts_outside
from tests.clinic import (
    ACCOUNT,
    DESTINATION,
    DOMAIN,
    EVENTS,
    HASTE,
    IDENTITY,
    MAIL_FROM,
    TYPES,
    Clinic,
    letter,
    open_clinic,
)
from tests.doubles.cloud import QUEUE_ARN
from tests.doubles.dns import SILENT

OK, WARNING, ERROR, UNSEEN = Status.OK, Status.WARNING, Status.ERROR, Status.UNSEEN
Breaking = Callable[[Clinic], Facts | None]
HOSTED = f"token2._domainkey.{DOMAIN}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with pytest.MonkeyPatch.context() as patch, open_clinic(tmp_path_factory.mktemp("clinic"), patch) as clinic:
        yield clinic


@pytest.fixture
def clinic(shared: Clinic) -> Clinic:
    shared.heal()
    return shared


def lines_of(clinic: Clinic, facts: Facts | None = None, **edges: Any) -> Sequence[Line]:
    return diagnose(facts_outside(facts or clinic.facts(), replace(clinic.edges, **edges)))


def named(lines: Sequence[Line], check: str) -> Line:
    (line,) = [each for each in lines if each.check == check]
    return line


def findings(lines: Sequence[Line]) -> dict[str, Status]:
    """Return what is wrong by itself; rules only repeat it."""
    return {line.check: line.status for line in lines if line.status in {WARNING, ERROR} and line.group != Group.RULES}


def test_when_all_is_right_every_line_is_ok(clinic: Clinic) -> None:
    lines = lines_of(clinic)

    assert [(line.check, line.status) for line in lines if line.status is not OK] == [
        ("round-trip", UNSEEN),
        ("rule-spam-rate", UNSEEN),
    ]
    assert [line.remedy for line in lines if line.status is OK and line.remedy] == []
    assert Counter(line.check for line in lines).most_common(1)[0][1] == 1


def test_it_asks_the_door_as_mail_programs_do_and_sends_no_mail(clinic: Clinic) -> None:
    lines_of(clinic)

    signed = clinic.edges.signed.removeprefix(clinic.door.url)
    assert sorted(clinic.door.asked) == [
        ("GET", signed, "", ""),
        ("GET", "/unsubscribe/test-copy", "", ""),
        ("GET", "/unsubscribe/test-copy-forged", "", ""),
        ("POST", "/unsubscribe/test-copy", "List-Unsubscribe=One-Click", ""),
    ]
    assert clinic.ses.accepted() == []
    assert clinic.cloud.queue == {}


def ses(**settings: Any) -> Breaking:
    def break_it(clinic: Clinic) -> None:
        clinic.ses.configure(**{**ACCOUNT, **settings})

    return break_it


def identity(**changes: Any) -> Breaking:
    return ses(identities=[{**IDENTITY, **changes}])


def destination(**changes: Any) -> Breaking:
    return ses(event_destinations=[{**DESTINATION, **changes}])


def struck(operation: str, fault: str) -> Breaking:
    return lambda clinic: clinic.ses.script({"when": {"operation": operation}, "do": fault})


def names(name: str, kind: str, *values: str) -> Breaking:
    return lambda clinic: clinic.zone.put(name, kind, *values)


def failing(name: str, how: str) -> Breaking:
    def break_it(clinic: Clinic) -> None:
        clinic.zone.failing[name] = how

    return break_it


def door(method: str, status: int, location: str = "") -> Breaking:
    def break_it(clinic: Clinic) -> None:
        clinic.door.says[method] = (status, location)

    return break_it


def page_keys(*keys: str) -> Breaking:
    def break_it(clinic: Clinic) -> None:
        clinic.door.keys = list(keys)

    return break_it


def cloud(**changes: Any) -> Breaking:
    def break_it(clinic: Clinic) -> None:
        for name, value in changes.items():
            setattr(clinic.cloud, name, value)

    return break_it


def attribute(name: str, value: str | None) -> Breaking:
    def break_it(clinic: Clinic) -> None:
        if value is None:
            del clinic.cloud.attributes[name]
        else:
            clinic.cloud.attributes[name] = value

    return break_it


def publication(**changes: Any) -> Breaking:
    return lambda clinic: clinic.facts(**changes)


def ses_key(**changes: Any) -> Breaking:
    return lambda clinic: clinic.facts(ses={**clinic.settings()["ses"], **changes})


def headers(**changes: str | None) -> Breaking:
    def break_it(clinic: Clinic) -> Facts:
        facts = clinic.facts()
        given = {name.replace("_", "-"): value for name, value in changes.items()}
        return replace(facts, letter=Letter("vol-1-issue-1", letter(clinic.door.url, **given)))

    return break_it


def here(**changes: Any) -> Breaking:
    return lambda clinic: replace(clinic.facts(), **changes)


def strictly_aligned(clinic: Clinic) -> None:
    """Verify the domain above alone, and demand that DKIM signs for the very domain of From."""
    clinic.ses.configure(**{**ACCOUNT, "identities": [{**IDENTITY, "name": "example.com"}]})
    for token in ("token1", "token2", "token3"):
        clinic.zone.put(f"{token}._domainkey.example.com", "CNAME", f"{token}.dkim.amazonses.com.")
    policy = "v=DMARC1; p=none; adkim=s; aspf=s; rua=mailto:dmarc@example.com"
    clinic.zone.put(f"_dmarc.{DOMAIN}", "TXT", policy)


@dataclass(frozen=True)
class Fault:
    """One thing that is broken, the line that says so, words of it, of its remedy and of its DNS records."""

    name: str
    breaking: Breaking
    check: str
    status: Status
    seen: str
    remedy: str
    records: str = ""
    also: tuple[str, ...] = ()  # other checks that cannot be right then


DKIM_MISSING = f"{HOSTED}  CNAME  token2.dkim.amazonses.com"
FAULTS = [
    Fault("no key", here(keys=()), "keys", ERROR, "NEWSLETTER_SECRET is not set", "token_urlsafe"),
    Fault("short key", here(keys=(43, 12)), "keys", ERROR, "has 12 characters", "append it after a comma"),
    Fault(
        "not encrypted",
        publication(public_url="http://127.0.0.1:9"),
        "public-url",
        ERROR,
        "not encrypted",
        "write https://",
        also=("unsubscribe-post", "unsubscribe-get"),
    ),
    Fault("no one-click", headers(List_Unsubscribe_Post=None), "one-click", ERROR, "not both in", "report"),
    Fault("no List-Id", headers(List_Id=None), "list-id", WARNING, "List-Id is not there", "report"),
    Fault("mail to nobody", publication(reply_to=f"noreply@{DOMAIN}"), "reply-to", WARNING, "nobody reads", "reply_to"),
    Fault("replies get lost", names(DOMAIN, "MX"), "reply-to", ERROR, "no MX record", "set reply_to"),
    Fault("no mail there", names(DOMAIN, "MX", "0 ."), "reply-to", ERROR, "takes no mail (RFC 7505)", "set reply_to"),
    Fault("sandbox", ses(sandbox=True), "production", ERROR, "sandbox", "ask for production access"),
    Fault(
        "sandbox, asked",
        ses(
            sandbox=True,
            account_described={"Details": {"ReviewDetails": {"Status": "PENDING", "CaseId": "178"}}},
        ),
        "production",
        ERROR,
        "being reviewed",
        "wait for Amazon's answer (Support case 178)",
    ),
    Fault(
        "sandbox, denied",
        ses(sandbox=True, account_described={"Details": {"ReviewDetails": {"Status": "DENIED"}}}),
        "production",
        ERROR,
        "was denied",
        "ask again",
    ),
    Fault("paused", ses(sending_enabled=False), "sending", ERROR, "has paused sending", "answer the review"),
    Fault("shut down", ses(enforcement_status="SHUTDOWN"), "sending", ERROR, "has paused sending", "answer the review"),
    Fault("under review", ses(enforcement_status="PROBATION"), "sending", WARNING, "under review", "--canary"),
    Fault("quota spent", ses(sent_last_24_hours=50_000), "quota", WARNING, "50,000 used, 0 left", "wait"),
    Fault("list too long", ses(max_24_hour_send=1000.0), "quota", WARNING, "the list has 1,200 readers", "--wait"),
    Fault("clock wrong", ses(clock_offset_seconds=-400.0), "clock", ERROR, "ahead of SES", "NTP"),
    Fault("clock off", ses(clock_offset_seconds=40.0), "clock", WARNING, "behind SES", "NTP"),
    Fault(
        "may not send",
        ses(denied=["ses:SendEmail"]),
        "permissions",
        ERROR,
        "ses:SendEmail is not allowed",
        "allow ses:SendEmail",
    ),
    Fault(
        "may not look", ses(denied=["ses:GetEmailIdentity"]), "permissions", WARNING, "needs it to look", "allow ses"
    ),
    Fault(
        "may not see the topic",
        cloud(denied={"sns:ListSubscriptionsByTopic"}),
        "permissions",
        WARNING,
        "sns:ListSubscriptionsByTopic is not allowed",
        "allow sns:ListSubscriptionsByTopic",
    ),
    Fault(
        "may not see the queue",
        cloud(denied={"sqs:GetQueueAttributes"}),
        "permissions",
        WARNING,
        "sqs:GetQueueAttributes is not allowed",
        "allow sqs:GetQueueAttributes",
    ),
    Fault(
        "MAIL FROM pending",
        identity(
            described={
                "MailFromAttributes": {
                    "MailFromDomain": MAIL_FROM,
                    "MailFromDomainStatus": "PENDING",
                    "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
                }
            }
        ),
        "mail-from",
        WARNING,
        "mail then goes out from amazonses.com",
        "add the record",
        "  TXT  v=spf1",
    ),
    Fault("account closed", ses(denied=["ses:GetAccount"]), "permissions", ERROR, "ses:GetAccount is", "IAM console"),
    Fault(
        "no identity", ses(identities=["example.net"]), "identity", ERROR, f"neither {DOMAIN} nor", "make the identity"
    ),
    Fault(
        "not verified",
        identity(verified=False, described={"VerificationInfo": {"ErrorType": "HOST_NOT_FOUND"}}),
        "identity",
        ERROR,
        "PENDING (HOST_NOT_FOUND)",
        "DNS records",
        DKIM_MISSING,
    ),
    Fault(
        "address alone",
        ses(identities=[{"name": f"letter@{DOMAIN}", "dkim": "NOT_STARTED"}]),
        "identity",
        WARNING,
        "its domain is not",
        f"make the identity {DOMAIN}",
        also=("dkim", "mail-from", "alignment"),
    ),
    Fault(
        "signing off",
        identity(described={"DkimAttributes": {"SigningEnabled": False, "Status": "SUCCESS", "Tokens": []}}),
        "dkim",
        ERROR,
        "does not sign",
        "turn on DKIM",
        also=("alignment",),
    ),
    Fault(
        "DKIM not found",
        identity(
            described={"DkimAttributes": {"SigningEnabled": True, "Status": "FAILED", "Tokens": ["token1", "token2"]}}
        ),
        "dkim",
        ERROR,
        "FAILED",
        "72 hours",
        DKIM_MISSING,
        also=("alignment",),
    ),
    Fault("a key is missing", names(HOSTED, "CNAME"), "dkim-records", ERROR, "1 of 3", "add the record", DKIM_MISSING),
    Fault(
        "a key is wrong",
        names(HOSTED, "CNAME", "token2.dkim.example.net."),
        "dkim-records",
        ERROR,
        "leads to token2.dkim.example.net",
        "add the record",
        DKIM_MISSING,
    ),
    Fault("DNS broken", failing(HOSTED, "SERVFAIL"), "dkim-records", WARNING, "(SERVFAIL)", "ask whoever runs them"),
    Fault(
        "no MAIL FROM",
        identity(mail_from_domain=""),
        "mail-from",
        WARNING,
        "none: bounces go to amazonses.com",
        f"to {MAIL_FROM}",
        f"{MAIL_FROM}  MX  10 feedback-smtp.eu-central-1.amazonses.com\n"
        f"{MAIL_FROM}  TXT  v=spf1 include:amazonses.com ~all",
    ),
    Fault(
        "MAIL FROM fails", identity(mail_from_status="FAILED"), "mail-from", ERROR, "SES then refuses", "add", "  MX  "
    ),
    Fault(
        "MX missing", names(MAIL_FROM, "MX"), "mail-from-mx", ERROR, "no MX record", "add the record", "  MX  10 feed"
    ),
    Fault(
        "MX elsewhere",
        names(MAIL_FROM, "MX", "10 feedback-smtp.us-east-1.amazonses.com."),
        "mail-from-mx",
        ERROR,
        "not SES's in this region",
        "change the record",
        "feedback-smtp.eu-central-1.amazonses.com",
    ),
    Fault("no SPF", names(MAIL_FROM, "TXT"), "spf", ERROR, "has no SPF record", "add", "v=spf1 include:amazonses.com"),
    Fault(
        "SPF without SES",
        names(MAIL_FROM, "TXT", "v=spf1 a -all"),
        "spf",
        ERROR,
        "does not let SES send",
        "add include:amazonses.com",
        "v=spf1 include:amazonses.com ~all",
    ),
    Fault(
        "two SPF",
        names(MAIL_FROM, "TXT", "v=spf1 include:amazonses.com ~all", "v=spf1 -all"),
        "spf",
        ERROR,
        "2 SPF records",
        "leave this one alone",
        "v=spf1 include:amazonses.com ~all",
    ),
    Fault(
        "SPF too deep",
        names(MAIL_FROM, "TXT", "v=spf1 include:amazonses.com " + " ".join(["exists:a.example"] * 10) + " ~all"),
        "spf",
        ERROR,
        "needs 11 look-ups",
        "include nothing but",
        "v=spf1",
    ),
    Fault(
        "SPF for all",
        names(MAIL_FROM, "TXT", "v=spf1 include:amazonses.com +all"),
        "spf",
        WARNING,
        "lets anybody send",
        "~all",
    ),
    Fault(
        "no DMARC",
        names(f"_dmarc.{DOMAIN}", "TXT"),
        "dmarc",
        ERROR,
        f"no DMARC record for {DOMAIN}",
        "add the record",
        f"_dmarc.{DOMAIN}  TXT  v=DMARC1; p=none; rua=mailto:dmarc@{DOMAIN}",
    ),
    Fault(
        "two DMARC",
        names(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=none; rua=mailto:a@b.example", "v=DMARC1; p=reject"),
        "dmarc",
        ERROR,
        "2 DMARC records",
        "leave one",
    ),
    Fault(
        "DMARC without policy",
        names(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=monitor"),
        "dmarc",
        ERROR,
        "p=monitor is no policy",
        "change the record",
        "p=none",
    ),
    Fault(
        "nobody gets reports",
        names(f"_dmarc.{DOMAIN}", "TXT", "v=DMARC1; p=reject"),
        "dmarc",
        WARNING,
        "nobody gets reports",
        "add an address",
        f"v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}",
    ),
    Fault(
        "DMARC cannot be seen", failing(f"_dmarc.{DOMAIN}", "SERVFAIL"), "dmarc", WARNING, "(SERVFAIL)", "ask whoever"
    ),
    Fault(
        "strict alignment",
        strictly_aligned,
        "alignment",
        ERROR,
        "neither DKIM nor SPF is aligned",
        f"verify {DOMAIN} itself",
    ),
    Fault("set not named", ses_key(configuration_set=None), "configuration-set", ERROR, "none is named", "name it in"),
    Fault(
        "set missing",
        ses(configuration_sets=["other"]),
        "configuration-set",
        ERROR,
        f"no configuration set {EVENTS}",
        "run `newsletter aws setup`",
    ),
    Fault(
        "set paused",
        ses(paused_configuration_sets=[EVENTS]),
        "configuration-set",
        ERROR,
        "turned off",
        "turn sending on",
    ),
    Fault(
        "no destination", ses(event_destinations=[]), "event-destination", ERROR, "no event destination", "SNS topic"
    ),
    Fault("destination off", destination(Enabled=False), "event-destination", ERROR, "is turned off", "turn it on"),
    Fault(
        "no complaints",
        destination(MatchingEventTypes=[each for each in TYPES if each != "COMPLAINT"]),
        "event-destination",
        ERROR,
        "does not publish COMPLAINT",
        "add the event types",
    ),
    Fault(
        "no proof",
        destination(MatchingEventTypes=[each for each in TYPES if each != "SEND"]),
        "event-destination",
        WARNING,
        "SEND, which settle",
        "add the event types",
    ),
    Fault("queue not named", ses_key(feedback_queue=None), "queue", ERROR, "none is named", "ses.feedback_queue"),
    Fault("queue missing", cloud(has_queue=False), "queue", ERROR, "there is no queue", "correct ses.feedback_queue"),
    Fault("no dead letters", attribute("RedrivePolicy", None), "queue", WARNING, "no dead-letter queue", "give it one"),
    Fault("topic missing", cloud(has_topic=False), "event-path", ERROR, "there is no topic", "newsletter aws setup"),
    Fault(
        "not subscribed",
        cloud(subscriptions=[("email", "me@example.org", True)]),
        "event-path",
        ERROR,
        "tells email me@example.org",
        "subscribe the queue",
    ),
    Fault(
        "not confirmed",
        cloud(subscriptions=[("sqs", QUEUE_ARN, False)]),
        "event-path",
        ERROR,
        "waits to be confirmed",
        "subscribe it anew",
    ),
    Fault("queue closed", attribute("Policy", "{}"), "event-path", ERROR, "events are lost", "allow sqs:SendMessage"),
    Fault(
        "suppression off",
        ses(account_described={"SuppressionAttributes": {"SuppressedReasons": ["BOUNCE"]}}),
        "suppression",
        ERROR,
        "the account does not put addresses on the suppression list for COMPLAINT",
        "BOUNCE and COMPLAINT",
    ),
    Fault(
        "suppression off for the set",
        ses(set_described={"SuppressionOptions": {"SuppressedReasons": []}}),
        "suppression",
        ERROR,
        "the configuration set does not",
        "turn the suppression list on",
    ),
    Fault(
        "door redirects",
        door("POST", 301, "https://x.example/"),
        "unsubscribe-post",
        ERROR,
        "redirection",
        "public_url",
    ),
    Fault("door has no POST", door("POST", 405), "unsubscribe-post", ERROR, "answered 405", "pass POST on"),
    Fault("door has a guard", door("POST", 403), "unsubscribe-post", ERROR, "a firewall", "let POST through"),
    Fault("door is not there", door("POST", 404), "unsubscribe-post", ERROR, "nothing is there", "newsletter serve"),
    Fault("door fails", door("POST", 500), "unsubscribe-post", ERROR, "answered 500", "log"),
    Fault(
        "page is not there",
        door("GET", 404),
        "unsubscribe-get",
        ERROR,
        "sees an error",
        "newsletter serve",
    ),
    Fault("another key", page_keys("another key"), "unsubscribe-key", ERROR, "404", "the same NEWS"),
    Fault("a page for all", page_keys(), "unsubscribe-key", ERROR, "made up is answered 200", "newsletter serve"),
    Fault("page moved", door("GET", 302, "/home"), "unsubscribe-get", WARNING, "to /home", "public_url itself"),
    Fault(
        "SES has trouble", struck("GetAccount", "error_503_before"), "ses", ERROR, "ServiceUnavailable", "in a moment"
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_one_thing_broken_is_named_with_its_remedy(clinic: Clinic, fault: Fault) -> None:
    lines = lines_of(clinic, fault.breaking(clinic))

    line = named(lines, fault.check)
    assert (line.status, fault.seen in line.seen, fault.remedy in line.remedy) == (fault.status, True, True), line
    assert fault.records in "\n".join(map(str, line.records))
    assert set(findings(lines)) == {fault.check, *fault.also}


RULES = [each for each in FAULTS if each.name in {"no DMARC", "door redirects"}]


@pytest.mark.parametrize("fault", RULES, ids=lambda fault: fault.name)
def test_a_rule_stands_as_what_it_rests_on(clinic: Clinic, fault: Fault) -> None:
    lines = lines_of(clinic, fault.breaking(clinic))

    broken = [line for line in lines if line.group == Group.RULES and line.status is ERROR]
    assert [(line.remedy, bool(line.source)) for line in broken] == [(f"see {fault.check}", True)]


def test_a_name_that_nobody_answers_for_is_told_from_one_that_is_not_there(clinic: Clinic) -> None:
    clinic.zone.failing[HOSTED] = SILENT
    clinic.zone.put(MAIL_FROM, "MX")
    clinic.zone.put(MAIL_FROM, "TXT")
    lines = lines_of(clinic, names=clinic.hasty.names)

    assert named(lines, "dkim-records").status is WARNING
    assert f"CNAME of {HOSTED}: no answer in time" in named(lines, "dkim-records").seen
    assert "this machine's DNS server" in named(lines, "dkim-records").remedy
    assert "no such name (NXDOMAIN)" in named(lines, "mail-from-mx").seen
    assert named(lines, "mail-from-mx").status is ERROR


def test_a_name_without_the_record_is_told_from_one_that_is_not_there(clinic: Clinic) -> None:
    clinic.zone.put(MAIL_FROM, "MX")

    assert "no such record" in named(lines_of(clinic), "mail-from-mx").seen


def test_a_silent_ses_is_one_line_and_the_rest_is_looked_at_all_the_same(clinic: Clinic) -> None:
    clinic.ses.script({"when": {"operation": "GetAccount"}, "do": "timeout_before"})
    lines = lines_of(clinic, desk=clinic.hasty.desk)

    assert (named(lines, "ses").status, "no readable answer" in named(lines, "ses").seen) == (ERROR, True)
    assert set(findings(lines)) == {"ses"}
    assert named(lines, "identity").seen == "needs an answer of Amazon SES"
    assert {named(lines, check).status for check in ("dmarc", "reply-to", "unsubscribe-post")} == {OK}


def test_a_question_that_is_throttled_is_asked_again(clinic: Clinic) -> None:
    clinic.ses.script({"when": {"operation": "GetEmailIdentity"}, "do": "throttle", "times": 1})

    assert findings(lines_of(clinic)) == {}


def test_without_any_network_every_line_says_so_in_time(clinic: Clinic, closed: str) -> None:
    settings = SesSettings.model_validate({**clinic.settings()["ses"], "endpoint_url": f"http://{closed}"})
    gone = Outside(
        SesDesk(settings, patience=HASTE, tries=1), clinic.hasty.path, NoDns(), Visitor(), SystemClock(), 5.0
    )
    facts = clinic.facts(public_url=f"https://{closed}")
    began = time.monotonic()
    lines = diagnose(facts_outside(facts, gone))

    assert time.monotonic() - began < 10
    assert findings(lines) == {
        "ses": ERROR,
        "dmarc": WARNING,
        "reply-to": WARNING,
        "unsubscribe-post": ERROR,
        "unsubscribe-get": ERROR,
    }
    assert "cannot be reached" in named(lines, "ses").seen
    assert "no DNS server can be reached" in named(lines, "dmarc").seen
    assert "cannot be reached" in named(lines, "unsubscribe-post").seen


def test_slow_answers_are_waited_for_only_so_long(clinic: Clinic) -> None:
    clinic.door.delay = clinic.zone.delay = 30.0
    clinic.ses.script({"when": {"operation": "any"}, "do": "slow:30"})
    began = time.monotonic()
    lines = diagnose(facts_outside(clinic.facts(), clinic.hasty))

    assert time.monotonic() - began < 10
    assert "no answer within 0.3 seconds" in named(lines, "unsubscribe-post").seen
    assert set(findings(lines)) == {
        "ses",
        "dmarc",
        "reply-to",
        "unsubscribe-post",
        "unsubscribe-get",
    }


def test_a_port_that_never_comes_back_is_left_behind(clinic: Clinic) -> None:
    release = Event()
    lines = lines_of(clinic, visitor=Hanging(release), patience=1.0)
    release.set()

    assert "no answer within 1 seconds" in named(lines, "unsubscribe-get").seen
    assert set(findings(lines)) == {"unsubscribe-post", "unsubscribe-get"}


def test_a_certificate_that_nobody_trusts_is_named(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    line = named(lines_of(clinic, visitor=Visitor()), "unsubscribe-post")

    assert (line.status, "certificate is not valid: self-signed" in line.seen) == (ERROR, True)
    assert "renew the certificate" in line.remedy


def test_credentials_that_are_not_there_are_named(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    lines = lines_of(clinic, desk=SesDesk(SesSettings.model_validate(clinic.settings()["ses"])))

    assert (named(lines, "credentials").status, named(lines, "ses").status) == (ERROR, ERROR)
    assert named(lines, "credentials").seen == "there are no AWS credentials"
    assert "environment, profile or role" in named(lines, "credentials").remedy


def test_credentials_that_aws_does_not_know_are_named(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAWRONG")
    lines = lines_of(clinic, desk=SesDesk(SesSettings.model_validate(clinic.settings()["ses"])))

    assert "UnrecognizedClientException" in named(lines, "ses").seen
    assert named(lines, "ses").remedy == "check the AWS credentials"
    assert named(lines, "credentials").seen.startswith("key …RONG from the environment (AWS_ACCESS_KEY_ID)")


def test_a_clock_too_wrong_for_aws_is_named_although_aws_refuses_to_answer(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.ses.configure(**{**ACCOUNT, "signature_error": "RequestExpired", "clock_offset_seconds": 1200.0})
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "what a wrong time makes of the signature")
    lines = lines_of(clinic, desk=SesDesk(SesSettings.model_validate(clinic.settings()["ses"])))

    assert named(lines, "clock").status is ERROR
    assert re.match(r"1,(199|20\d) seconds behind SES; AWS refuses", named(lines, "clock").seen)
    assert (named(lines, "ses").status, named(lines, "ses").remedy) == (ERROR, "set this machine's clock")


class NoDns:
    """A machine without a network."""

    def look_up(self, question: Question) -> Lookup:
        return Lookup(Fate.UNREACHABLE)


@dataclass(frozen=True)
class Hanging:
    """A page that never answers, and a library that does not give up."""

    release: Event

    def visit(self, method: str, url: str) -> Reply:
        self.release.wait(30)
        return Reply(200)


@pytest.fixture
def closed() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"
