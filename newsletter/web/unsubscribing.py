"""Unsubscribe links without a server: what AWS Lambda runs behind a function URL.

It stands in the CloudFormation template as it is here, and so knows nothing but Python and botocore. A link is as
`newsletter.core.links` makes it: its signature alone tells that it is real. GET shows a page with one button and
changes nothing; POST (RFC 8058, or that button) puts the wish into the queue that `newsletter feedback` reads.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import os
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from botocore.session import get_session

INERT = "test-copy"
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{name}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1.2rem}}</style>
<main><h1>{name}</h1><p>{said}</p>{button}<p><a href="{site}">{site}</a></p></main></html>
"""
BUTTON = '<form method="post"><button>Unsubscribe</button></form>'
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
}


def handler(event: Any, _context: object) -> dict[str, Any]:
    """Answer one request."""
    method = event["requestContext"]["http"]["method"]
    door, _, token = event["rawPath"].strip("/").partition("/")
    if door == "view":  # issues live in the archive; which one this is, only a list of mailings knows
        return {"statusCode": 303, "headers": {"location": os.environ["ARCHIVE"]}, "body": ""}
    if door != "unsubscribe":
        return page(404, "There is nothing here. To leave, use the unsubscribe link of any letter.")
    if token == INERT:
        return page(200, "This link is of a test copy: it takes nobody off the list.")
    reader = reader_of(token, keys(time.time() // 300))
    if reader is None:
        return page(404, "This link is broken. Please use the unsubscribe link of any letter, just as it stands there.")
    if method == "POST":
        leave(*reader)
        return page(200, "You are unsubscribed, and will get no more letters.")
    return page(200, "Do you want to leave? One click, and you will get no more letters.", BUTTON)


def reader_of(token: str, signed_by: list[str]) -> tuple[str, str] | None:
    """Return the uids of the subscriber and the mailing that a link was made for, or None if it was not made here."""
    payload, _, signature = token.rpartition(".")
    for key in signed_by:
        derived = hashlib.sha256(b"newsletter.unsubscribe" + b"signer" + key.encode()).digest()
        made = base64.urlsafe_b64encode(hmac.digest(derived, payload.encode(), "sha256")).rstrip(b"=")
        if hmac.compare_digest(made, signature.encode()):
            subscriber, _, mailing = payload.partition(".")
            return subscriber, mailing
    return None


@lru_cache(maxsize=1)
def keys(_minutes: float) -> list[str]:
    """Return the signing keys; they are asked for anew every five minutes, because they may be changed."""
    said = client("secretsmanager").get_secret_value(SecretId=os.environ["KEYS"])["SecretString"]
    return [key.strip() for key in said.split(",") if key.strip()]


def leave(subscriber: str, mailing: str) -> None:
    """Put the wish into the queue. If that fails, so does the request, and the mail program tries again."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    wish = {"kind": "unsubscribe", "subscriber": subscriber, "mailing": mailing, "at": now}
    client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(wish))


def client(service: str) -> Any:
    """Return a client, by the rights of the function's own role."""
    return get_session().create_client(service)


def page(status: int, said: str, button: str = "") -> dict[str, Any]:
    """Return a page in Lambda's terms."""
    name, site = (html.escape(os.environ[each]) for each in ("PUBLICATION", "SITE"))
    body = PAGE.format(name=name, site=site, said=said, button=button)
    return {"statusCode": status, "headers": HEADERS, "body": body}
