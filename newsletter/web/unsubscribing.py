"""Unsubscribe links without a server: what AWS Lambda runs behind a function URL.

It stands in the CloudFormation template as it is here, and so knows nothing but Python and botocore; what its pages
are, `newsletter.web.inline` puts behind it. A link is as `newsletter.core.links` makes it: its signature alone tells
that it is real. It answers as `newsletter.web.public.leaving` does: GET changes nothing; POST (RFC 8058, or the page's
button) puts the wish into the queue that `newsletter feedback` reads.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

STYLE = ""
PAGES: Mapping[str, str] = {}
HEADERS: Mapping[str, str] = {}

INERT = "test-copy"
LOOKING = ("GET", "HEAD")
DOORS = {"unsubscribe": (*LOOKING, "POST"), "preferences": LOOKING, "view": LOOKING}


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer one request. What fails is answered so that a mail program tries again."""
    try:
        return answer(event["requestContext"]["http"]["method"], unquote(event["rawPath"]))
    except (BotoCoreError, ClientError) as err:
        sys.stderr.write(f"a reader was asked to try again later: {err}\n")
        return page(503, "later", {"retry-after": "60"})


def answer(method: str, path: str) -> dict[str, Any]:
    """Answer a request for a path, whatever stands before the door's name in it."""
    *_, door, token = ("", *path.strip("/").split("/"))
    if (door, token) == ("", "favicon.ico"):
        return reply(204)
    if door not in DOORS:
        return page(404, "broken")
    if method not in DOORS[door]:
        return page(405, "refused", {"allow": ", ".join(DOORS[door])})
    if door == "view":  # issues live in the archive; which one this is, only a list of mailings knows
        return reply(303, {"location": os.environ["ARCHIVE"]})
    return page(200, "test") if token == INERT else answer_to_reader(method, door, token)


def answer_to_reader(method: str, door: str, token: str) -> dict[str, Any]:
    """Answer whoever has a reader's link, or seems to."""
    signed_by = keys(time.time() // 300)
    reader = reader_of(door, token, signed_by)
    if reader is None:
        return page(404, "broken")
    if door == "preferences":  # to leave is all that can be chosen without a list
        return reply(303, {"location": f"../unsubscribe/{token_for(reader, signed_by)}"})
    if method == "POST":
        leave(*reader)
        return page(200, "unsubscribed")
    return page(200, "unsubscribe")


def reader_of(door: str, token: str, signed_by: Sequence[str]) -> tuple[str, str] | None:
    """Return the uids of the subscriber and the mailing that a link was made for, or None if it was not made here."""
    payload, _, signature = token.rpartition(".")
    for key in signed_by:
        if hmac.compare_digest(signature_of(door, payload, key), signature.encode()):
            subscriber, _, mailing = payload.partition(".")
            return subscriber, mailing
    return None


def token_for(reader: tuple[str, str], signed_by: Sequence[str]) -> str:
    """Return what a reader's unsubscribe link ends with; the newest key, the last one, signs."""
    payload = ".".join(reader)
    return f"{payload}.{signature_of('unsubscribe', payload, signed_by[-1]).decode()}"


def signature_of(door: str, payload: str, key: str) -> bytes:
    """Return the signature of one door: its part of a keyed BLAKE2b, in their order."""
    secret = hashlib.blake2b(key.encode(), person=b"newsletter.links").digest()
    every = base64.urlsafe_b64encode(hashlib.blake2b(payload.encode(), key=secret, digest_size=60).digest())
    return every[16 * [*DOORS].index(door) :][:16]


@lru_cache(maxsize=1)
def keys(_minutes: float) -> list[str]:
    """Return the signing keys; they are asked for anew every five minutes, because they may be changed."""
    said = client("secretsmanager").get_secret_value(SecretId=os.environ["KEYS"])["SecretString"]
    return [key.strip() for key in said.split(",") if key.strip()]


def leave(subscriber: str, mailing: str) -> None:
    """Put the wish into the queue."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    wish = {"kind": "unsubscribe", "subscriber": subscriber, "mailing": mailing, "at": now}
    client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(wish))


@cache
def client(service: str) -> Any:
    """Return a client, by the rights of the function's own role; to make one takes longer than all the rest."""
    return get_session().create_client(service)


def page(status: int, name: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return one of the pages; the style that they share is put in."""
    html = {"content-type": "text/html; charset=utf-8"}
    body = PAGES[name].replace("<style></style>", f"<style>{STYLE}</style>")
    return reply(status, {**html, **(more or {})}, body)


def reply(status: int, more: Mapping[str, str] | None = None, body: str = "") -> dict[str, Any]:
    """Return an answer in Lambda's terms."""
    return {"statusCode": status, "headers": {**HEADERS, **(more or {})}, "body": body}
