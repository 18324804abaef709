"""What a column can mean, what such columns and standings are called anywhere, and how a format says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from newsletter.core.subscriber import Standing


class Meaning(StrEnum):
    """What a column is for, in the words of `--map` and of our own export; any other column is a field."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    NAME = "name"
    TAGS = "tags"
    STANDING = "standing"
    REASON = "standing_reason"
    SINCE = "standing_since"
    PAUSED_UNTIL = "paused_until"
    CONSENT_SOURCE = "consent_source"
    CONSENT_AT = "consent_at"
    CONSENT_IP = "consent_ip"
    CONFIRMED_AT = "confirmed_at"
    CONFIRMED_IP = "confirmed_ip"
    DATA = "data"  # a map in one cell


@dataclass(frozen=True, slots=True)
class Rule:
    """What a column says of a standing: by its words, or in any `other` case; None refuses the row.

    `reason` is kept with those who may not be mailed; {word} in it is what the cell says, {title} the service.
    """

    column: str
    words: Mapping[str, Standing]
    other: Standing | None = None
    reason: str = "{word} at {title}"


@dataclass(frozen=True, slots=True)
class Format:
    """The files of one service.

    A header fits if it has all columns of one of the `signatures`. `files` are beginnings of file names that say what
    everybody in the file is. `exact` is our own export, whose columns mean what their names say and nothing else.
    """

    name: str
    title: str
    signatures: tuple[frozenset[str], ...] = ()
    columns: Mapping[str, Meaning] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    files: Mapping[str, tuple[Standing, str]] = field(default_factory=dict)
    quoted_tags: bool = False
    exact: bool = False
    localised_before: str = ""  # the first column whose name is never translated


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def any_of(*signatures: str) -> tuple[frozenset[str], ...]:
    """Return signatures, each written as the names of its columns."""
    return tuple(frozenset(_listed(signature)) for signature in signatures)


def words(**by_standing: str) -> dict[str, Standing]:
    """Return what words say of a standing; they are written by standing."""
    return {word: Standing(standing) for standing, said in by_standing.items() for word in said.split()}


# What columns are called elsewhere, the likeliest first; also in the languages of Mailchimp's forms.
SYNONYMS: Final[Mapping[Meaning, tuple[str, ...]]] = {
    Meaning.EMAIL: _listed(
        """email email_address e_mail e_mail_address emailaddress emailadresse e_mail_adresse email_adresse
        deine_e_mail_adresse adresse_e_mail adresse_email courriel correo_electronico direccion_de_correo_electronico
        indirizzo_email indirizzo_e_mail endereco_de_email e_mailadres emailadres address"""
    ),
    Meaning.FIRST_NAME: _listed(
        "first_name firstname fname given_name vorname prenom nombre nome voornaam fornavn fornamn imie"
    ),
    Meaning.LAST_NAME: _listed(
        """last_name lastname lname surname family_name nachname nom nom_de_famille apellidos apellido cognome sobrenome
        achternaam efternamn efternavn etternavn nazwisko"""
    ),
    Meaning.NAME: ("name", "full_name", "fullname"),
    Meaning.TAGS: ("tags", "tag", "labels"),
}
STATUS: Final = ("standing", "status", "state", "subscription_status", "subscriber_status")
PLAIN_WORDS: Final = {"": Standing.ACTIVE} | words(
    active="active subscribed enabled confirmed regular",
    unconfirmed="unconfirmed pending unactivated nonsubscribed",
    unsubscribed="unsubscribed cancelled canceled opted_out optout",
    bounced="bounced cleaned undeliverable unreachable invalid",
    complained="complained complaint spam",
    disabled="disabled inactive blocklisted blacklisted blocked suppressed",
    removed="removed deleted",
)
IMPORTED: Final = "{word} according to the imported list"
