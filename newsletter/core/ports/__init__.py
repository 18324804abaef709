"""The ports: what flows ask of the outside world, in at most about six methods each."""

from newsletter.core.ports.feedback import Applied, Events, Feedback, FeedbackInbox, Received, Reports, Shelf
from newsletter.core.ports.readers import (
    Audiences,
    Change,
    Door,
    Effect,
    Intake,
    Readers,
    Statistics,
    Subscribers,
    Suppressions,
    Whom,
)
from newsletter.core.ports.sending import Clock, Contents, Copying, Ledger, Mailings, Senders, TestSends

__all__ = [
    "Applied",
    "Audiences",
    "Change",
    "Clock",
    "Contents",
    "Copying",
    "Door",
    "Effect",
    "Events",
    "Feedback",
    "FeedbackInbox",
    "Intake",
    "Ledger",
    "Mailings",
    "Readers",
    "Received",
    "Reports",
    "Senders",
    "Shelf",
    "Statistics",
    "Subscribers",
    "Suppressions",
    "TestSends",
    "Whom",
]
