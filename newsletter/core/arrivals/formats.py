"""What the files of each service look like: by which columns one knows it, what they mean, who may not be mailed.

Names of columns are in the form of `cells.plain`. Sources: the exporters of Ghost, listmonk and Keila; Buttondown's
documentation; files that readers of Mailchimp, Substack and beehiiv have published; the API of Kit, whose export is
documented nowhere.
"""

from __future__ import annotations

from typing import Final

from newsletter.core.arrivals.cells import plain
from newsletter.core.arrivals.meaning import IMPORTED, PLAIN_WORDS, STATUS, Format, Meaning, Rule, any_of, words
from newsletter.core.subscriber import Standing

OWN: Final = Format(
    name="csv",
    title="an export of this tool",
    signatures=any_of("email standing consent_source consent_at"),
    columns={meaning: meaning for meaning in Meaning if meaning not in {Meaning.NAME, Meaning.DATA}},
    rules=(Rule("standing", {"": Standing.ACTIVE} | {standing: standing for standing in Standing}, reason=""),),
    exact=True,
)
# When somebody left, or worse: where such a time is, they did.
_TIMES: Final = {
    "unsubscribed_at": Standing.UNSUBSCRIBED,
    "unsub_time": Standing.UNSUBSCRIBED,
    "bounced_at": Standing.BOUNCED,
    "clean_time": Standing.BOUNCED,
    "complained_at": Standing.COMPLAINED,
}
ANY: Final = Format(
    name="csv",
    title="CSV",
    columns={
        "consent_source": Meaning.CONSENT_SOURCE,
        **dict.fromkeys(("consent_at", "created_at", "optin_time", "subscribed_at"), Meaning.CONSENT_AT),
        **dict.fromkeys(("consent_ip", "optin_ip", "ip_address"), Meaning.CONSENT_IP),
        **dict.fromkeys(("confirmed_at", "confirm_time"), Meaning.CONFIRMED_AT),
        **dict.fromkeys(("confirmed_ip", "confirm_ip"), Meaning.CONFIRMED_IP),
        **dict.fromkeys(_TIMES, Meaning.SINCE),
    },
    rules=(
        *(Rule(column, PLAIN_WORDS, reason=IMPORTED) for column in STATUS),
        *(
            Rule(column, {"": Standing.ACTIVE}, standing, IMPORTED.format(word=standing.value))
            for column, standing in _TIMES.items()
        ),
    ),
)

KNOWN: Final = (
    OWN,
    Format(
        name="mailchimp",
        title="Mailchimp",
        signatures=any_of("member_rating optin_time leid euid", "optin_time confirm_time leid euid"),
        columns={
            "optin_time": Meaning.CONSENT_AT,
            "optin_ip": Meaning.CONSENT_IP,
            "confirm_time": Meaning.CONFIRMED_AT,
            "confirm_ip": Meaning.CONFIRMED_IP,
            "unsub_time": Meaning.SINCE,
            "clean_time": Meaning.SINCE,
            "unsub_reason": Meaning.REASON,
            "unsub_reason_other": Meaning.REASON,
        },
        # Whole files are of one kind, and the cell may be empty.
        rules=(
            Rule("unsub_time", {}, Standing.UNSUBSCRIBED, "unsubscribed at {title}"),
            Rule("clean_time", {}, Standing.BOUNCED, "cleaned by {title}"),
        ),
        files={"nonsubscribed": (Standing.UNCONFIRMED, "never subscribed at Mailchimp")},
        quoted_tags=True,
        localised_before="member_rating",
    ),
    Format(
        name="substack",
        title="Substack",
        signatures=any_of(
            "email email_disabled", "email active_subscription", "email subscription_type subscription_date"
        ),
        columns={"created_at": Meaning.CONSENT_AT, "subscription_date": Meaning.CONSENT_AT},
        rules=(
            Rule(
                "email_disabled",
                {"": Standing.ACTIVE, "false": Standing.ACTIVE, "true": Standing.DISABLED},
                reason="email disabled at {title}",
            ),
            Rule("receiving_emails_for", {"": Standing.DISABLED}, Standing.ACTIVE, "receives no emails from {title}"),
        ),
    ),
    Format(
        name="buttondown",
        title="Buttondown",
        signatures=any_of("email subscriber_type", "email_address subscriber_type"),
        columns={
            "creation_date": Meaning.CONSENT_AT,
            "ip_address": Meaning.CONSENT_IP,
            "unsubscription_date": Meaning.SINCE,
            "metadata": Meaning.DATA,
        },
        rules=(
            Rule(
                "subscriber_type",
                words(
                    active="regular premium trialed unpaid gifted churning churned paused past_due upcoming",
                    unconfirmed="unactivated",
                    unsubscribed="unsubscribed",
                    bounced="undeliverable",
                    complained="complained",
                    disabled="blocked spammy",
                    removed="removed",
                ),
            ),
        ),
    ),
    Format(
        name="ghost",
        title="Ghost",
        signatures=any_of("email subscribed_to_emails"),
        columns={"created_at": Meaning.CONSENT_AT},
        rules=(
            Rule(
                "subscribed_to_emails",
                {"true": Standing.ACTIVE},
                Standing.UNSUBSCRIBED,
                "not subscribed to emails at {title}",
            ),
            Rule("deleted_at", {"": Standing.ACTIVE}, Standing.REMOVED, "deleted at {title}"),
        ),
    ),
    Format(
        name="beehiiv",
        title="beehiiv",
        signatures=any_of("email status tier created_at", "email status subscription_tier created_at"),
        columns={"created_at": Meaning.CONSENT_AT, "unsubscribed_at": Meaning.SINCE},
        rules=(
            Rule(
                "status",
                words(
                    active="active",
                    unconfirmed="pending validating needs_attention",
                    unsubscribed="inactive unsubscribed",
                    bounced="invalid",
                    disabled="paused",
                ),
            ),
            Rule("unsubscribed_at", {"": Standing.ACTIVE}, Standing.UNSUBSCRIBED, "unsubscribed at {title}"),
        ),
    ),
    Format(
        name="kit",
        title="Kit",
        signatures=any_of(
            "email_address first_name state created_at", "email first_name state created_at tags", "email confirmed_at"
        ),
        columns={
            "created_at": Meaning.CONSENT_AT,
            "confirmed_at": Meaning.CONFIRMED_AT,
            "source": Meaning.CONSENT_SOURCE,
            "fields": Meaning.DATA,
        },
        rules=tuple(
            Rule(
                column,
                words(
                    active="active confirmed",
                    unconfirmed="inactive unconfirmed",
                    unsubscribed="cancelled canceled unsubscribed",
                    bounced="bounced",
                    complained="complained",
                    disabled="blocked",
                ),
            )
            for column in ("state", "status")
        ),
    ),
    Format(
        name="listmonk",
        title="listmonk",
        signatures=any_of("uuid email attributes status", "email name attributes"),
        columns={"created_at": Meaning.CONSENT_AT, "attributes": Meaning.DATA},
        rules=(Rule("status", words(active="enabled", disabled="disabled blocklisted")),),
    ),
    Format(
        name="keila",
        title="Keila",
        signatures=any_of("email data status external_id", "email first_name last_name data external_id"),
        columns={"data": Meaning.DATA},
        rules=(Rule("status", words(active="active", unsubscribed="unsubscribed", bounced="unreachable")),),
    ),
)
# A field with one of these names would be taken for something else when our own export comes back.
_TAKEN: Final = frozenset(OWN.columns)
NAMES: Final = ("auto", *(each.name for each in KNOWN if each is not OWN), "csv")


def field_name(of: Format, name: str) -> str:
    """Return the name of the field that a column or a key becomes: that in which merge fields can say it."""
    if of.exact:
        return name
    key = plain(name) or name
    return f"{of.name}_{key}" if key in _TAKEN else key
