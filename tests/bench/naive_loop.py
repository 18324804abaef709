"""What a script without this tool does: read the list, build each message with `email.message`, call SendEmail."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3

from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.message import Recipient
from newsletter.core.subscriber import Subscriber
from newsletter.edges.files import Project
from newsletter.flows.build import edition
from tests.bench.composing import _naive
from tests.bench.publication import ISSUE, SECRET


def main(root: Path, roster: Path, endpoint: str) -> None:
    """Send the issue to everybody in a CSV file, one by one, without any account of it."""
    made = edition(Project(root), ISSUE, {})
    compose = _naive(made)
    links = LinkMaker(made.publication.public, [SECRET])
    client = boto3.client("sesv2", region_name="eu-central-1", endpoint_url=endpoint)
    with roster.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            person = Subscriber(address=row["email"], first_name=row["first_name"], last_name=row["last_name"])
            bearer = Bearer(f"uid{number:019}", f"{datetime.now(UTC):%Y%m%d}0000")
            recipient = Recipient(person, f"delivery{number}", lambda name, to=bearer: links.make(name, to))  # type: ignore[misc]
            data = compose(recipient)
            client.send_email(Destination={"ToAddresses": [person.address]}, Content={"Raw": {"Data": data}})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
