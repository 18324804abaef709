"""AWS Signature Version 4, the verifying side, written from the specification."""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

from tests.doubles.errors import Refusal
from tests.doubles.wire import Request

ACCESS_KEY: Final = "testing"
SECRET_KEY: Final = "testing"
MAX_SKEW_SECONDS: Final = 15 * 60
_SERVICE: Final = "ses"
_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_AUTHORIZATION: Final = re.compile(
    _ALGORITHM + r" Credential=([^/, ]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request,"
    r" ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})"
)


def verify(request: Request, *, now: float, mismatch: str = "SignatureDoesNotMatch") -> str:
    """Check that the request was signed with our secret, and return the region it was signed for."""
    header = request.headers.get("authorization")
    if header is None:
        raise Refusal("MissingAuthenticationToken", "Request is missing Authentication Token")
    found = _AUTHORIZATION.fullmatch(header)
    if found is None:
        raise Refusal("IncompleteSignature", "Authorization header is not in the form of AWS4-HMAC-SHA256.")
    access_key, day, region, service, signed_headers, signature = found.groups()
    if access_key != ACCESS_KEY:
        raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
    stamp = request.headers.get("x-amz-date", "")
    _check_date(stamp, day, now=now)
    _check_scope(service, signed_headers.split(";"), request, mismatch)
    scope = f"{day}/{region}/{service}/aws4_request"
    canonical = hashlib.sha256(_canonical(request, signed_headers)).hexdigest()
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{canonical}".encode()
    if not hmac.compare_digest(hmac.new(_key(day, region), to_sign, hashlib.sha256).hexdigest(), signature):
        raise Refusal(mismatch, "The request signature we calculated does not match the signature you provided.")
    return region


def _check_date(stamp: str, day: str, *, now: float) -> None:
    at = _seconds(stamp)
    if not stamp.startswith(day):
        raise Refusal("IncompleteSignature", "Date in Credential scope does not match the date of the request.")
    if abs(now - at) > MAX_SKEW_SECONDS:
        raise Refusal("RequestExpired", f"Signature expired: {stamp} is too far from the time of the service.")


@lru_cache(maxsize=16)
def _seconds(stamp: str) -> float:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refusal("IncompleteSignature", "X-Amz-Date must be in ISO-8601 basic format.") from None


def _check_scope(service: str, signed_headers: list[str], request: Request, mismatch: str) -> None:
    if service != _SERVICE:
        raise Refusal(mismatch, f"Credential should be scoped to correct service: '{_SERVICE}'.")
    must_sign = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    if missing := sorted(must_sign.difference(signed_headers)):
        raise Refusal(mismatch, f"These headers must be signed: {', '.join(missing)}.")


def _canonical(request: Request, signed_headers: str) -> bytes:
    names = signed_headers.split(";")
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    pairs = [pair.partition("=") for pair in request.query.split("&") if pair]
    query = "&".join(sorted(f"{_encoded(name)}={_encoded(value)}" for name, _, value in pairs))
    lines = [
        request.method,
        quote(request.target, safe="/~"),
        query,
        headers,
        signed_headers,
        hashlib.sha256(request.body).hexdigest(),
    ]
    return "\n".join(lines).encode()


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


@lru_cache(maxsize=16)
def _key(day: str, region: str) -> bytes:
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (day, region, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
