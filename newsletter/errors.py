"""One family of expected errors: what is wrong, what to do, and the exit code of the command.

NewsletterError             1   expected; printed as `error:` and `hint:`, never with a traceback
├── BadInput                2   a file, option or answer is wrong; carries every problem at once
│   ├── InvalidSource       2   publication, issue or layout: file:line:column per problem
│   └── NotFound            2   an issue, layout, subscriber or file that was named is not there
├── NotConfigured           2   a setting or a secret that this command needs is missing
├── Declined                1   the editor said no; nothing was done
├── Interrupted           130   Ctrl-C; what was in flight is settled, the rest waits
├── MailingBusy             3   another process is sending this mailing at this moment
├── MailingStopped          3   the transport cannot go on for now; the mailing can be continued
└── EdgeError               4   the outside world did not do its part (disk, database, SES, S3)
    ├── StoreError          4
    └── TransportError      4

An unexpected exception is a defect of ours: exit 70 and a log file with the traceback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.core.source import Problem


class NewsletterError(Exception):
    """Say what is wrong in one sentence, and in `hint` what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInput(NewsletterError):
    """Something the editor gave cannot be used."""

    exit_code = 2

    @classmethod
    def said(cls, err: ValueError) -> Self:
        """Return it for a value that was refused: what is wrong, and after a semicolon what to do."""
        message, _, hint = str(err).partition("; ")
        return cls(message, hint=hint)


class InvalidSource(BadInput):
    """A file has problems; all of them are here, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} found", hint="nothing was written or sent")
        self.problems = tuple(problems)


class NotFound(BadInput):
    """Something was named that does not exist."""


class NotConfigured(NewsletterError):
    """A setting or secret that this command needs is missing."""

    exit_code = 2


class Declined(NewsletterError):
    """The editor answered no."""


class Interrupted(NewsletterError):
    """The editor pressed Ctrl-C; 130 is the shell's code for it (128 + SIGINT)."""

    exit_code = 130


class MailingBusy(NewsletterError):
    """Another process holds this mailing."""

    exit_code = 3


class MailingStopped(NewsletterError):
    """The mailing stopped before its end and can be continued by the same command."""

    exit_code = 3


class EdgeError(NewsletterError):
    """The outside world failed."""

    exit_code = 4


class StoreError(EdgeError):
    """The database could not be used."""


class TransportError(EdgeError):
    """The transport could not be asked or prepared."""
