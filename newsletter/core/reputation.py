"""The sender's reputation: at which bounces and complaints a mailing stops by itself."""

from __future__ import annotations

from dataclasses import dataclass

# Where SES begins to review an account, and where it may pause its sending (SES developer guide, "Reputation metrics"):
# shares of what was sent.
BOUNCES_REVIEWED_AT = 0.05
BOUNCES_PAUSED_AT = 0.10
COMPLAINTS_REVIEWED_AT = 0.001
COMPLAINTS_PAUSED_AT = 0.005
# Gmail's spam rate: to be kept below the first, never to reach the second ("Email sender guidelines",
# https://support.google.com/mail/answer/81126).
GMAIL_SPAM_TO_STAY_BELOW = 0.001
GMAIL_SPAM_NEVER = 0.003
# A share of few says little: one complaint among the first fifty readers is no pattern yet.
FEWEST_BOUNCES = 5
FEWEST_COMPLAINTS = 2


@dataclass(frozen=True, slots=True)
class Tally:
    """What has come back of a mailing so far: hard bounces and complaints, in recipients."""

    bounced: int = 0
    complained: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What the editor looked at before a mailing was to go on: the figures of that moment."""

    bounced: int = 0
    complained: int = 0
    accepted: int = 0


NOTHING_SEEN = Seen()


def reason_to_stop(tally: Tally, accepted: int, seen: Seen = NOTHING_SEEN) -> str:
    """Return why a mailing must not go on, or nothing; `accepted` is how many the transport took.

    What the editor has seen is past: only what came back since counts, as a share of what went out since.
    """
    since = max(0, accepted - seen.accepted)
    for count, fewest, limit, what in (
        (tally.complained - seen.complained, FEWEST_COMPLAINTS, COMPLAINTS_REVIEWED_AT, "complained"),
        (tally.bounced - seen.bounced, FEWEST_BOUNCES, BOUNCES_REVIEWED_AT, "bounced"),
    ):
        if count >= fewest and count >= limit * since:
            share = f" ({count / since:.1%})" if since else ""
            more = " more" if seen != NOTHING_SEEN else ""
            return f"{count:,}{more} of {since:,} {what}{share}; SES reviews an account at {limit:.1%}"
    return ""
