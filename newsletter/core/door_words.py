"""What the public doors say, on their pages and in the mail that asks to confirm; a publication replaces any of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from newsletter.core.source import Document, Problem
from newsletter.core.typed import did_you_mean
from newsletter.core.words import flaws, said

# What stands in braces is put in. `mail_text` is Markdown.
ENGLISH: Final[Mapping[str, str]] = {
    # the sign-up form
    "sign_up_title": "Subscribe to {publication}",
    "sign_up_text": "It comes by email, and one click in any issue ends it.",
    "address": "Email address",
    "first_name": "First name",
    "last_name": "Last name",
    "optional": "optional",
    "topics": "Topics",
    "sign_up": "Subscribe",
    "leave_empty": "Leave this field empty",
    "wrong_address": "This is not an email address. Write it like robin@example.org.",
    "asked_title": "Look into your mailbox",
    "asked_text": "Unless the address is on the list already, a message to it is under way. "
    "Follow the link in it to subscribe. If it does not come, look into the spam folder.",
    # the mail that asks to confirm
    "mail_subject": "Please confirm your subscription to {publication}",
    "mail_preheader": "One click, and you are on the list",
    "mail_text": "Somebody, most likely you, asked for {publication} to come to this address. Is that right?",
    "mail_button": "Yes, subscribe me",
    "mail_why": "If it was not you, do nothing: without the click no issue comes to you.",
    # its link
    "confirm_title": "One last click",
    "confirm_text": "Press the button, and {publication} comes to you from now on.",
    "confirm": "Subscribe me",
    "confirmed_title": "You are on the list",
    "confirmed_text": "{publication} comes to you from now on.",
    # leaving
    "unsubscribe_title": "Leave {publication}?",
    "unsubscribe_text": "Press the button, and no issue comes to you any more.",
    "unsubscribe": "Unsubscribe",
    "unsubscribed_title": "You have left",
    "unsubscribed_text": "{publication} does not come to you any more.",
    "come_back_text": "Was it a mistake?",
    "come_back": "Subscribe me again",
    # preferences
    "preferences_title": "Your preferences",
    "pause": "Pause until",
    "pause_text": "No issue comes before this day. Leave it empty for no pause.",
    "wrong_day": "This is not a day within the next year. Write it like 2027-03-31.",
    "save": "Save",
    "saved": "Saved.",
    # whatever else a link can lead to
    "absent_title": "You are not on the list",
    "absent_text": "There is nothing to change here. You can subscribe at any time.",
    "test_title": "This is a test copy",
    "test_text": "Its links change nothing. Those in the copies that readers get work.",
    "own_title": "This link is in your own mail",
    "own_text": "What was opened here is the mail of one reader. "
    "The links to leave and to change preferences are at the end of each mail that you get.",
    "broken_title": "This link does not work",
    "broken_text": "Part of it may have been lost. Open it once more from the mail itself.",
    "gone_title": "This issue is not kept here",
    "gone_text": "You may find it in the archive.",
    "archive": "To the archive",
    "later_title": "Please try again later",
    "later_text": "Something failed on our side. Nothing was changed.",
    "often_title": "Please wait a while",
    "often_text": "There were too many attempts. Try again in a few minutes.",
    "refused_title": "This cannot be done",
    "refused_text": "What was sent cannot be read. Go back and try once more.",
}

_MERGE_FIELD = "{{"


def door_words(own: Mapping[str, str], name: str) -> Mapping[str, str]:
    """Return everything that the doors of a publication of this name say, with its own words where it has any."""
    return {key: said(own.get(key, words), publication=name) for key, words in ENGLISH.items()}


def wrong_words(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the words that a publication's file gives."""
    own = document.data.get("words") if isinstance(document.data, dict) else None
    for key, words in own.items() if isinstance(own, dict) else ():
        path = ("words", key)
        if key not in ENGLISH:
            yield document.problem(path, f"the doors say nothing that is called {key!r}", did_you_mean(key, ENGLISH))
        elif isinstance(words, str):
            for flaw in flaws(words, ENGLISH[key]):
                yield document.problem(path, flaw.message, flaw.hint, mark=document.locate(path, flaw.offset))
            if _MERGE_FIELD in words:
                mark = document.locate(path, words.index(_MERGE_FIELD))
                yield document.problem(path, "holds a merge field", "pages have none; leave it out", mark=mark)
