"""The `newsletter` program: its commands, and the boundary where expected errors become words and exit codes."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from newsletter.cli import talk
from newsletter.cli.assets import app as assets
from newsletter.cli.audience import app as audience
from newsletter.cli.aws import app as aws
from newsletter.cli.build import build
from newsletter.cli.control import cancel, pause, resume
from newsletter.cli.doctor import doctor
from newsletter.cli.feedback import feedback
from newsletter.cli.layout import app as layout
from newsletter.cli.new import new
from newsletter.cli.outbox import app as outbox
from newsletter.cli.preview import preview
from newsletter.cli.report import report
from newsletter.cli.resolve import resolve
from newsletter.cli.send import send
from newsletter.cli.serve import serve
from newsletter.cli.status import status
from newsletter.cli.store import app as store
from newsletter.cli.subscribers import app as subscribers
from newsletter.cli.suppressions import app as suppressions
from newsletter.cli.test_send import test_send
from newsletter.cli.words import examples
from newsletter.errors import Interrupted, NewsletterError

FIRST_STEPS = examples("new", "preview", "test-send vol-2-issue-4 --group editors", "send vol-2-issue-4")
EXIT_CODES = """\
Exit codes: 0 done; 1 the editor said no, not every message or row was accepted, or the doctor found an error; 2 wrong
input or settings, nothing was written or sent; 3 the mailing stopped or is busy and can be continued; 4 the disk, the
database, SES or S3 failed; 70 a defect of this program (a log file is named); 130 interrupted with Ctrl-C.
"""

# Cycles are few here, and looking for them after every 700 objects is a tenth of all CPU time, of a start as of a send.
OBJECTS_PER_SEARCH = 200_000  # more than a start makes, all of which stay

# Each with what it does in a line, and examples of it.
COMMANDS: Final[Mapping[str, tuple[Callable[..., None], str, Sequence[str]]]] = {
    "new": (new, "Begin an issue.", ["new vol-3-issue-1"]),
    "build": (build, "Render an issue into build/ISSUE/.", ["build vol-1-issue-6 --json"]),
    "preview": (
        preview,
        "Show an issue in the browser and follow every save.",
        ["preview vol-1-issue-6 --port 9000"],
    ),
    "test-send": (
        test_send,
        "Send test copies to reviewers.",
        ["test-send vol-2-issue-3 --to me@example.org", "test-send vol-2-issue-3 --group editors"],
    ),
    "send": (
        send,
        "Send an issue to the list, with an account.",
        [
            "send vol-2-issue-3 --dry-run",
            "send vol-2-issue-3 --to 'tag:us and joined in last 30 days'",
            "send vol-2-issue-3 --canary 1% --wait --between 08:00-20:00",
        ],
    ),
    "status": (status, "Show the account of every mailing.", ["status", "status vol-2-issue-3 --json"]),
    "pause": (pause, "Pause a mailing that is being sent.", ["pause vol-2-issue-3"]),
    "resume": (resume, "Let a paused mailing go on.", ["resume vol-2-issue-3"]),
    "cancel": (cancel, "Cancel a mailing; the rest do not get it.", ["cancel vol-2-issue-3"]),
    "resolve": (
        resolve,
        "List deliveries in doubt, and settle them.",
        ["resolve vol-2-issue-3 --events events.jsonl", "resolve vol-2-issue-3 --accepted all"],
    ),
    "feedback": (
        feedback,
        "Take in bounces, complaints and what else SES tells.",
        ["feedback", "feedback --watch", "feedback --json"],
    ),
    "report": (
        report,
        "Show how an issue did.",
        ["report", "report vol-2-issue-3 --html", "report vol-2-issue-3 --markdown"],
    ),
    "serve": (
        serve,
        "Serve the pages for readers: sign-up, leaving, preferences.",
        ["serve", "serve --host 0.0.0.0 --port 8080 --proxy 10.0.0.0/8"],
    ),
    "doctor": (
        doctor,
        "Say what is not right yet for mail to arrive.",
        ["doctor", "doctor --online", "doctor --online --roundtrip", "doctor --online --json"],
    ),
}
GROUPS: Final = {
    "outbox": outbox,
    "subscribers": subscribers,
    "suppressions": suppressions,
    "audience": audience,
    "layout": layout,
    "store": store,
    "assets": assets,
    "aws": aws,
}


def program(asked: str = "") -> typer.Typer:
    """Return the program: with the one command or group that `asked` names, or else with all; each takes Typer time."""
    app = typer.Typer(
        name="newsletter",
        help="Write a newsletter issue as YAML, see it, test-send it, and send it with an account of every reader.",
        epilog=f"{FIRST_STEPS}\n\n{EXIT_CODES}",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    wanted = {asked} if asked in {*COMMANDS, *GROUPS} else {*COMMANDS, *GROUPS}
    for name, (command, said, lines) in COMMANDS.items():
        if name in wanted:
            app.command(name, short_help=said, epilog=examples(*lines))(command)
    for name, group in GROUPS.items():
        if name in wanted:
            app.add_typer(group, name=name)
    return app


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        talk.data(f"newsletter {version('newsletter')}")
        raise typer.Exit


def _options(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(
            "--project",
            "-C",
            metavar="FOLDER",
            help="Folder of the publication; by default the nearest publication.yaml.",
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 - acted on by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = project


def main() -> None:
    """Run the program; every way out of it ends in an exit code."""
    gc.set_threshold(OBJECTS_PER_SEARCH, *gc.get_threshold()[1:])
    code = run(sys.argv[1:])
    gc.freeze()  # at its end Python would look through all there is for cycles, which takes a tenth of a second
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        code = program(*arguments[:1])(arguments, prog_name="newsletter", standalone_mode=False)
        talk.finish()
        if code == Interrupted.exit_code:  # what Typer makes of Ctrl-C inside a command, without a word
            return _interrupted()
        return code if isinstance(code, int) else 0
    except NewsletterError as err:
        talk.error(err)
        return err.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except Exception as err:  # noqa: BLE001 - the one boundary for what nobody expected
        if hasattr(err, "exit_code") and hasattr(err, "show"):  # wrong usage, in Typer's own words
            err.show()
            return int(err.exit_code)
        from newsletter.cli.defect import write_log

        talk.say(f"error: an unexpected error, a defect of this program: {type(err).__name__}")
        talk.say(f"hint: the details are in {write_log(err)}; please report them")
        return 70


def _interrupted() -> int:
    talk.say("\ninterrupted")
    return Interrupted.exit_code
