"""CPU of a call to SES: a raw message, and a bulk call per recipient, each against botocore's own client.

All four talk to the double over HTTP from this process, in turn; the double's own work is not counted. Messages and
sheets are ready-made: what is measured is the way from them to an outcome.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from statistics import median
from typing import Any

from botocore.config import Config
from botocore.session import Session

from newsletter.core.bulk import Entry, Sheet
from newsletter.core.delivery import Accepted
from newsletter.core.publication import SesSettings
from newsletter.core.ways import Parcel
from newsletter.edges.ses import Ses
from newsletter.edges.ses_requests import MOST_PER_CALL
from tests.bench.measuring import paired
from tests.doubles import ACCESS_KEY, REGION, SECRET_KEY, running_ses

CALLS, ROUNDS = 60, 9
NAMED = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_EC2_METADATA_DISABLED": "true"}


def main() -> None:
    """Print milliseconds of CPU and their ratios."""
    os.environ.update(NAMED)
    with running_ses(max_send_rate=1e9, keep="counts", check_messages=False) as double:
        settings = SesSettings(region=REGION, endpoint_url=double.endpoint)
        ses = Ses(settings)
        once = Config(retries={"total_max_attempts": 1})
        client: Any = Session().create_client("sesv2", REGION, endpoint_url=double.endpoint, config=once)
        print(f"calling SES                           CPU ms each{'botocore':>12}{'ratio':>8}{'per CPU s':>12}")
        parcel = Parcel("delivery0", "mailing0", "reader0@example.net", _message(95_000))
        _show("SendEmail, 95 kB, per message", 1, lambda: _sent(ses, parcel), lambda: _sent_plainly(client, parcel))
        sheet, entries = _sheet(60_000), [_entry(number) for number in range(MOST_PER_CALL)]
        _show(
            "SendBulkEmail, 60 kB, per recipient",
            MOST_PER_CALL,
            lambda: _sent_bulk(ses, sheet, entries),
            lambda: _sent_bulk_plainly(client, sheet, entries),
        )
        client.close()
        ses.close()


def _show(name: str, recipients: int, ours: Callable[[], None], theirs: Callable[[], None]) -> None:
    for each_opens_its_connection in (ours, theirs):
        each_opens_its_connection()
    rounds = paired(lambda: _often(ours), lambda: _often(theirs), rounds=ROUNDS)
    each = CALLS * recipients / 1000
    mine, other = median(one for one, _ in rounds) / each, median(two for _, two in rounds) / each
    ratio = median(two / one for one, two in rounds)
    print(f"{name:<37}{mine:12.4f}{other:12.4f}{ratio:8.1f}{1000 / mine:12,.0f}")


def _often(call: Callable[[], None]) -> None:
    for _ in range(CALLS):
        call()


def _sent(ses: Ses, parcel: Parcel) -> None:
    assert isinstance(ses.send(parcel), Accepted)


def _sent_plainly(client: Any, parcel: Parcel) -> None:
    client.send_email(
        Destination={"ToAddresses": [parcel.address]},
        Content={"Raw": {"Data": parcel.message}},
        EmailTags=_tags(parcel.delivery_id),
    )


def _sent_bulk(ses: Ses, sheet: Sheet, entries: list[Entry]) -> None:
    assert all(isinstance(outcome, Accepted) for outcome in ses.send_bulk(sheet, "mailing0", entries))


def _sent_bulk_plainly(client: Any, sheet: Sheet, entries: list[Entry]) -> None:
    content = {"Subject": sheet.subject, "Text": sheet.text, "Html": sheet.html}
    answer = client.send_bulk_email(
        FromEmailAddress=sheet.sender,
        DefaultContent={"Template": {"TemplateContent": content, "TemplateData": json.dumps(sheet.defaults)}},
        BulkEmailEntries=[
            {
                "Destination": {"ToAddresses": [entry.to]},
                "ReplacementTags": _tags(entry.delivery_id),
                "ReplacementEmailContent": {
                    "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(entry.values)}
                },
                "ReplacementHeaders": [{"Name": name, "Value": value} for name, value in entry.headers],
            }
            for entry in entries
        ],
    )
    assert all(result["Status"] == "SUCCESS" for result in answer["BulkEmailEntryResults"])


def _tags(delivery_id: str) -> list[dict[str, str]]:
    return [{"Name": "delivery", "Value": delivery_id}, {"Name": "mailing", "Value": "mailing0"}]


def _message(size: int) -> bytes:
    head = b"From: News <news@example.com>\r\nTo: reader0@example.net\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n\r\n"
    line = b"Two and seventy characters of text, encoded as quoted-printable =C3=A9t=C3=A9\r\n"
    return head + line * ((size - len(head)) // len(line))


def _sheet(size: int) -> Sheet:
    line = "<p style='color:#333'>Grüße, {{name}}: <a href='{{unsubscribe}}'>leave</a></p>\n"
    text = "Grüße, {{name}}: {{unsubscribe}}\n" * 300
    defaults = {"name": "reader", "unsubscribe": "", "web": ""}
    return Sheet("News <news@example.com>", None, "Hello {{name}}", text, line * (size // len(line)), defaults)


def _entry(number: int) -> Entry:
    link = f"https://news.example.com/unsubscribe/{number:064}"
    headers = (
        ("List-Unsubscribe", f"<{link}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("X-Newsletter-Delivery", f"delivery{number}"),
    )
    values = {"name": f"Reader {number}", "unsubscribe": link, "web": link}
    return Entry(f"delivery{number}", f"Reader <reader{number}@example.net>", values, headers)


if __name__ == "__main__":
    main()
