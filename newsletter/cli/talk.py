"""The only printer: data on stdout, talk on stderr, colour and progress only on a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from newsletter.errors import EdgeError, InvalidSource, NewsletterError

if TYPE_CHECKING:
    from newsletter.core.account import Account
    from newsletter.flows.progress import Progress

SHOW_CURSOR = b"\r\n\x1b[?25h"  # DECTCEM
SHOWN = 20  # names in a list before the rest is only counted


def data(text: str) -> None:
    """Print a line of the answer.

    Raises:
        EdgeError: it cannot be written, because the disk is full, for instance.
    """
    try:
        sys.stdout.write(text + "\n")
    except BrokenPipeError:
        raise
    except OSError as err:
        raise _unwritable(err) from err


def document(value: Mapping[str, Any] | list[Any]) -> None:
    """Print the answer as JSON."""
    data(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def documents(values: Iterable[Mapping[str, Any]]) -> None:
    """Print many answers as JSON Lines, one each, in flat memory."""
    for value in values:
        data(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    """Return a moment as RFC 3339 writes it, and anything else as its text."""
    return value.isoformat() if isinstance(value, date) else str(value)


def flush() -> None:
    """Let whoever reads through a pipe have what was printed."""
    sys.stdout.flush()


def finish() -> None:
    """Hand over what was printed; whoever reads through a pipe may have had enough.

    Raises:
        EdgeError: it cannot be written.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _write_no_more()
    except OSError as err:
        raise _unwritable(err) from err


def _unwritable(err: OSError) -> EdgeError:
    _write_no_more()
    return EdgeError(f"the answer cannot be written: {err.strerror}", hint="make room, or write it somewhere else")


def _write_no_more() -> None:
    # Python would try once more when it ends, and complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str = "") -> None:
    """Print a line of talk."""
    sys.stderr.write(text + "\n")


def patience(text: str) -> None:
    """Tell whoever sits at a terminal what takes long."""
    if sys.stderr.isatty():
        say(text)


def let_go() -> None:
    """Give the terminal back as it was, with its cursor, below what a progress bar shows."""
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), SHOW_CURSOR)


def table(rows: Iterable[tuple[str, object]]) -> None:
    """Print names and values in two columns, as an answer."""
    pairs = [(name, str(value)) for name, value in rows]
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        data(f"  {name:<{width}}  {value}")


def error(err: NewsletterError) -> None:
    """Print what is wrong and what to do; a file's problems one per line."""
    if isinstance(err, InvalidSource):
        for problem in err.problems:
            say(str(problem))
    say(f"error: {err.message}")
    if err.hint:
        say(f"hint: {err.hint}")


def ask(question: str) -> str:
    """Return the editor's answer, empty when there is nobody to ask."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def size(count: int) -> str:
    """Return a number of bytes for reading."""
    return f"{count:,} bytes" if count < 10_000 else f"{count / 1000:,.1f} kB"


def duration(seconds: float) -> str:
    """Return a duration for reading: the two largest units."""
    whole = round(seconds)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(shown) or "less than a second"


def account_line(account: Account) -> str:
    """Return the account as the sum it is."""
    parts = [f"{count:,} {state}" for state, count in account.parts]
    return f"{account.intended:,} intended = " + " + ".join(parts)


@contextmanager
def counter(what: str, *, silent: bool = False) -> Iterator[Callable[[int], None]]:
    """Show how many there are so far, once a second; without a terminal, nothing."""
    if silent or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (bars.TextColumn("{task.completed:,} {task.description}"), bars.TimeElapsedColumn())
    with bars.Progress(*columns, console=Console(stderr=True), refresh_per_second=1, transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda count: shown.update(task, completed=count)


@contextmanager
def progress(title: str) -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar with rate, or what is waited for, and time left; without a terminal, nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TextColumn("[progress.download]{task.fields[count]}"),
        bars.TextColumn("{task.fields[rate]}"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(title, total=None, count="", rate="")

        def tell(now: Progress) -> None:
            rate = f"{now.per_second:,.1f}/s" if now.per_second else ""
            count = f"{now.done:,}/{now.intended:,}"
            shown.update(task, completed=now.done, total=now.intended, count=count, rate=now.waiting or rate)

        yield tell
