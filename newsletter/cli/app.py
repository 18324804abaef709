"""The `newsletter` program: its commands, and the boundary where expected errors become words and exit codes."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Annotated

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
app.command(short_help="Begin an issue.", epilog=examples("new", "new vol-3-issue-1"))(new)
app.command(short_help="Render an issue into build/ISSUE/.", epilog=examples("build", "build vol-1-issue-6 --json"))(
    build
)
app.command(
    short_help="Show an issue in the browser and follow every save.",
    epilog=examples("preview", "preview vol-1-issue-6 --port 9000"),
)(preview)
app.command(
    "test-send",
    short_help="Send test copies to reviewers.",
    epilog=examples("test-send vol-2-issue-3 --to me@example.org", "test-send vol-2-issue-3 --group editors"),
)(test_send)
app.command(
    short_help="Send an issue to the list, with an account.",
    epilog=examples(
        "send vol-2-issue-3 --dry-run",
        "send vol-2-issue-3 --to 'tag:us and joined in last 30 days'",
        "send vol-2-issue-3 --canary 1% --wait --between 08:00-20:00",
    ),
)(send)
app.command(short_help="Show the account of every mailing.", epilog=examples("status", "status vol-2-issue-3 --json"))(
    status
)
app.command(short_help="Pause a mailing that is being sent.", epilog=examples("pause vol-2-issue-3"))(pause)
app.command(short_help="Let a paused mailing go on.", epilog=examples("resume vol-2-issue-3"))(resume)
app.command(short_help="Cancel a mailing; the rest do not get it.", epilog=examples("cancel vol-2-issue-3"))(cancel)
app.command(
    short_help="List deliveries in doubt, and settle them.",
    epilog=examples("resolve vol-2-issue-3 --events events.jsonl", "resolve vol-2-issue-3 --accepted all"),
)(resolve)
app.command(
    short_help="Take in bounces, complaints and what else SES tells.",
    epilog=examples("feedback", "feedback --watch", "feedback --json"),
)(feedback)
app.command(
    short_help="Show how an issue did.",
    epilog=examples("report", "report vol-2-issue-3 --html", "report vol-2-issue-3 --markdown"),
)(report)
app.command(
    short_help="Serve the pages for readers: sign-up, leaving, preferences.",
    epilog=examples("serve", "serve --host 0.0.0.0 --port 8080 --proxy 10.0.0.0/8"),
)(serve)
app.command(
    short_help="Say what is not right yet for mail to arrive.",
    epilog=examples("doctor", "doctor --online", "doctor --online --roundtrip", "doctor --online --json"),
)(doctor)
app.add_typer(outbox, name="outbox")
app.add_typer(subscribers, name="subscribers")
app.add_typer(suppressions, name="suppressions")
app.add_typer(audience, name="audience")
app.add_typer(layout, name="layout")
app.add_typer(store, name="store")
app.add_typer(assets, name="assets")
app.add_typer(aws, name="aws")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        talk.data(f"newsletter {version('newsletter')}")
        raise typer.Exit


@app.callback()
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
        code = app(arguments, prog_name="newsletter", standalone_mode=False)
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
