"""A copy of the repository's publication to measure in, with a list of any length."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.measuring import process

REPOSITORY = Path(__file__).parents[2]
ISSUE = "vol-2-issue-3"
SECRET = "a-made-up-secret-of-more-than-forty-characters"


@contextmanager
def publication() -> Iterator[Path]:
    """Yield a folder with the publication, its issues and its layout."""
    with tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder:
        root = Path(folder)
        shutil.copy(REPOSITORY / "publication.yaml", root)
        for name in ("issues", "layouts"):
            shutil.copytree(REPOSITORY / name, root / name)
        yield root


def environment(root: Path, endpoint: str | None = None) -> Mapping[str, str]:
    """Return the environment of a measured process: this code, compiled once as installed code is, no AWS settings."""
    left_out = ("AWS_", "NEWSLETTER_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    mine = {"PYTHONPATH": str(REPOSITORY), "HOME": str(root), "NEWSLETTER_SECRET": SECRET}
    if endpoint is None:
        return kept | mine
    ses = {
        "NEWSLETTER_TRANSPORT": "ses",
        "NEWSLETTER_SES_ENDPOINT_URL": endpoint,
        "NEWSLETTER_SES_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return kept | mine | ses


def write_list(path: Path, count: int) -> None:
    """Write a CSV file of `count` made-up subscribers."""
    with path.open("w", encoding="utf-8") as file:
        file.write("email,first_name,last_name,tags,organization\n")
        for number in range(count):
            file.write(f"reader{number}@example.com,Reader{number},Example,us;fleet,Company {number % 97}\n")


def write_json(path: Path, count: int) -> None:
    """Write the same subscribers as an array of JSON objects, one on each line."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            person = {
                "email": f"reader{number}@example.com",
                "first_name": f"Reader{number}",
                "last_name": "Example",
                "tags": ["us", "fleet"],
                "organization": f"Company {number % 97}",
            }
            file.write((",\n" if number else "[") + json.dumps(person))
        file.write("]\n")


def newsletter(*arguments: str) -> list[str]:
    """Return the command line that runs the program."""
    return [sys.executable, "-m", "newsletter", *arguments]


def freeze(root: Path, env: Mapping[str, str]) -> None:
    """Begin the mailing of the issue without sending any of it, so that several processes can begin at once."""
    begins = datetime.now(UTC) + timedelta(seconds=5)  # the program must load before
    process(newsletter("send", ISSUE, "--yes", "--at", begins.isoformat()), cwd=root, env=env)
    time.sleep(max(0.0, (begins - datetime.now(UTC)).total_seconds()))
