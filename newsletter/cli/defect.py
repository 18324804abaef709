"""A log file for the unexpected: versions, command and traceback."""

from __future__ import annotations

import platform
import re
import sys
import tempfile
import traceback
from importlib import metadata
from pathlib import Path

from newsletter.cli import talk

_ADDRESS = re.compile(r"[^\s@<>\"'=(,]+@[^\s@<>\"',)]+")
_SECRET_URL = re.compile(r"(://[^:/@\s]*:)[^@\s]*@")
_REPORTED = ("newsletter", "typer", "sqlalchemy", "botocore", "mjml-python", "premailer")


def write_log(err: Exception) -> Path:
    """Write what is known about a defect to a file and return its path; addresses and passwords are masked."""
    lines = [
        f"command: {sys.argv[1:2]}",
        f"python: {platform.python_version()} on {platform.system()}",
        *(f"{name}: {metadata.version(name)}" for name in _REPORTED),
        "",
        *traceback.format_exception(err),
    ]
    text = _SECRET_URL.sub(r"\1***@", "\n".join(lines))
    with tempfile.NamedTemporaryFile(
        "w", prefix="newsletter-error-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write(_ADDRESS.sub("<address>", text))
    return Path(file.name)


def report(err: Exception) -> str:
    """Tell of a defect that does not end the program, and return where its details are."""
    details = f"the details are in {write_log(err)}; please report them"
    talk.say(f"error: an unexpected error, a defect of this program: {type(err).__name__}; {details}")
    return details
